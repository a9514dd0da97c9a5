"""The range before a range: as many days before it, or the same days a month before."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from tollgate.queries.question import Question

Against = Literal["previous", "last_month"]


def earlier(asked: Question, against: Against) -> Question:
    """The same question about an earlier range."""
    return previous(asked) if against == "previous" else last_month(asked)


def previous(asked: Question) -> Question:
    """The same about the days before, as many as there are."""
    length = asked.end - asked.start + timedelta(days=1)
    return replace(asked, start=asked.start - length, end=asked.end - length)


def last_month(asked: Question) -> Question:
    """The same days a month before; a whole month becomes a whole month."""
    whole = asked.start.day == 1 and (asked.end + timedelta(days=1)).day == 1
    end = _month_before(asked.end)
    if whole:
        end = asked.end.replace(day=1) - timedelta(days=1)
    return replace(asked, start=_month_before(asked.start), end=end)


def _month_before(day: date) -> date:
    """The same day of the month before, or its last one."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
