"""Letters: what the ledger could not take is written later, once, and before anything is estimated."""

from decimal import Decimal
from io import StringIO
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.builders import event
from tests.fakes import FakeAws
from tests.housekeeping import ago, balanced, old_entry, requests_counted, spill, standing, young_entry
from tests.stack import Stack
from tollgate.storage.aws import AwsUnavailable

if TYPE_CHECKING:
    from tollgate.records import Entry, SpendEvent

ON_FAILURE = (
    '{"DDBStreamBatchInfo": {"shardId": "s"}, "requestContext": {"condition": "RetryAttemptsExhausted"}}'
)


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
    for one in closed:
        await spill(stack, one.entry, one)
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
