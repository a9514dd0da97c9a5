"""The leaderboard as a table: turned round, beside an earlier range, and with most customers as one row."""

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.usage_by_hand import (
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
from tollgate.money import EXACT
from tollgate.queries.leaderboard import Leaderboard, LeaderboardParameters
from tollgate.queries.question import Question, Selection
from tollgate.queries.ranges import earlier
from tollgate.records import SpendEvent

own = selections()
any_selection = st.one_of(own, selections(oldest=33, tz="Europe/Rome"))
measures = st.sampled_from(["spend", "requests", "tokens"])


async def pages(counted: Counted, asked: Question, **parameters: Any) -> list[list[dict[str, Any]]]:
    """Every page, one after another."""
    found: list[list[dict[str, Any]]] = []
    cursor: str | None = ""
    ranks = Leaderboard(counted.source, counted.rankings, counted.names)
    while cursor is not None:
        view = await ranks.page(asked, LeaderboardParameters(cursor=cursor, **parameters))
        found.append(view.body["results"])
        cursor = view.body["metadata"]["next_cursor"]
    return found


async def table(counted: Counted, asked: Question, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of every page."""
    return [row for page in await pages(counted, asked, **parameters) for row in page]


@given(events, st.sampled_from(ZONES[:3]), any_selection, measures, st.integers(1, 4))
async def test_from_the_smallest_on_it_is_the_same_table_turned_round(
    spent: list[SpendEvent], zone: str, asked: Selection, by: str, limit: int
) -> None:
    counted = await Counted(spent, zone).count()
    down = await table(counted, question(asked), by=by, limit=limit)
    up = await table(counted, question(asked), by=by, limit=limit, sort_order="asc")
    assert up == down[::-1]


@given(events, own, measures, st.sampled_from(["previous", "last_month"]), st.integers(1, 4))
async def test_beside_each_customer_is_what_it_spent_before(
    spent: list[SpendEvent], asked: Selection, by: str, against: Any, limit: int
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    now = grouped(counted.asked(of), customer)
    before = grouped(counted.asked(earlier(of, against)), customer)
    rows = await table(counted, of, by=by, compare=against, limit=limit)
    nothing = {"spend": Decimal(0)}
    assert {row["end_user_id"]: (row["previous_spend"], row["growth"]) for row in rows} == {
        one: (before.get(one, nothing)["spend"], now[one]["spend"] - before.get(one, nothing)["spend"])
        for one in now
    }


@given(
    events,
    st.sampled_from(ZONES[:3]),
    any_selection,
    measures,
    st.sampled_from(["desc", "asc"]),
    st.integers(0, 4),
    st.integers(1, 3),
)
async def test_customers_that_are_not_told_apart_are_the_last_row(  # noqa: PLR0913, PLR0917 - a question is all of these
    spent: list[SpendEvent], zone: str, asked: Selection, by: str, order: str, most: int, limit: int
) -> None:
    counted = await Counted(spent, zone).count()
    of = question(asked)
    rows = await table(counted, of, by=by, sort_order=order, entity_limit=most, limit=limit)
    expected = grouped(counted.asked(of), customer)
    told = [row for row in rows if row["rank"] is not None]
    assert len(told) <= most
    assert {row["end_user_id"]: only(row) for row in told} == {
        row["end_user_id"]: expected[row["end_user_id"]] for row in told
    }
    rest = [row for row in rows if row["rank"] is None]
    assert rest == rows[len(told) :]
    others = [one for one in counted.asked(of) if customer(one) not in {row["end_user_id"] for row in told}]
    assert [only(row) for row in rest] == ([amounts(others)] if others else [])
    assert [row["end_user_id"] for row in rest] == ([" Others"] if others else [])


@given(events, own, st.integers(0, 3), st.sampled_from(["previous", "last_month"]))
async def test_all_others_are_compared_as_one(
    spent: list[SpendEvent], asked: Selection, most: int, against: Any
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    rows = await table(counted, of, by="growth", compare=against, entity_limit=most)
    with localcontext(EXACT):
        before = sum((row["previous_spend"] for row in rows), Decimal(0))
        growth = sum((row["growth"] for row in rows), Decimal(0))
    assert before == amounts(counted.asked(earlier(of, against)))["spend"]
    assert growth == amounts(counted.asked(of))["spend"] - before
