"""What a day of the week is expected to cost, from the last four weeks (docs/forecast.md). Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Final, NamedTuple

from tollgate.days import days_between, microseconds, midnight
from tollgate.money import ZERO

HISTORY: Final = 28  # days: every day of the week four times
_ENOUGH: Final = 2  # times that a day of the week must have been seen to be expected by itself
_WEEK: Final = 7
_DAY: Final = timedelta(days=1)
# Four of five normally distributed months lie within so many standard deviations.
_DEVIATIONS: Final = Fraction(12816, 10000)
_PLACES: Final = 12


class Weekdays(NamedTuple):
    """USD expected on each day of the week, Monday first; how often each was seen, and a day's variance."""

    expected: tuple[Fraction, ...]
    seen: tuple[int, ...]
    variance: Fraction


class Outlook(NamedTuple):
    """What a month will have cost in USD, and the range it lies in four times of five."""

    expected: Decimal
    low: Decimal
    high: Decimal


def learned(spend: Mapping[str, Decimal], first: date, today: date) -> Weekdays:
    """The days of the week as they were from `first` on, at most HISTORY days before today."""
    start = max(first, today - HISTORY * _DAY)
    days = [date.fromisoformat(day) for day in days_between(start, today - _DAY)] if start < today else []
    values = {day: Fraction(spend.get(day.isoformat(), ZERO)) for day in days}
    groups = [[value for day, value in values.items() if day.weekday() == n] for n in range(_WEEK)]
    mean = _mean(list(values.values()))
    by_weekday = all(len(group) >= _ENOUGH for group in groups)
    expected = tuple(_mean(group) if by_weekday else mean for group in groups)
    seen = tuple(len(group) if by_weekday else len(values) for group in groups)
    squares = sum((value - expected[day.weekday()]) ** 2 for day, value in values.items())
    free = len(values) - (_WEEK if by_weekday else 1)
    return Weekdays(expected, seen, Fraction(squares) / free if free > 0 else Fraction(0))


def outlook(spent: Decimal, ahead: Mapping[int, Fraction], weekdays: Weekdays) -> Outlook:
    """What is spent and expected, `ahead` being the days (or parts of days) to come by day of the week.

    The variance is that of the days to come, and that of the means they are expected by.
    """
    rest = sum((count * weekdays.expected[day] for day, count in ahead.items()), Fraction(0))
    days = sum(ahead.values(), Fraction(0))
    known = {day: count for day, count in ahead.items() if weekdays.seen[day]}
    means = sum((count**2 / weekdays.seen[day] for day, count in known.items()), Fraction(0))
    spread = _DEVIATIONS * _root(weekdays.variance * (days + means))
    middle = Fraction(spent) + rest
    low = max(middle - spread, Fraction(spent))
    return Outlook(decimal(middle), decimal(low), decimal(middle + spread))


def days_ahead(now: datetime, end: date, info: tzinfo) -> dict[int, Fraction]:
    """The days from now through `end` by day of the week; of today, what is left of it."""
    today = now.astimezone(info).date()
    found = {today.weekday(): left_of(now, info)}
    for text in days_between(today + _DAY, end) if today < end else []:
        weekday = date.fromisoformat(text).weekday()
        found[weekday] = found.get(weekday, Fraction(0)) + 1
    return found


def left_of(now: datetime, info: tzinfo) -> Fraction:
    """The part of its day that is left at a moment; days of 23 or 25 hours are whole days, too."""
    today = now.astimezone(info).date()
    begin, end = midnight(today, info), midnight(today + _DAY, info)
    return Fraction(microseconds(end - now), microseconds(end - begin))


def decimal(value: Fraction) -> Decimal:
    """A fraction as USD, to the millionth of a millionth."""
    return Decimal(round(value * 10**_PLACES)).scaleb(-_PLACES)


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values) if values else Fraction(0)


def _root(value: Fraction) -> Fraction:
    """A square root, to the millionth of a millionth."""
    scale = 10**_PLACES
    return Fraction(isqrt(int(value * scale * scale)), scale)
