"""Housekeeping: what a crash left open is closed, what is pending counted, what was spilled written; once."""

import asyncio
import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import entry, event
from tests.conftest import Metrics
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.housekeeping import (
    ago,
    balanced,
    old_entry,
    pending,
    requests_counted,
    spill,
    standing,
    young_entry,
)
from tests.stack import Stack
from tollgate.closing import Closing
from tollgate.ids import SLOTS, instant, slot_of
from tollgate.models import Models, load_models
from tollgate.money import ZERO
from tollgate.records import Usage
from tollgate.settings import ReconcileSettings
from tollgate.storage.checkpoints import Checkpoints


async def test_an_entry_left_open_is_closed_as_estimated_and_counted(stack: Stack) -> None:
    await stack.ledger.open(left := old_entry(input_estimate=1000, output_limit=2000))
    report = await stack.reconcile().sweep()
    assert report.as_dict() == {
        "closed": 1,
        "counted": 1,
        "replayed": 0,
        "failed": 0,
        "left": 0,
        "released": 0,
    }
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
        "released": 0,
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
                model="gpt-5.6-luna",
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
    await stack.ledger.open(running := young_entry())
    await stack.reconcile().sweep()
    aws.calls.clear()
    await stack.reconcile().sweep()
    starts = [query["ExpressionAttributeValues"][":start"]["S"] for query in aws.called("Query")]
    assert min(map(instant, starts)) == running.started_at
    assert len([start for start in starts if instant(start) > ago(seconds=120)]) >= SLOTS - 1


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
