"""Leaderboards, totals and comparisons: for any events and ranges they are what the events add up to."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.usage_by_hand import (
    NOW,
    ZONES,
    Counted,
    amounts,
    customer,
    events,
    grouped,
    only,
    question,
    selections,
)
from tollgate.days import days_between
from tollgate.money import EXACT
from tollgate.queries import cursors
from tollgate.queries.compare import CompareParameters, Comparison
from tollgate.queries.daily_totals import DailyTotals
from tollgate.queries.leaderboard import (
    Leaderboard,
    LeaderboardParameters,
    _fingerprint,
)
from tollgate.queries.places import Place
from tollgate.queries.question import InvalidQuery, Question, Selection
from tollgate.queries.ranges import last_month, previous
from tollgate.queries.ranking import plan
from tollgate.records import SpendEvent

TODAY = NOW.date()
own = selections()
others = st.one_of(selections(oldest=33, tz="Europe/Rome"), selections(oldest=33, timezone=300))
any_selection = st.one_of(own, others)
offsets = st.integers(-3, 450)


@given(offsets, offsets)
def test_whole_months_and_days_make_up_a_range(one: int, other: int) -> None:
    start, end = TODAY - timedelta(days=max(one, other)), TODAY - timedelta(days=min(one, other))
    found = plan(start, end, TODAY)
    added = [day for period in found.added for day in days_of(period)]
    asked = [day for day in days_between(start, end) if day <= TODAY.isoformat()]
    assert sorted(set(added) - set(found.taken)) == asked
    assert len(added) == len(set(added))
    assert len(found.added) + len(found.taken) <= len(asked)


def days_of(period: str) -> list[str]:
    if len(period) == len("2026-01-01"):
        return [period]
    first = date.fromisoformat(f"{period}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return [day for day in days_between(first, last) if day <= TODAY.isoformat()]


async def board(counted: Counted, asked: Question, **parameters: Any) -> list[dict[str, Any]]:
    """Every page, one after another."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    ranks = Leaderboard(counted.source, counted.rankings, counted.names)
    while cursor is not None:
        view = await ranks.page(asked, LeaderboardParameters(cursor=cursor, **parameters))
        found += view.body["results"]
        cursor = view.body["metadata"]["next_cursor"]
        assert len(view.body["results"]) == parameters["limit"] or cursor is None
    return found


@given(events, st.sampled_from(ZONES[:3]), any_selection, st.integers(1, 4))
async def test_the_pages_of_a_leaderboard_are_all_customers_in_order(
    spent: list[SpendEvent], zone: str, asked: Selection, limit: int
) -> None:
    counted = await Counted(spent, zone).count()
    expected = grouped(counted.asked(question(asked)), customer)
    for by, measure in (("spend", "spend"), ("requests", "api_requests"), ("tokens", "total_tokens")):
        rows = await board(counted, question(asked), by=by, limit=limit)
        assert {row["end_user_id"]: only(row) for row in rows} == expected
        assert [row["rank"] for row in rows] == list(range(1, len(expected) + 1))
        values = [row[measure] for row in rows]
        assert values == sorted(values, reverse=True)


@given(events, own)
async def test_growth_is_the_spend_now_less_the_spend_before(
    spent: list[SpendEvent], asked: Selection
) -> None:
    counted = await Counted(spent, "UTC").count()
    now = grouped(counted.asked(question(asked)), customer)
    before = grouped(counted.asked(previous(question(asked))), customer)
    rows = await board(counted, question(asked), by="growth", limit=3)
    assert {row["end_user_id"]: row["growth"] for row in rows} == {
        one: _spend(now, one) - _spend(before, one) for one in now.keys() | before.keys()
    }
    growth = [row["growth"] for row in rows]
    assert growth == sorted(growth, reverse=True)


async def test_a_cursor_is_of_the_list_it_was_given_for() -> None:
    counted = await Counted([], "UTC").count()
    ranks = Leaderboard(counted.source, counted.rankings, counted.names)
    asked = question(Selection(start_date="2026-01-01", end_date="2026-01-31"))
    of = _fingerprint(asked, LeaderboardParameters())
    forged = [cursors.written(place, of) for place in (["NaN", "acme", 1], ["x", "acme", 1], ["1"])]
    other = cursors.written(
        Place(Decimal(1), "acme", 1), _fingerprint(asked, LeaderboardParameters(by="tokens"))
    )
    for cursor in ("x", "AAAA", "%%%", "eyJhIjoxfQ==", other, *forged):
        with pytest.raises(InvalidQuery, match="cursor is not one that this route gave"):
            await ranks.page(asked, LeaderboardParameters(cursor=cursor))


@given(events, st.sampled_from(ZONES[:3]), any_selection)
async def test_totals_and_unique_customers_by_day(
    spent: list[SpendEvent], zone: str, asked: Selection
) -> None:
    counted = await Counted(spent, zone).count()
    of = question(asked)
    body = (await DailyTotals(counted.source, counted.rankings).answer(of)).body
    found = counted.asked(of)
    days = grouped(found, lambda one: counted.day(of, one))
    assert {row["date"]: only(row) for row in body["results"]} == days
    for row in body["results"]:
        callers = {customer(one) for one in found if counted.day(of, one) == row["date"]}
        assert row["unique_customers"] == len(callers)
    assert body["metadata"]["unique_customers"] == len({customer(one) for one in found})
    assert body["metadata"]["total_spend"] == amounts(found)["spend"]


@given(
    events,
    own,
    st.integers(1, 9),
    st.sampled_from(["previous", "last_month"]),
    st.sampled_from(["tokens", "requests"]),
)
async def test_volume_mix_and_price_add_up_to_the_difference_everywhere(
    spent: list[SpendEvent], asked: Selection, limit: int, to: Any, unit: Any
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    comparison = Comparison(counted.source, counted.rankings, counted.names)
    view = await comparison.answer(of, CompareParameters(to=to, unit=unit, limit=limit))
    before = counted.asked(previous(of) if to == "previous" else last_month(of))
    assert view.body["current_spend"] == amounts(counted.asked(of))["spend"]
    assert view.body["previous_spend"] == amounts(before)["spend"]
    cells = [model for one in view.body["customers"] for model in one["models"]]
    for part in [view.body, *view.body["customers"], *view.body["models"], *cells]:
        assert part["volume_effect"] + part["mix_effect"] + part["price_effect"] == part["difference"]
        assert part["difference"] == part["current_spend"] - part["previous_spend"]
    for parts in (view.body["customers"], view.body["models"], cells, view.rows):
        for name in ("current_spend", "volume_effect", "mix_effect", "price_effect"):
            assert _sum(part[name] for part in parts) == view.body[name]
    told = {one["end_user_id"]: one["current_spend"] for one in view.body["customers"]}
    expected = grouped(counted.asked(of), customer)
    assert len(told.keys() - {" Others"}) <= limit
    assert all(told[one] == _spend(expected, one) for one in told.keys() - {" Others"})


def _spend(of: dict[str, Any], one: str) -> Decimal:
    return of[one]["spend"] if one in of else Decimal(0)


def _sum(values: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(values, Decimal(0))
