"""Whatever reached a provider is written once: in the table, or else in the queue, or else in the log."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, entry, event
from tests.conftest import Metrics
from tests.fakes import LEDGER, FakeAws
from tests.stack import Stack
from tollgate.errors import StoreUnavailable
from tollgate.ids import SLOTS, slot_of
from tollgate.ledger import Letter, read_letter
from tollgate.records import USAGE_CLASSES, Entry, SpendEvent, Usage
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, is_pending, parse, parse_image

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
counts = st.integers(0, 10**12)
money = st.decimals(0, 10**9, places=18)
moments = st.integers(0, 10**9).map(lambda ms: NOON + timedelta(milliseconds=ms))
entries = moments.flatmap(
    lambda began: st.builds(
        lambda **fields: entry(started_at=began, **fields),
        customer_id=texts,
        session_id=texts,
        model_group=texts,
        model=texts,
        stream=st.booleans(),
        input_estimate=counts,
        output_limit=counts,
    )
)
events = st.builds(
    SpendEvent,
    entry=entries,
    status=st.sampled_from(["success", "failure"]),
    ending=st.sampled_from(["finished", "client_gone", "abandoned", "upstream_cut"]),
    closed_at=moments,
    usage=st.builds(Usage, **dict.fromkeys(USAGE_CLASSES, counts)),
    cost=money,
    charge=money,
    price_version=texts,
    duration_ms=st.none() | counts,
    first_byte_ms=st.none() | counts,
    http_status=st.integers(0, 599),
    estimated=texts,
    unpriced=st.booleans(),
)


async def stored(stack: Stack, of: Entry) -> Entry | SpendEvent | None:
    return await stack.ledger.get(of.request_id)


def letters(aws: FakeAws) -> list[Letter | None]:
    return [read_letter(body) for body in aws.queue.bodies.values()]


@given(entries)
async def test_an_entry_is_read_back_as_it_was_opened(opened: Entry) -> None:
    stack = Stack.over()
    await stack.ledger.open(opened)
    assert await stored(stack, opened) == opened


@given(events)
async def test_a_spend_event_is_read_back_from_table_and_stream_as_it_was_closed(closed: SpendEvent) -> None:
    stack = Stack.over()
    await stack.ledger.close(closed)
    assert await stored(stack, closed.entry) == closed
    (record,) = stack.aws.stream()
    assert parse_image(record["dynamodb"]["NewImage"]) == closed


@given(events)
async def test_a_letter_holds_exactly_what_could_not_be_written(closed: SpendEvent) -> None:
    stack = Stack.over()
    stack.aws.fail("PutItem", "ValidationException", times=2)
    await stack.books().open(closed.entry).durable()
    await stack.books().close(closed)
    assert letters(stack.aws) == [Letter(opened=closed.entry), Letter(closed=closed)]


async def test_an_entry_is_opened_once_and_closed_over_itself(stack: Stack, aws: FakeAws) -> None:
    opened = entry()
    await stack.ledger.open(opened)
    with pytest.raises(ConditionFailed):
        await stack.ledger.open(opened)
    await stack.ledger.close(event(entry=opened))
    assert len(aws.items(LEDGER)) == 1
    (item,) = [item async for item in all_items(stack, opened)]
    assert is_pending(item)
    with pytest.raises(ConditionFailed) as found:
        await stack.ledger.close(event(entry=opened, cost=Decimal(1)))
    assert parse(found.value.item) == event(entry=opened)


def all_items(stack: Stack, opened: Entry) -> Any:
    began = opened.started_at
    day, slot = began.strftime("%Y-%m-%d"), slot_of(opened.request_id)
    return stack.ledger.between(day, slot, began - timedelta(seconds=1), began + timedelta(seconds=1))


async def test_opening_shows_no_mark_and_closing_marks_the_event_for_the_recorder(
    stack: Stack, aws: FakeAws
) -> None:
    opened = entry()
    await stack.ledger.open(opened)
    assert aws.stream() == []
    await stack.ledger.close(event(entry=opened))
    assert len(aws.stream()) == 1


async def test_an_entry_waits_until_it_is_durable(stack: Stack, aws: FakeAws) -> None:
    gate = aws.hold("PutItem")
    opened = entry()
    opening = stack.books().open(opened)
    await asyncio.wait_for(opening.on_the_wire(), 1)
    durable = asyncio.create_task(opening.durable())
    await asyncio.sleep(0.01)
    assert not durable.done()
    gate.set()
    await durable
    assert await stored(stack, opened) == opened


async def test_an_open_whose_answer_was_lost_is_open_and_not_in_the_queue(stack: Stack, aws: FakeAws) -> None:
    aws.hang_up("PutItem", applied=True)
    opened = entry()
    await stack.books().open(opened).durable()
    assert await stored(stack, opened) == opened
    assert letters(aws) == []


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ValidationException"])
async def test_an_open_that_the_table_refuses_goes_to_the_queue_and_the_call_goes_on(
    stack: Stack, aws: FakeAws, metrics: Metrics, code: str
) -> None:
    aws.fail("PutItem", code, times=9)
    opened = entry()
    opening = stack.books().open(opened)
    await opening.on_the_wire()
    await opening.durable()
    assert letters(aws) == [Letter(opened=opened)]
    assert metrics() == {"LedgerWriteFailures": 1}


async def test_a_close_that_the_table_refuses_goes_to_the_queue(
    stack: Stack, aws: FakeAws, metrics: Metrics
) -> None:
    aws.hang_up("PutItem", times=9)
    closed = event()
    assert await stack.books().close(closed)
    assert letters(aws) == [Letter(closed=closed)]
    assert metrics() == {"LedgerWriteFailures": 1}


async def test_a_close_whose_answer_was_lost_is_closed(stack: Stack, aws: FakeAws, metrics: Metrics) -> None:
    closed = event()
    await stack.ledger.open(closed.entry)
    aws.hang_up("PutItem", applied=True)
    assert await stack.books().close(closed)
    assert await stored(stack, closed.entry) == closed
    assert letters(aws) == []
    assert metrics() == {}


async def test_a_close_whose_answer_was_lost_is_closed_even_if_it_was_counted_meanwhile(
    stack: Stack, aws: FakeAws
) -> None:
    closed = event()
    await stack.ledger.close(closed)
    await stack.record()
    assert await stack.books().close(closed)


async def test_a_close_that_finds_another_leaves_it_and_says_so_with_the_whole_event(
    stack: Stack, log: StringIO, metrics: Metrics
) -> None:
    standing = event(ending="abandoned", estimated="abandoned")
    await stack.ledger.close(standing)
    late = replace(standing, ending="finished", estimated="")
    assert not await stack.books().close(late)
    assert await stored(stack, standing.entry) == standing
    assert metrics() == {"LedgerCloseConflicts": 1}
    assert read_letter(json.loads(log.getvalue())["letter"]) == Letter(closed=late)


async def test_a_write_that_neither_table_nor_queue_takes_is_in_the_log_and_refused(
    stack: Stack, aws: FakeAws, log: StringIO, metrics: Metrics
) -> None:
    for operation in ("PutItem", "SendMessage"):
        aws.hang_up(operation, times=99)
    closed = event()
    with pytest.raises(StoreUnavailable):
        await stack.books().close(closed)
    lost = [json.loads(line) for line in log.getvalue().splitlines()][-1]
    assert lost["level"] == "CRITICAL"
    assert read_letter(lost["letter"]) == Letter(closed=closed)
    assert metrics() == {"LedgerWriteFailures": 1, "LedgerWritesLost": 1}


async def test_a_call_is_not_made_when_it_is_known_that_nothing_takes_its_entry(
    stack: Stack, aws: FakeAws
) -> None:
    aws.fail("PutItem", "AccessDeniedException", times=99)
    aws.fail("SendMessage", "AccessDeniedException", times=99)
    opening = stack.books().open(entry())
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(asyncio.shield(_both(opening)), 1)


async def _both(opening: Any) -> None:
    await opening.on_the_wire()
    await opening.durable()


def test_a_record_of_lambdas_own_is_told_apart_from_letters() -> None:
    assert read_letter('{"DDBStreamBatchInfo": {"shardId": "s"}, "requestContext": {}}') is None


@pytest.mark.parametrize(
    "message", ["", "hello", "{}", "[]", '{"opened": {"request_id": "x"}}', '{"closed": 1}']
)
def test_a_message_of_another_kind_is_not_taken_for_a_letter(message: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expected|Object|neither|truncated"):
        read_letter(message)


async def test_entries_expire_after_the_retention_and_never_without_one(stack: Stack, aws: FakeAws) -> None:
    kept = LedgerTable(stack.database, LEDGER, retention_days=400)
    await kept.open(entry(started_at=NOON))
    (item,) = aws.items(LEDGER)
    assert item["expires_at"] == {"N": str(int((NOON + timedelta(days=400)).timestamp()))}
    await stack.ledger.open(entry())
    assert sum("expires_at" in item for item in aws.items(LEDGER)) == 1


async def test_closing_keeps_the_expiry(stack: Stack, aws: FakeAws) -> None:
    kept = LedgerTable(stack.database, LEDGER, retention_days=1)
    await kept.close(event())
    assert "expires_at" in aws.items(LEDGER)[0]


async def test_a_customers_requests_are_found_in_order_the_unassigned_too(stack: Stack, aws: FakeAws) -> None:
    aws.dynamodb.page_size = 2
    made = [entry(customer_id=who) for who in ("", "acme", "", "", "acme", "")]
    for opened in reversed(made):
        await stack.ledger.open(opened)
    for who in ("", "acme"):
        expected = [e.request_id for e in made if e.customer_id == who]
        assert await stack.ledger.of_customer(who) == expected
    assert await stack.ledger.of_customer("nobody") == []


async def test_a_partition_is_read_from_one_moment_to_another_page_after_page(
    stack: Stack, aws: FakeAws
) -> None:
    aws.dynamodb.page_size = 3
    made = [entry(started_at=NOON + timedelta(minutes=n)) for n in range(60)]
    for opened in made:
        await stack.ledger.open(opened)
    found = [
        item["request_id"]
        for slot in range(SLOTS)
        async for item in stack.ledger.between(
            "2026-05-04", slot, NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)
        )
    ]
    expected = [e.request_id for e in made if 10 <= (e.started_at - NOON) / timedelta(minutes=1) < 20]
    assert sorted(found) == expected


async def test_no_number_of_a_ledger_item_is_a_float_or_rounded(stack: Stack, aws: FakeAws) -> None:
    cost = Decimal("0.000000000000000001234567890123456789")
    await stack.ledger.close(event(cost=cost, charge=cost))
    (item,) = aws.items(LEDGER)
    assert Decimal(item["cost"]["N"]) == cost
