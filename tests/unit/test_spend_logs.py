"""Pages of the logs: complete, in order, filtered, and no dearer than what they show."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, entry, event, request_id_at
from tests.fakes import FakeAws
from tests.logs import booked, clock, ids, page, pages
from tests.stack import Stack
from tollgate.days import reporting_day
from tollgate.ids import instant, slot_of
from tollgate.records import SpendEvent, Usage

ZONES = ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"]


@st.composite
def booked_events(draw: st.DrawFn) -> tuple[str, list[SpendEvent]]:
    zone = draw(st.sampled_from(ZONES))
    made = []
    for number in range(draw(st.integers(0, 40))):
        began = NOON + timedelta(minutes=draw(st.integers(-6000, 6000)))
        made.append(
            event(
                started_at=began,
                day=reporting_day(began, zone),
                request_id=request_id_at(began, number + 1),
                customer_id=draw(st.sampled_from(["", "acme", "zoë ✓"])),
                model=draw(st.sampled_from(["gpt-4o", "gpt-4o-mini"])),
                session_id=draw(st.sampled_from(["", "s1", "s12"])),
                tags=draw(st.sampled_from([(), ("eu",), ("eu", "prod")])),
                status=draw(st.sampled_from(["success", "failure"])),
                http_status=draw(st.sampled_from([200, 500])),
                charge=Decimal(draw(st.integers(0, 5))),
            )
        )
    return zone, made


filters = st.fixed_dictionaries(
    {},
    optional={
        "end_user": st.sampled_from(["acme", "zoë ✓", "nobody", "Unassigned"]),
        "model": st.sampled_from(["gpt-4o", "none"]),
        "session_id": st.sampled_from(["s1", "s12"]),
        "tag": st.sampled_from(["eu", "prod", "x"]),
        "status_filter": st.sampled_from(["success", "failure"]),
        "error_code": st.just("500"),
        "min_spend": st.sampled_from(["2", "2.5"]),
        "max_spend": st.just("3"),
    },
)


def is_asked(one: SpendEvent, asked: dict[str, str], first: str, last: str) -> bool:
    """The same question in the simplest words."""
    customer = {"Unassigned": ""}.get(asked.get("end_user", ""), asked.get("end_user"))
    return (
        first <= one.entry.day <= last
        and customer in (None, one.entry.customer_id)
        and asked.get("model") in (None, one.entry.model)
        and asked.get("session_id", "") in one.entry.session_id
        and ("tag" not in asked or asked["tag"] in one.entry.tags)
        and asked.get("status_filter") in (None, one.status)
        and asked.get("error_code") in (None, str(one.http_status))
        and Decimal(asked.get("min_spend", 0)) <= one.charge <= Decimal(asked.get("max_spend", 99))
    )


@settings(max_examples=60, deadline=None)
@given(booked_events(), filters, st.integers(-4, 4), st.integers(1, 15), st.booleans())
async def test_pages_by_cursor_are_the_whole_in_order_whatever_is_asked(
    given_: tuple[str, list[SpendEvent]], asked: dict[str, str], first: int, size: int, oldest: bool
) -> None:
    zone, events = given_
    stack = Stack.over()
    await booked(stack, *events)
    start = (NOON + timedelta(days=first)).date()
    end = start + timedelta(days=size % 7)
    range_ = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    question: Any = {**range_, **asked, "sort_order": "asc" if oldest else "desc", "page_size": size}
    found = await pages(stack, clock(zone=zone), **question)
    expected = [e for e in events if is_asked(e, asked, *range_.values())]
    expected.sort(key=lambda e: e.entry.request_id, reverse=not oldest)
    assert [i for one in found for i in ids(one)] == [e.entry.request_id for e in expected]
    assert all(len(one["data"]) == size for one in found[:-1])
    totals = {one["total"] for one in found} - {None}
    assert totals <= {len(expected)}
    numbered = await page(stack, clock(zone=zone), **question, page=2)
    assert ids(numbered) == [e.entry.request_id for e in expected][size : 2 * size]


async def test_the_total_is_known_where_counters_know_it(stack: Stack) -> None:
    events = [event(started_at=NOON, status="failure" if n % 3 else "success") for n in range(7)]
    await booked(stack, *events)
    found = await page(stack, page_size=3)
    assert (found["total"], found["total_pages"], found["has_more"]) == (7, 3, True)
    assert (await page(stack, end_user="acme", status_filter="success"))["total"] == 3
    assert (await page(stack, min_spend="0"))["total"] is None
    part: Any = {"start_date": "2026-05-04 11:00:00", "end_date": "2026-05-04 13:00:00"}
    found = await page(stack, **part)
    assert (found["total"], len(found["data"])) == (None, 7)
    since: Any = {"start_date": "2026-05-04 11:00:00", "end_date": "2026-05-31"}
    until: Any = {"start_date": "2026-05-01", "end_date": "2026-05-04 13:00:00"}
    assert [(await page(stack, **one))["total"] for one in (since, until)] == [None, None]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("size", [1, 7, 20, 200])
async def test_nothing_is_left_out_where_one_part_has_all_that_comes_first(
    stack: Stack, aws: FakeAws, order: str, size: int
) -> None:
    """Of customers one after the other, and of a day whose calls lie in two of its slots."""
    ids_ = (request_id_at(NOON + timedelta(seconds=n), n + 1) for n in range(2000))
    of_slots = [one for one in ids_ if slot_of(one) in (3, 4)][:120]
    events = [
        event(started_at=instant(one), request_id=one, customer_id=("a", "b", "c")[n // 40])
        for n, one in enumerate(of_slots)
    ]
    await booked(stack, *events)
    expected = of_slots if order == "asc" else of_slots[::-1]
    for may in (None, frozenset({"a", "b", "c"})):
        found = await page(stack, may=may, sort_order=order, page_size=size)
        assert ids(found) == expected[:size]
    assert [i for one in await pages(stack, sort_order=order, page_size=size) for i in ids(one)] == expected


async def test_a_moment_is_utc_and_its_last_second_is_included(stack: Stack) -> None:
    moments = [NOON, NOON + timedelta(milliseconds=999), NOON + timedelta(seconds=1)]
    await booked(stack, *(event(started_at=one) for one in moments))
    exactly: Any = {"start_date": "2026-05-04 12:00:00", "end_date": "2026-05-04 12:00:00"}
    found = await page(stack, clock(zone="Asia/Kolkata"), **exactly)
    assert len(found["data"]) == 2


async def test_open_entries_are_not_in_the_log(stack: Stack) -> None:
    await stack.ledger.open(entry(started_at=NOON))
    assert (await page(stack))["data"] == []


async def test_a_row_is_litellms(stack: Stack) -> None:
    usage = Usage(input=10, cache_read=4, output=5, reasoning=2)
    one = event(
        started_at=NOON,
        usage=usage,
        session_id="s1",
        tags=("eu",),
        spend_logs_metadata='{"job":1.10}',
        charge=Decimal("0.00000000000000000000012345"),
    )
    await booked(stack, one)
    (row,) = (await page(stack))["data"]
    assert row.keys() >= {
        "call_type",
        "startTime",
        "endTime",
        "metadata",
        "request_tags",
        "end_user",
        "cache_hit",
    }
    assert row["spend"] == Decimal("0.00000000000000000000012345")
    assert (row["prompt_tokens"], row["completion_tokens"], row["total_tokens"]) == (14, 7, 21)
    assert (row["call_type"], row["end_user"], row["session_id"]) == ("acompletion", "acme", "s1")
    assert row["request_tags"] == ["eu"]
    assert row["startTime"] == "2026-05-04T12:00:00.000Z"
    assert row["metadata"]["spend_logs_metadata"] == {"job": Decimal("1.10")}
    assert row["metadata"]["usage_object"] == {"input": 10, "cache_read": 4, "output": 5, "reasoning": 2}


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("spend", [3, 2, 1]),
        ("total_tokens", [1, 3, 2]),
        ("request_duration_ms", [2, 1, 3]),
        ("model", [1, 2, 3]),
        ("endTime", [2, 3, 1]),
    ],
)
async def test_other_orders_read_all_of_the_range(stack: Stack, by: str, order: list[int]) -> None:
    def one(number: int, *given_: Any) -> SpendEvent:
        charge, tokens, took, model, closed = given_
        began = NOON + timedelta(minutes=number)
        return event(
            started_at=began,
            session_id=str(number),
            charge=Decimal(charge),
            usage=Usage(input=tokens),
            duration_ms=took,
            model=model,
            closed_at=NOON + timedelta(hours=closed),
        )

    await booked(stack, one(1, 1, 30, 20, "c", 1), one(2, 2, 10, 30, "b", 3), one(3, 3, 20, 10, "a", 2))
    found = await page(stack, sort_by=by, page_size=2)
    again = await page(stack, sort_by=by, page_size=2, page=2)
    assert [int(r["session_id"]) for r in found["data"] + again["data"]] == order
    assert (found["has_more"], again["has_more"]) == (True, False)


async def test_a_customers_page_is_a_count_a_query_and_a_batch(stack: Stack, aws: FakeAws) -> None:
    await booked(stack, *(event(started_at=NOON + timedelta(seconds=n)) for n in range(120)))
    aws.calls.clear()
    found = await page(stack, end_user="acme", page_size=50)
    assert len(found["data"]) == 50
    assert Counter(call.operation for call in aws.calls) == {"Query": 2, "BatchGetItem": 1}
    assert max(len(q["RequestItems"]["ledger"]["Keys"]) for q in aws.called("BatchGetItem")) <= 52


async def test_a_page_of_everybody_reads_little_more_than_it_shows_and_skips_empty_days(
    stack: Stack, aws: FakeAws
) -> None:
    began = NOON - timedelta(days=300)
    await booked(stack, *(event(started_at=began + timedelta(seconds=n)) for n in range(400)))
    aws.calls.clear()
    found = await page(stack, start_date="2025-05-01", end_date="2026-05-04", page_size=50)
    assert len(found["data"]) == 50
    ledger = [q for q in aws.called("Query") if q["TableName"] == "ledger"]
    days = {q["ExpressionAttributeValues"][":partition"]["S"][:10] for q in ledger}
    assert days <= {"2025-07-08", "2026-05-02", "2026-05-03", "2026-05-04"}
    read = sum(q["Limit"] for q in ledger if "2025-07-08" in str(q))
    assert read <= 50 * 6
