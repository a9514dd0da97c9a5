"""The proof that the counters are the sum of the ledger: it finds every difference, and none that is none."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.books import IN_COUNTERS
from tests.builders import NOON, entry, event
from tests.conftest import Metrics
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.stack import Stack
from tollgate import days
from tollgate.records import SpendEvent
from tollgate.storage.codec import typed

DAY = "2026-05-04"


async def counted(stack: Stack, *events: SpendEvent) -> None:
    for one in events:
        await stack.ledger.close(one)
    await stack.counting().count(events)


def several(count: int = 12, **fields: Any) -> list[SpendEvent]:
    return [event(started_at=NOON, customer_id=f"c{n % 5}" if n % 4 else "", **fields) for n in range(count)]


def change(aws: FakeAws, kind: str, name: str, value: Any, day: str = DAY) -> None:
    """Falsify a day's first counter of a kind, or take it away."""
    table = aws.dynamodb.tables[COUNTERS]
    of_day = (item for item in table.items() if item["sk"]["S"].startswith(f"{day}#"))
    item = next(item for item in of_day if item["pk"]["S"].startswith(kind))
    key = table.key(item)
    if value is None:
        del table.partitions[key[0]][key[1]]
    else:
        table.put(key, {**item, IN_COUNTERS[name]: typed(value)})


async def test_counters_that_are_the_sum_of_the_ledger_do_not_drift(stack: Stack) -> None:
    await counted(stack, *several())
    assert await stack.drift().of_day(DAY) == 0
    assert len((await stack.drift().booked(DAY)).by_customer) == 6


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("LD#", "cost", Decimal("0.0000045000000000001")),
        ("LD#", "api_requests", 99),
        ("T#", "charge", Decimal(1)),
        ("T#", "failed_requests", 1),
        ("LD#", "", None),
        ("T#", "", None),
    ],
)
async def test_a_counter_that_is_off_by_anything_is_one_difference(
    stack: Stack, aws: FakeAws, kind: str, name: str, value: Any
) -> None:
    await counted(stack, *several())
    change(aws, kind, name, value)
    assert await stack.drift().of_day(DAY) == 1


async def test_an_event_that_is_in_the_ledger_and_in_no_counter_is_found(stack: Stack, aws: FakeAws) -> None:
    await counted(stack, *several())
    await stack.ledger.close(lost := event(started_at=NOON, customer_id="new", model="new"))
    assert await stack.drift().of_day(DAY) == 0  # it is pending: its time will come
    await stack.database.update({**stack.ledger.unmark(lost.entry.request_id)["Update"], "TableName": LEDGER})
    assert await stack.drift().of_day(DAY) == 2  # its customer's sums, and its model's


async def test_a_counter_that_stands_for_nothing_in_the_ledger_is_found(stack: Stack, aws: FakeAws) -> None:
    await counted(stack, *several())
    gone = next(i for i in aws.items(LEDGER) if i["customer"]["S"] == "C#c1")
    del aws.dynamodb.tables[LEDGER].partitions[gone["day_slot"]["S"]][gone["request_id"]["S"]]
    assert await stack.drift().of_day(DAY) == 2


async def test_open_entries_do_not_count(stack: Stack) -> None:
    await counted(stack, *several())
    await stack.ledger.open(entry(started_at=NOON))
    assert await stack.drift().of_day(DAY) == 0


async def test_a_day_that_moves_while_it_is_compared_is_compared_again(stack: Stack, aws: FakeAws) -> None:
    await counted(stack, *several())
    late = event(started_at=NOON, customer_id="late")
    aws.meanwhile(lambda: counted(stack, late), when=lambda query: query.get("TableName") == LEDGER)
    assert await stack.drift().of_day(DAY) == 0


async def test_a_day_that_never_rests_is_reported_as_it_was_seen_last(stack: Stack, aws: FakeAws) -> None:
    await counted(stack, *several())
    for nth in range(1, 200):
        late = event(started_at=NOON, customer_id="busy")
        aws.meanwhile(
            partial(counted, stack, late), nth=nth * 16, when=lambda query: query.get("TableName") == LEDGER
        )
    assert await stack.drift().of_day(DAY) > 0


async def test_a_day_is_that_of_the_reporting_zone_wherever_its_entries_lie(stack: Stack) -> None:
    zone = "Pacific/Kiritimati"
    moments = [NOON + timedelta(hours=hours) for hours in (-27, -14, -3, 0, 9, 11, 13)]
    events = [event(started_at=moment, day=days.reporting_day(moment, zone)) for moment in moments]
    await counted(stack, *events)
    for day in {one.entry.day for one in events}:
        booked = await stack.drift().booked(day)
        expected = sum(one.entry.day == day for one in events)
        assert sum(sums["api_requests"] for sums in booked.by_customer.values()) == expected
        assert await stack.drift().of_day(day) == 0


async def test_the_report_covers_yesterday_and_today_and_is_a_metric(
    stack: Stack, aws: FakeAws, metrics: Metrics
) -> None:
    now = datetime.now(UTC)
    await counted(stack, event(started_at=now), event(started_at=now - timedelta(days=1)))
    today, yesterday = (f"{now - timedelta(days=n):%Y-%m-%d}" for n in (0, 1))
    assert await stack.drift().recent("UTC") == {yesterday: 0, today: 0}
    assert metrics() == {"LedgerCounterDrift": 0}
    change(aws, "LD#", "cost", Decimal(3), today)
    assert await stack.drift().recent("UTC") == {yesterday: 0, today: 1}
    assert metrics() == {"LedgerCounterDrift": 1}


async def test_a_sum_of_zero_and_none_at_all_are_the_same(stack: Stack, aws: FakeAws) -> None:
    await counted(stack, *several())
    change(aws, "T#", "failed_requests", 0)
    assert await stack.drift().of_day(DAY) == 0
