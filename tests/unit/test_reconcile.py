"""Housekeeping: what a crash left open is closed, what is pending counted, what was spilled written; once."""

import asyncio
import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import permutations
from typing import Any

import pytest

from tests.builders import entry, event
from tests.conftest import Metrics
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.stack import Stack
from tollgate.closing import Closing
from tollgate.ids import SLOTS, instant, slot_of
from tollgate.models import Models, load_models
from tollgate.money import ZERO
from tollgate.records import Entry, SpendEvent, Usage
from tollgate.settings import ReconcileSettings
from tollgate.storage.aws import AwsUnavailable
from tollgate.storage.checkpoints import Checkpoints

ON_FAILURE = (
    '{"DDBStreamBatchInfo": {"shardId": "s"}, "requestContext": {"condition": "RetryAttemptsExhausted"}}'
)


def ago(**time: float) -> datetime:
    moment = datetime.now(UTC) - timedelta(**time)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def old_entry(**fields: Any) -> Entry:
    return entry(**{"started_at": ago(seconds=961), "model_group": "gpt-4o-mini", **fields})


def young_entry(**fields: Any) -> Entry:
    return entry(**{"started_at": ago(seconds=900), "model_group": "gpt-4o-mini", **fields})


async def spill(stack: Stack, *records: Entry | SpendEvent) -> None:
    """Put letters into the queue, as a proxy does that cannot reach the table."""
    stack.aws.fail("PutItem", "AccessDeniedException", times=len(records))
    for record in records:
        if isinstance(record, Entry):
            await stack.books().open(record).durable()
        else:
            await stack.books().close(record)


async def standing(stack: Stack, of: Entry) -> SpendEvent:
    found = await stack.ledger.get(of.request_id)
    assert isinstance(found, SpendEvent)
    return found


async def balanced(stack: Stack, *entries: Entry) -> bool:
    """Whether everything in the ledger is counted, exactly."""
    days = {e.day for e in entries}
    return not any([await stack.drift().of_day(day) for day in days]) and pending(stack.aws) == 0


def pending(aws: FakeAws) -> int:
    return sum("pending" in item for item in aws.items(LEDGER))


def requests_counted(aws: FakeAws) -> int:
    days = [item for item in aws.items(COUNTERS) if item["sk"]["S"].startswith("D#")]
    return sum(int(item["api_requests"]["N"]) for item in days)


async def test_an_entry_left_open_is_closed_as_estimated_and_counted(stack: Stack) -> None:
    await stack.ledger.open(left := old_entry(input_estimate=1000, output_limit=2000))
    report = await stack.reconcile().sweep()
    assert report.as_dict() == {"closed": 1, "counted": 1, "replayed": 0, "failed": 0, "left": 0}
    closed = await standing(stack, left)
    assert (closed.status, closed.ending, closed.http_status) == ("failure", "abandoned", 0)
    assert closed.usage == Usage(input=1000, output=2000)
    assert closed.cost == closed.charge == Decimal("0.00135")
    assert closed.estimated.startswith("abandoned; ")
    assert closed.duration_ms is None
    assert await balanced(stack, left)


async def test_an_entry_without_a_limit_is_estimated_by_the_setting(stack: Stack) -> None:
    await stack.ledger.open(left := old_entry(output_limit=0))
    await stack.reconcile(estimated_output_tokens=77).sweep()
    assert (await standing(stack, left)).usage.output == 77


async def test_an_entry_that_may_still_be_running_is_left_alone(stack: Stack, aws: FakeAws) -> None:
    await stack.ledger.open(running := young_entry())
    assert (await stack.reconcile().sweep()).as_dict() == {
        "closed": 0,
        "counted": 0,
        "replayed": 0,
        "failed": 0,
        "left": 1,
    }
    assert await stack.ledger.get(running.request_id) == running
    assert aws.stream() == []


async def test_the_limit_is_the_deployments(stack: Stack) -> None:
    await stack.ledger.open(left := young_entry())
    assert (await stack.reconcile(reconcile_open_after_seconds=899).sweep()).closed == 1
    assert (await standing(stack, left)).ending == "abandoned"


async def test_an_abandoned_call_is_priced_as_of_its_own_day(stack: Stack) -> None:
    dear, cheap = (
        closing(stack).abandoned(
            entry(
                started_at=datetime.fromisoformat(f"2026-{day}T12:00:00+00:00"),
                model_group="gpt-5.6-luna",
                input_estimate=1_000_000,
            )
        )
        for day in ("07-29", "07-30")
    )
    assert dear.cost > cheap.cost > 0


async def test_an_abandoned_call_of_a_model_that_is_gone_is_booked_unpriced_and_loudly(
    stack: Stack, metrics: Metrics
) -> None:
    await stack.ledger.open(left := old_entry(model_group="removed-since", model="x", provider="gone"))
    assert (await stack.reconcile().sweep()).counted == 1
    closed = await standing(stack, left)
    assert (closed.unpriced, closed.cost) == (True, ZERO)
    assert metrics() == {"UnpricedRequests": 1}


async def test_what_the_recorder_left_pending_is_counted(stack: Stack) -> None:
    closed = [event(started_at=ago(minutes=n)) for n in range(40)]
    for one in closed:
        await stack.ledger.close(one)
    await stack.counting().count(closed[:10])
    report = await stack.reconcile().sweep()
    assert (report.counted, report.closed, report.left) == (30, 0, 0)
    assert await balanced(stack, *(one.entry for one in closed))


async def test_a_run_beside_another_and_beside_the_recorder_counts_everything_once(
    stack: Stack, aws: FakeAws
) -> None:
    opened = [old_entry(customer_id=f"c{n % 3}") for n in range(20)]
    for one in opened:
        await stack.ledger.open(one)
    beside = Stack.over(aws)
    await asyncio.gather(stack.reconcile().sweep(), beside.reconcile().sweep())
    await stack.record()
    assert requests_counted(aws) == 20
    assert await balanced(stack, *opened)


async def test_a_call_that_ends_while_it_is_given_up_is_booked_as_it_ended(
    stack: Stack, aws: FakeAws
) -> None:
    await stack.ledger.open(slow := old_entry())
    ended = event(entry=slow)
    aws.meanwhile(lambda: stack.ledger.close(ended), when=lambda put: "ending" in put.get("Item", {}))
    await stack.reconcile().sweep()
    assert await standing(stack, slow) == ended
    assert requests_counted(aws) == 1
    assert await balanced(stack, slow)


@pytest.mark.parametrize("applied", [False, True])
async def test_a_close_whose_answer_was_lost_is_counted_once(
    stack: Stack, aws: FakeAws, applied: bool
) -> None:
    await stack.ledger.open(left := old_entry())
    aws.hang_up("PutItem", applied=applied)
    await stack.reconcile().sweep()
    assert requests_counted(aws) == 1
    assert await balanced(stack, left)


async def test_a_second_run_changes_nothing(stack: Stack, aws: FakeAws) -> None:
    await stack.ledger.open(old_entry())
    await stack.ledger.close(event(started_at=ago(minutes=2)))
    await spill(stack, event(started_at=ago(minutes=3)), old_entry(customer_id="other"))
    await stack.reconcile().sweep()
    before = copy.deepcopy([aws.items(LEDGER), counters(aws)])
    aws.queue.reappear()
    report = await stack.reconcile().sweep()
    assert set(report.as_dict().values()) == {0}
    assert [aws.items(LEDGER), counters(aws)] == before
    assert aws.queue.bodies == {}


def counters(aws: FakeAws) -> list[Any]:
    return [item for item in aws.items(COUNTERS) if item["pk"]["S"] != "R"]


async def checkpoint(stack: Stack, slot: int) -> datetime | None:
    return (await Checkpoints(stack.database, COUNTERS).load()).get(slot)


async def test_a_run_remembers_how_far_everything_is_settled(stack: Stack) -> None:
    await stack.ledger.open(running := young_entry())
    before = datetime.now(UTC)
    await stack.reconcile().sweep()
    for slot in range(SLOTS):
        reached = await checkpoint(stack, slot)
        assert reached is not None
        if slot == slot_of(running.request_id):
            assert reached == instant(running.request_id)
        else:
            assert before <= reached + timedelta(seconds=60) <= datetime.now(UTC)


async def test_the_next_run_reads_from_there_on(stack: Stack, aws: FakeAws) -> None:
    await stack.reconcile().sweep()
    aws.calls.clear()
    await stack.reconcile().sweep()
    assert len(aws.called("Query")) <= 2 * SLOTS
    aws.calls.clear()
    await Stack.over().reconcile().sweep()


async def test_what_could_not_be_counted_is_looked_at_again(
    stack: Stack, aws: FakeAws, metrics: Metrics
) -> None:
    await stack.ledger.close(bad := event(started_at=ago(minutes=30), model="m" * 1100))
    for _ in range(2):
        assert (await stack.reconcile().sweep()).failed == 1
        assert metrics() == {"UncountedEvents": 1}
    reached = await checkpoint(stack, slot_of(bad.entry.request_id))
    assert reached == bad.entry.started_at


async def test_an_entry_closed_after_the_checkpoint_passed_it_by_is_not_lost(stack: Stack) -> None:
    running = young_entry()
    await stack.ledger.open(running)
    await stack.reconcile().sweep()
    await stack.ledger.close(event(entry=running))
    assert (await stack.reconcile().sweep()).counted == 1
    assert await balanced(stack, running)


async def test_a_spilled_close_is_written_counted_and_leaves_the_queue(stack: Stack, aws: FakeAws) -> None:
    closed = event(started_at=ago(minutes=5))
    await stack.ledger.open(closed.entry)
    await spill(stack, closed)
    assert (await stack.reconcile().sweep()).replayed == 1
    assert await standing(stack, closed.entry) == closed
    assert aws.queue.bodies == {}
    assert await balanced(stack, closed.entry)


async def test_a_spilled_close_that_was_written_after_all_is_counted_once(stack: Stack, aws: FakeAws) -> None:
    closed = event(started_at=ago(minutes=5))
    await stack.ledger.close(closed)
    await stack.record()
    await spill(stack, closed, closed)
    assert (await stack.reconcile().sweep()).replayed == 2
    assert requests_counted(aws) == 1
    assert aws.queue.bodies == {}


async def test_a_spilled_close_older_than_any_look_back_is_counted(stack: Stack) -> None:
    closed = event(started_at=ago(days=9))
    await spill(stack, closed)
    await stack.reconcile().sweep()
    assert await balanced(stack, closed.entry)


async def test_a_spilled_open_that_may_still_be_running_is_written_and_stays_in_the_queue(
    stack: Stack, aws: FakeAws
) -> None:
    await spill(stack, running := young_entry())
    for _ in range(2):
        report = await stack.reconcile().sweep()
        assert (report.replayed, report.closed) == (0, 0)
        assert await stack.ledger.get(running.request_id) == running
        assert len(aws.queue.bodies) == 1
        aws.queue.reappear()
    await stack.books().close(event(entry=running))
    assert (await stack.reconcile().sweep()).replayed == 1
    assert aws.queue.bodies == {}
    assert await balanced(stack, running)


async def test_a_spilled_open_that_is_old_is_closed_as_estimated(stack: Stack, aws: FakeAws) -> None:
    await spill(stack, left := old_entry())
    assert (await stack.reconcile().sweep()).replayed == 1
    assert (await standing(stack, left)).ending == "abandoned"
    assert aws.queue.bodies == {}
    assert await balanced(stack, left)


async def test_a_spilled_open_whose_close_was_written_is_done_with(stack: Stack, aws: FakeAws) -> None:
    await spill(stack, opened := young_entry())
    await stack.books().close(event(entry=opened))
    assert (await stack.reconcile().sweep()).replayed == 1
    assert aws.queue.bodies == {}
    assert await balanced(stack, opened)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_measured_close_in_the_queue_wins_over_an_estimate_in_whatever_order_it_comes(
    stack: Stack, aws: FakeAws, order: tuple[int, ...]
) -> None:
    both, only_closed = old_entry(), old_entry()
    await stack.ledger.open(only_closed)
    measured = [event(entry=both, cost=Decimal(7)), event(entry=only_closed, cost=Decimal(9))]
    records: list[Entry | SpendEvent] = [both, *measured]
    await spill(stack, *(records[which] for which in order))
    await stack.reconcile().sweep()
    assert [await standing(stack, e) for e in (both, only_closed)] == measured
    assert aws.queue.bodies == {}
    assert await balanced(stack, both, only_closed)


async def test_a_long_queue_is_replayed_to_its_end(stack: Stack, aws: FakeAws) -> None:
    closed = [event(started_at=ago(minutes=5)) for n in range(35)]
    records: list[Entry | SpendEvent] = [*(one.entry for one in closed), *closed]
    await spill(stack, *records)
    assert (await stack.reconcile().sweep()).replayed == 70
    assert aws.queue.bodies == {}
    assert await balanced(stack, *(one.entry for one in closed))


async def test_a_record_of_lambdas_own_is_deleted_since_its_events_are_swept(
    stack: Stack, aws: FakeAws
) -> None:
    await stack.ledger.close(closed := event(started_at=ago(minutes=5)))
    aws.queue.send(ON_FAILURE)
    report = await stack.reconcile().sweep()
    assert (report.replayed, report.counted) == (1, 1)
    assert aws.queue.bodies == {}
    assert await balanced(stack, closed.entry)


@pytest.mark.parametrize("junk", ["", "hello", "{}", '{"closed": {"entry": {}}}', "[]"])
async def test_a_message_that_cannot_be_read_is_kept_and_holds_up_no_other(
    stack: Stack, aws: FakeAws, log: StringIO, junk: str
) -> None:
    aws.queue.send(junk)
    await spill(stack, closed := event(started_at=ago(minutes=5)))
    report = await stack.reconcile().sweep()
    assert (report.replayed, report.failed) == (1, 1)
    assert list(aws.queue.bodies.values()) == [junk]
    assert "letter not replayed" in log.getvalue()
    assert await balanced(stack, closed.entry)


async def test_a_letter_that_the_table_never_takes_is_kept_and_holds_up_no_other(
    stack: Stack, aws: FakeAws
) -> None:
    bad, good = event(started_at=ago(minutes=5)), event(started_at=ago(minutes=4))
    await spill(stack, bad, good)
    aws.fail("PutItem", "ValidationException", times=99, when=lambda put: bad.entry.request_id in str(put))
    report = await stack.reconcile().sweep()
    assert (report.replayed, report.failed) == (1, 1)
    assert len(aws.queue.bodies) == 1
    assert await balanced(stack, good.entry)


async def test_while_the_queue_cannot_be_read_events_are_counted_but_nothing_is_closed_by_estimate(
    stack: Stack, aws: FakeAws
) -> None:
    await stack.ledger.open(left := old_entry())
    await stack.ledger.close(closed := event(started_at=ago(minutes=5)))
    aws.hang_up("ReceiveMessage", times=5)
    with pytest.raises(AwsUnavailable):
        await stack.reconcile().sweep()
    assert await stack.ledger.get(left.request_id) == left
    assert await balanced(stack, closed.entry)
    await stack.reconcile().sweep()
    assert (await standing(stack, left)).ending == "abandoned"


async def test_a_run_that_dies_anywhere_is_made_good_by_the_next() -> None:
    for at in [*range(1, 14), *range(14, 90, 11)]:
        stack = Stack.over()
        opened = old_entry()
        await stack.ledger.open(opened)
        await stack.ledger.close(closed := event(started_at=ago(minutes=5)))
        await spill(stack, spilled := event(started_at=ago(minutes=3)), old := old_entry(customer_id="b"))
        stack.aws.calls.clear()
        await die_after(stack, at)
        stack.aws.queue.reappear()
        await stack.reconcile().sweep()
        assert (requests_counted(stack.aws), pending(stack.aws)) == (4, 0), at
        for ended in (closed, spilled):
            assert await standing(stack, ended.entry) == ended, at
        for lost in (opened, old):
            assert (await standing(stack, lost)).ending == "abandoned", at


async def die_after(stack: Stack, calls: int) -> None:
    """Run the housekeeping until its process is killed, so many calls in."""

    async def kill() -> None:
        run.cancel()

    stack.aws.meanwhile(kill, nth=calls)
    run = asyncio.create_task(stack.reconcile().sweep())
    await asyncio.gather(run, return_exceptions=True)


def closing(stack: Stack, models: Models | None = None) -> Closing:
    return Closing(stack.ledger, stack.counting(), models or load_models(), ReconcileSettings())


def without(models: Models, name: str) -> Models:
    return models.model_copy(update={"models": [m for m in models.models if m.name != name]})


async def test_an_abandoned_alias_is_priced_as_its_model(stack: Stack) -> None:
    shipped = load_models()
    alias = shipped.models[0].model_copy(update={"name": "fast", "model": "gpt-4o"})
    models = shipped.model_copy(update={"models": [alias, *shipped.models]})
    left = replace(old_entry(input_estimate=10**6), model_group="fast", model="gpt-4o")
    assert closing(stack, models).abandoned(left).cost == Decimal("2.501")
    assert closing(stack, without(models, "fast")).abandoned(left).unpriced
