"""Series for charts: for any events, range, filters, zone and interval they are what the events add up to."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import event
from tests.usage_by_hand import NOW, ZONES, Counted, amounts, customer, events, question, selections
from tollgate.money import EXACT
from tollgate.queries.question import InvalidQuery, Question, Selection
from tollgate.queries.ranges import earlier
from tollgate.queries.series import Series, SeriesParameters
from tollgate.records import SpendEvent

GROUPS: dict[str, Callable[[SpendEvent], str]] = {
    "customer": customer,
    "model": lambda one: one.entry.model,
    "model_group": lambda one: one.entry.model_group,
    "provider": lambda one: one.entry.provider,
    "endpoint": lambda one: one.entry.endpoint,
    "api_key": lambda one: one.entry.key_id,
}
BY = {"spend": "spend", "requests": "api_requests", "tokens": "total_tokens"}
SHARED = ("spend", "api_requests", "total_tokens", "prompt_tokens", "completion_tokens", "failed_requests")
any_selection = st.one_of(
    selections(), selections(oldest=33, tz="Europe/Rome"), selections(oldest=33, timezone=300)
)
hourly = st.one_of(selections(oldest=12), selections(oldest=12, tz="America/New_York"))


async def series(
    counted: Counted, asked: Question, may: frozenset[str] | None = None, **parameters: Any
) -> dict[str, Any]:
    found = Series(counted.source, counted.rankings, counted.names)
    view = await found.answer(asked, SeriesParameters(**parameters), may)
    return dict(view.body)


def bucket(counted: Counted, asked: Question, one: SpendEvent, interval: str) -> str:
    if interval == "hour":
        return one.entry.started_at.astimezone(counted.info(asked)).strftime("%Y-%m-%dT%H")
    day = date.fromisoformat(counted.day(asked, one))
    return (day - timedelta(days=day.weekday()) if interval == "week" else day).isoformat()


def check(counted: Counted, asked: Question, body: dict[str, Any], parameters: dict[str, Any]) -> None:
    interval, name = parameters["interval"], GROUPS[parameters["group_by"]]
    spent = counted.asked(asked)
    assert body["buckets"] == tuple(sorted(set(body["buckets"])))
    check_points(body, spent, lambda one: bucket(counted, asked, one, interval))
    told = {one["id"]: one for one in body["series"]}
    for one in body["series"]:
        own = [e for e in spent if name(e) == one["id"] or (one["other"] and name(e) not in told)]
        assert own
        check_points(
            body | one, own, lambda e: bucket(counted, asked, e, interval), ("spend", "api_requests")
        )
    assert len([one for one in body["series"] if not one["other"]]) <= parameters["limit"]
    add_up(body)


def check_points(
    body: dict[str, Any],
    of: list[SpendEvent],
    name: Callable[[SpendEvent], str],
    points: Iterable[str] = SHARED,
) -> None:
    assert {one: body["totals"][one] for one in SHARED} == {one: amounts(of)[one] for one in SHARED}
    assert {name(one) for one in of} <= set(body["buckets"])
    for place, label in enumerate(body["buckets"]):
        expected = amounts(one for one in of if name(one) == label)
        assert {one: body["points"][one][place] for one in points} == {one: expected[one] for one in points}


def add_up(body: dict[str, Any]) -> None:
    """The series are the totals, in all and in every bucket; points are the totals."""
    with localcontext(EXACT):
        for name in body["series"][0]["totals"] if body["series"] else ():
            assert sum(one["totals"][name] for one in body["series"]) == body["totals"][name]
        for name in ("spend", "api_requests", "total_tokens"):
            points = [one["points"][name] for one in body["series"]]
            assert [sum(of) for of in zip(*points, strict=True)] == body["points"][name] or not points
        for name, points in body["points"].items():
            assert sum(points) == body["totals"][name]


@given(
    events,
    st.sampled_from(ZONES[:3]),
    st.one_of(st.tuples(any_selection, st.sampled_from(["day", "week"])), st.tuples(hourly, st.just("hour"))),
    st.sampled_from(sorted(GROUPS)),
    st.integers(1, 4),
    st.sampled_from(sorted(BY)),
)
async def test_series_are_what_the_events_add_up_to(  # noqa: PLR0913, PLR0917 - a question is all of these
    spent: list[SpendEvent], zone: str, asked: tuple[Selection, str], group_by: str, limit: int, by: str
) -> None:
    counted = await Counted(spent, zone).count()
    of = question(asked[0])
    parameters: dict[str, Any] = {"group_by": group_by, "interval": asked[1], "limit": limit, "by": by}
    body = await series(counted, of, **parameters)
    check(counted, of, body, parameters)
    order = [one["totals"][BY[by]] for one in body["series"] if not one["other"]]
    assert order == sorted(order, reverse=True)


@given(events, any_selection, st.sampled_from(["previous", "last_month"]), st.sampled_from(["day", "week"]))
async def test_the_range_before_is_told_beside(
    spent: list[SpendEvent], asked: Selection, against: Any, interval: str
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    before = earlier(of, against)
    if before.offset is not None or before.tz:
        return  # may lie before the hours that are kept
    body = await series(counted, of, compare=against, interval=interval)
    assert body["previous"]["start_date"] == before.start.isoformat()
    assert body["previous"]["end_date"] == before.end.isoformat()
    check_points(body["previous"], counted.asked(before), lambda one: bucket(counted, before, one, interval))


@given(events, any_selection)
async def test_what_there_is_to_filter_by_is_told_whatever_the_filters(
    spent: list[SpendEvent], asked: Selection
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    every = counted.asked(question(asked.model_copy(update=dict.fromkeys(FILTERS, ""))))
    values = (await series(counted, of))["values"]
    for name, dim in (("models", "model"), ("providers", "provider"), ("endpoints", "endpoint")):
        assert values[name] == sorted({getattr(one.entry, dim) for one in every})
    assert [key["id"] for key in values["api_keys"]] == sorted({one.entry.key_id for one in every})


FILTERS = ("model", "api_key", "endpoint", "provider")


async def test_every_bucket_is_told_also_where_nothing_was_called() -> None:
    counted = await Counted([event(started_at=NOW, charge=Decimal(3))], "UTC").count()
    asked = question(Selection(start_date="2026-11-01", end_date="2026-11-05"))
    days = await series(counted, asked)
    assert days["buckets"] == tuple(f"2026-11-0{day}" for day in range(1, 6))
    assert days["points"]["spend"] == [0, 0, 0, 0, 3]
    weeks = await series(counted, asked, interval="week")
    assert weeks["buckets"] == ("2026-10-26", "2026-11-02")  # Mondays; the first is before the range
    assert (weeks["points"]["spend"], weeks["totals"]["spend"]) == ([0, 3], 3)


async def test_the_hours_that_clocks_skip_are_none_and_those_they_repeat_are_one() -> None:
    back = datetime(2026, 10, 25, tzinfo=UTC)  # 02:00 in Rome, twice
    spent = [event(started_at=back + timedelta(hours=n), charge=Decimal(2**n)) for n in range(3)]
    counted = await Counted(spent, "UTC").count()
    asked = question(Selection(start_date="2026-10-25", end_date="2026-10-25", tz="Europe/Rome"))
    body = await series(counted, asked, interval="hour")
    assert len(body["buckets"]) == 24
    assert body["points"]["spend"][1:5] == [0, 3, 4, 0]


async def test_hours_are_told_for_two_weeks() -> None:
    counted = await Counted([], "UTC").count()
    asked = question(Selection(start_date="2026-10-22", end_date="2026-11-05"))
    with pytest.raises(InvalidQuery, match="interval=hour is for at most 14 days"):
        await series(counted, asked, interval="hour")


async def test_only_who_reads_everybody_is_told_the_cost() -> None:
    counted = await Counted([event(started_at=NOW, charge=Decimal(3), cost=Decimal(2))], "UTC").count()
    asked = question(Selection(start_date="2026-11-05", end_date="2026-11-05", end_user_ids=["acme"]))
    every = await series(counted, asked, compare="previous")
    assert (every["totals"]["cost"], every["points"]["cost"], every["previous"]["totals"]["cost"]) == (
        2,
        [2],
        0,
    )
    own = await series(counted, asked, frozenset({"acme"}), compare="previous")
    for whole, part in ((every, own), (every["previous"], own["previous"])):
        for name in ("totals", "points"):
            assert part[name] == {what: value for what, value in whole[name].items() if what != "cost"}
    assert own["series"] == every["series"]
