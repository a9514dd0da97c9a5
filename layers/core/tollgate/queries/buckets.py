"""Days and hours into the buckets of a chart: every one of a range, also those without a call."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from tollgate.days import days_between, utc_hour
from tollgate.queries.calendar import Calendar
from tollgate.queries.question import InvalidQuery, Question

Interval = Literal["hour", "day", "week"]

MAX_HOURLY: Final = 14  # days
_HOUR: Final = timedelta(hours=1)
_LENGTH: Final = len("YYYY-MM-DDTHH")


class Buckets(NamedTuple):
    """What the buckets of a range are called, in order, and which of them a counter's label belongs to."""

    labels: tuple[str, ...]
    of: Callable[[str], str]


def buckets(asked: Question, interval: Interval, calendar: Calendar) -> Buckets:
    """The buckets of a question: a week is called after its Monday, an hour as clocks of the zone show it.

    Raises InvalidQuery for more hours than a chart shows.
    """
    days = days_between(asked.start, asked.end)
    if interval == "day":
        return Buckets(tuple(days), str)
    if interval == "week":
        return Buckets(tuple(dict.fromkeys(map(_monday, days))), _monday)
    if len(days) > MAX_HOURLY:
        raise InvalidQuery(
            f"interval=hour is for at most {MAX_HOURLY} days: ask for a later start_date, or interval=day"
        )
    hours = (_hour(calendar.hour_of(hour)) for hour in _between(*calendar.hours(asked.start, asked.end)))
    return Buckets(tuple(dict.fromkeys(hours)), _hour)


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _hour(label: str) -> str:
    """An hour without its offset: the two that clocks show twice are one bucket."""
    return label[:_LENGTH]


def _between(first: str, last: str) -> list[str]:
    """Every UTC hour from the first to the last."""
    moment, found = datetime.strptime(first, "%Y-%m-%dT%H").replace(tzinfo=UTC), [first]
    while found[-1] < last:
        moment += _HOUR
        found.append(utc_hour(moment))
    return found
