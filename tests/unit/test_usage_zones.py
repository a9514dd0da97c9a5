"""Days of zones: which hours they are made of, and what cannot be answered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import event
from tests.usage_by_hand import NOW, Counted
from tollgate.queries.calendar import Reporting, calendar_of
from tollgate.queries.daily_activity import DailyActivity
from tollgate.queries.question import InvalidQuery, Selection, selected

HALF_HOURS = (
    "The days of this time zone do not begin with a UTC hour, so hourly counters cannot be grouped into "
    "them: ask for a zone whose offset is of whole hours"
)
TOO_OLD = (
    "Hours, and days of another time zone than UTC, come from hourly counters, which are kept for 35 days: "
    "ask for a later start_date, or for days of UTC"
)


async def spend_by_day(moments: list[datetime], zone: str = "UTC", **asked: Any) -> dict[str, Decimal]:
    """The spend of events that cost 1, 2, 4 …, by day."""
    spent = [event(started_at=moment, charge=Decimal(2**n)) for n, moment in enumerate(moments)]
    counted = await Counted(spent, zone).count()
    activity = DailyActivity(counted.source, counted.rankings, counted.names)
    body = await activity.answer(selected(Selection(**asked)))
    return {day["date"]: day["metrics"]["spend"] for day in body["results"]}


@pytest.mark.parametrize(
    ("tz", "begin", "end"),
    [
        (
            "Europe/Rome",
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            datetime(2026, 10, 25, 23, tzinfo=UTC),
        ),  # 25 h
        ("America/New_York", datetime(2026, 10, 25, 4, tzinfo=UTC), datetime(2026, 10, 26, 4, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 10, 24, 11, tzinfo=UTC), datetime(2026, 10, 25, 11, tzinfo=UTC)),
    ],
)
async def test_a_day_is_from_midnight_to_midnight_of_the_zone(
    tz: str, begin: datetime, end: datetime
) -> None:
    second = timedelta(seconds=1)
    moments = [begin - second, begin, end - second, end]
    day = {"start_date": "2026-10-25", "end_date": "2026-10-25"}
    assert await spend_by_day(moments, tz=tz, **day) == {"2026-10-25": Decimal(2 + 4)}
    assert await spend_by_day(moments, tz=tz, end_user_ids=["acme"], **day) == {"2026-10-25": Decimal(2 + 4)}


@pytest.mark.parametrize(("timezone", "day"), [(-60, "2026-11-02"), (60, "2026-11-01"), (0, "2026-11-01")])
async def test_minutes_are_as_javascript_counts_them(timezone: int, day: str) -> None:
    moments = [datetime(2026, 11, 1, 23, 30, tzinfo=UTC)]
    asked = {"start_date": "2026-10-30", "end_date": "2026-11-03"}
    assert await spend_by_day(moments, timezone=timezone, **asked) == {day: Decimal(1)}


async def test_the_reporting_zone_is_answered_for_any_time_by_any_of_its_names() -> None:
    moments = [NOW - timedelta(days=300)]
    asked = {"start_date": "2026-01-01", "end_date": "2026-02-01"}
    for zone, name in (
        ("UTC", {"tz": "Etc/UTC"}),
        ("UTC", {"timezone": 0}),
        ("Europe/Rome", {"tz": "Europe/Berlin"}),
        ("Asia/Kolkata", {"timezone": -330}),
    ):
        assert await spend_by_day(moments, zone, **name, **asked) == {"2026-01-09": Decimal(1)}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tz": "Mars/Olympus"}, "tz='Mars/Olympus' is not an IANA time zone, such as Europe/Rome"),
        ({"tz": "Europe"}, "tz='Europe' is not an IANA time zone, such as Europe/Rome"),
        ({"tz": "../../etc/passwd"}, "tz='../../etc/passwd' is not an IANA time zone, such as Europe/Rome"),
        ({"tz": "x" * 999}, "tz is not an IANA time zone, such as Europe/Rome"),
        ({"tz": "Europe/Rome", "timezone": 60}, "Set either timezone or tz, not both"),
        (
            {"tz": "Asia/Kolkata"},
            HALF_HOURS,
        ),
        (
            {"tz": "Europe/Rome", "start_date": "2026-10-01"},
            TOO_OLD,
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_and_says_why(asked: dict[str, Any], message: str) -> None:
    whole = {"start_date": "2026-10-30", "end_date": "2026-11-03"} | asked
    with pytest.raises(InvalidQuery) as refused:
        calendar_of(selected(Selection(**whole)), Reporting(NOW, "UTC"))
    assert refused.value.message == message


@pytest.mark.parametrize("year", ["0001", "1970", "9999"])
def test_the_ends_of_time_are_refused(year: str) -> None:
    with pytest.raises(InvalidQuery, match="must be of the years 1971 to 9990"):
        selected(Selection(start_date=f"{year}-01-01", end_date=f"{year}-12-31"))
