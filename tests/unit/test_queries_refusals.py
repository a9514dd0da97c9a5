"""What is answered about refused calls: for any of them, by reason and day, what they add up to."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stack import Stack
from tollgate.days import days_between
from tollgate.ids import SLOTS
from tollgate.queries.calendar import Reporting
from tollgate.queries.formats import to_csv
from tollgate.queries.question import InvalidQuery, Selection
from tollgate.queries.refusals import Refusals, refusals_question
from tollgate.storage.refusals import refused, refused_total

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUSTOMERS = ("", "acme", "zoë", "C#acme#", "R#2026-02-28")
Refusal = tuple[str, str, str]  # customer, day, reason

refusals = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS),
        st.sampled_from([f"{NOON + timedelta(days=n):%Y-%m-%d}" for n in range(-3, 4)]),
        st.sampled_from(["budget_exceeded", "rpm_limit", "customer_blocked"]),
    ),
    max_size=40,
)
some = st.lists(st.sampled_from([*CUSTOMERS[1:], "Unassigned", "nobody"]), max_size=3, unique=True)


async def counted(found: list[Refusal]) -> Stack:
    """A table with refused calls, each added by another process."""
    stack = Stack.over()
    for number, (customer_id, day, reason) in enumerate(found):
        await stack.refusals.add(refused(customer_id, day, reason), 1)
        await stack.refusals.add(refused_total(day, number % SLOTS, reason), 1)
    return stack


async def ask(stack: Stack, zone: str = "UTC", **parameters: Any) -> Any:
    asked = refusals_question(Selection(**parameters))
    return await Refusals(stack.refusals, Reporting(NOON, zone)).answer(asked)


@given(refusals, some, some, st.integers(-3, 3), st.integers(0, 3))
async def test_any_refusals_of_anybody(
    found: list[Refusal], named: list[str], excluded: list[str], first: int, length: int
) -> None:
    start = (NOON + timedelta(days=first)).date()
    end = start + timedelta(days=length)
    view = await ask(
        await counted(found),
        start_date=start.isoformat(),
        end_date=end.isoformat(),
        end_user_ids=named,
        exclude_end_user_ids=excluded,
    )

    def meant(customer_id: str) -> bool:
        called = {customer_id, "Unassigned"} if customer_id == "" else {customer_id}
        return (not named or bool(called & set(named))) and not called & set(excluded)

    days = days_between(start, end)
    expected = Counter((reason, day) for who, day, reason in found if meant(who) and day in days)
    assert view.body["buckets"] == days
    assert {
        (one["id"], day): calls
        for one in view.body["series"]
        for day, calls in zip(days, one["points"], strict=True)
        if calls
    } == expected
    totals = [one["total"] for one in view.body["series"]]
    assert totals == sorted((sum(one["points"]) for one in view.body["series"]), reverse=True)
    assert view.body["total"] == sum(totals) == expected.total()
    assert {(row["reason"], row["date"]): row["refused_calls"] for row in view.rows} == expected


async def test_the_answer_and_its_table() -> None:
    stack = await counted([("acme", "2026-03-01", "rpm_limit")] * 3 + [("", "2026-02-28", "budget_exceeded")])
    view = await ask(stack, start_date="2026-02-27", end_date="2026-03-01")
    assert view.body == {
        "timezone": "UTC",
        "start_date": "2026-02-27",
        "end_date": "2026-03-01",
        "buckets": ["2026-02-27", "2026-02-28", "2026-03-01"],
        "series": [
            {"id": "rpm_limit", "total": 3, "points": [0, 0, 3]},
            {"id": "budget_exceeded", "total": 1, "points": [0, 1, 0]},
        ],
        "total": 4,
    }
    assert to_csv(view).split("\r\n") == [
        "date,reason,refused_calls,timezone",
        "2026-02-28,budget_exceeded,1,UTC",
        "2026-03-01,rpm_limit,3,UTC",
        "",
    ]


@pytest.mark.parametrize("own", [{"tz": "Europe/Rome"}, {"tz": "Europe/Berlin"}, {"timezone": -60}, {}])
async def test_days_are_the_deployments_own_however_they_are_named(own: dict[str, Any]) -> None:
    stack = await counted([("acme", "2020-01-07", "rpm_limit")])
    view = await ask(stack, "Europe/Rome", start_date="2020-01-07", end_date="2020-01-07", **own)
    assert view.body["total"] == 1


@pytest.mark.parametrize("other", [{"tz": "UTC"}, {"tz": "Asia/Kolkata"}, {"timezone": 0}])
async def test_days_of_another_zone_are_refused_and_the_right_one_is_named(other: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuery, match=r"by days of Europe/Rome, not of .+: ask with tz=Europe/Rome"):
        await ask(Stack.over(), "Europe/Rome", start_date="2020-01-07", end_date="2020-01-07", **other)


@pytest.mark.parametrize("field", ["model", "api_key", "endpoint", "provider"])
async def test_what_refused_calls_are_not_counted_by_is_refused(field: str) -> None:
    asked: dict[str, Any] = {field: "x"}
    with pytest.raises(InvalidQuery, match=f"leave out .*{field}"):
        await ask(Stack.over(), start_date="2026-03-01", end_date="2026-03-01", **asked)


async def test_too_many_customers_are_refused_before_any_is_read() -> None:
    stack = Stack.over()
    names = [f"c{n}" for n in range(2001)]
    fields: list[dict[str, Any]] = [{"end_user_ids": names}, {"exclude_end_user_ids": names}]
    for field in fields:
        with pytest.raises(InvalidQuery, match=r"2001 customers .* name fewer in end_user_ids"):
            await ask(stack, start_date="2026-03-01", end_date="2026-03-01", **field)
    assert stack.aws.calls == []
