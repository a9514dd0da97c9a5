"""What was spent by tag, as LiteLLM answers it: every number the sum over the ledger, as decimals."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, event
from tests.logs import booked, clock
from tests.stack import Stack
from tollgate.errors import NotAllowed
from tollgate.queries.question import InvalidQuery
from tollgate.queries.tag_spend import (
    TagParameters,
    spend_by_tag,
    spend_per_tag,
    spend_tags,
    tag_names,
    tag_question,
)


async def by_tag(stack: Stack, may: frozenset[str] | None = None, **asked: Any) -> Any:
    question = tag_question(TagParameters(**asked), clock(), may)
    return await spend_by_tag(question, stack.counters)


tagged = st.tuples(
    st.integers(-70, 70),
    st.sets(st.sampled_from(["eu", "prod", "a#b"]), max_size=3),
    st.decimals("0", "9", places=16),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(tagged, max_size=25), st.integers(-70, 70), st.integers(0, 90))
async def test_spend_by_tag_is_the_sum_over_the_ledger(
    calls: list[tuple[int, set[str], Decimal]], first: int, days: int
) -> None:
    stack = Stack.over()
    events = [
        event(started_at=NOON + timedelta(days=day), tags=tuple(sorted(tags)), charge=charge)
        for day, tags, charge in calls
    ]
    await booked(stack, *events)
    start = (NOON + timedelta(days=first)).date()
    end = start + timedelta(days=days)
    expected: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for one in events:
        if start.isoformat() <= one.entry.day <= end.isoformat():
            for tag in one.entry.tags:
                count, spend = expected[tag]
                expected[tag] = (count + 1, spend + one.charge)
    found = await by_tag(stack, start_date=start.isoformat(), end_date=end.isoformat())
    rows = spend_tags(found, "UTC").body
    assert {r["individual_request_tag"]: (r["log_count"], r["total_spend"]) for r in rows} == expected
    assert [r["total_spend"] for r in rows] == sorted((r["total_spend"] for r in rows), reverse=True)


async def test_litellms_three_shapes_and_the_last_thirty_days(stack: Stack) -> None:
    old = NOON - timedelta(days=30)
    await booked(
        stack,
        event(started_at=NOON, tags=("eu", "prod"), charge=Decimal("0.5")),
        event(started_at=NOON, tags=("prod",), charge=Decimal("0.25")),
        event(started_at=old, tags=("old",)),
    )
    found = await by_tag(stack)
    assert spend_tags(found, "UTC").body == [
        {"individual_request_tag": "prod", "log_count": 2, "total_spend": Decimal("0.75")},
        {"individual_request_tag": "eu", "log_count": 1, "total_spend": Decimal("0.5")},
    ]
    assert tag_names(found, "UTC").body == {"tag_names": ["eu", "prod"]}
    some = await by_tag(stack, tags="eu, nothing")
    assert spend_per_tag(some, "UTC").body == {
        "spend_per_tag": [{"name": "eu", "log_count": 1, "spend": Decimal("0.5")}]
    }
    assert (
        spend_per_tag(await by_tag(stack, tags="all-tags"), "UTC").body["spend_per_tag"][0]["name"] == "prod"
    )


async def test_who_may_read_some_customers_only_reads_no_tags(stack: Stack) -> None:
    with pytest.raises(NotAllowed, match="all customers"):
        await by_tag(stack, frozenset({"acme"}))


@pytest.mark.parametrize(
    "asked",
    [
        {"start_date": "2026-02-30"},
        {"start_date": "2026-05-05", "end_date": "2026-05-04"},
        {"start_date": "1900-01-01", "end_date": "2026-05-04"},
        {"end_date": "0001-01-01", "start_date": "nonsense"},
    ],
)
async def test_days_that_make_no_sense_are_refused(stack: Stack, asked: Any) -> None:
    with pytest.raises(InvalidQuery):
        await by_tag(stack, **asked)


async def test_the_first_day_there_is_can_be_asked_for(stack: Stack) -> None:
    assert await by_tag(stack, end_date="0001-01-01") == {}
