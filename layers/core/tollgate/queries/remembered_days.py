"""Sheets by day, remembered; the days of a month that are not known, or too old, are read at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from tollgate.days import days_between
from tollgate.queries.breakdown import Sheet
from tollgate.queries.parallel import AT_ONCE
from tollgate.queries.remembered import MEANWHILE, Age

# Reads the days from a first to a last one of the same month, so many shards at once.
Read = Callable[[str, str, int], Awaitable[Sheet]]

# Since a day began: it is over in every zone, and its calls are counted.
_CLOSED_AFTER: Final = timedelta(days=3)
_MOST: Final = 60_000  # sums by dims, of about a kilobyte each
_YOUNG: Final = Age(timedelta(seconds=10), timedelta(minutes=1))
_CLOSED: Final = Age(timedelta(minutes=10), timedelta(hours=1))


class _Day(NamedTuple):
    """A day as it was read at a moment."""

    read_at: datetime
    sheet: Sheet


class _Reading(NamedTuple):
    """A read of days that is under way, and when it began."""

    began: datetime
    task: asyncio.Task[dict[str, Sheet]]


class RememberedDays:
    """The days that were asked for lately, those not asked for the longest forgotten first."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._days: OrderedDict[str, _Day] = OrderedDict()
        self._sums = 0
        self._reading: dict[str, _Reading] = {}

    async def of(self, days: Iterable[str], now: datetime) -> Sheet:
        """The days' sheets as one, by the labels they were read with. Raises AwsError, AwsUnavailable."""
        asked = list(days)
        ages = {day: now - self._days[day].read_at for day in asked if day in self._days}
        found = {day: self._days[day].sheet for day in ages if ages[day] < _age(day, now).kept}
        old = [day for day in found if ages[day] >= _age(day, now).fresh]
        tasks = self._begin([day for day in asked if day not in found], now, AT_ONCE)
        self._begin(old, now, MEANWHILE)
        for part in await asyncio.gather(*map(asyncio.shield, tasks)):
            found |= part
        for day in found.keys() & self._days.keys():
            self._days.move_to_end(day)
        return {label: sums for day in asked for label, sums in found[day].items()}

    def _begin(self, days: list[str], now: datetime, at_once: int) -> set[asyncio.Task[dict[str, Sheet]]]:
        """What reads the days: begun now, or before by another question, but not too long ago.

        Lambda freezes what goes on meanwhile until the next question, which may be hours later.
        """
        unread = (day for day in days if not self._is_read(day, now))
        for _, of_month in groupby(unread, lambda day: day[:7]):
            inside = list(of_month)
            task = asyncio.ensure_future(self._remember(inside[0], inside[-1], now, at_once))
            self._reading |= dict.fromkeys(inside, _Reading(now, task))
            task.add_done_callback(self._ended)
        return {self._reading[day].task for day in days}

    def _is_read(self, day: str, now: datetime) -> bool:
        known = self._reading.get(day)
        return known is not None and now - known.began < _age(day, now).kept

    def _ended(self, task: asyncio.Task[dict[str, Sheet]]) -> None:
        """Nobody may be waiting for it: a failure is told to who asks next."""
        self._reading = {day: one for day, one in self._reading.items() if one.task is not task}
        if not task.cancelled():
            task.exception()

    async def _remember(self, first: str, last: str, now: datetime, at_once: int) -> dict[str, Sheet]:
        whole = await self._read(first, last, at_once)
        found: dict[str, Sheet] = {day: {} for day in _between(first, last)}
        for label, sums in whole.items():
            found[label[: len(first)]][label] = sums
        for day, sheet in found.items():
            self._keep(day, _Day(now, sheet))
        return found

    def _keep(self, day: str, read: _Day) -> None:
        if day in self._days and self._days[day].read_at > read.read_at:
            return  # a later read ended before
        self._forget(day)
        self._days[day] = read
        self._sums += _size(read)
        while self._sums > _MOST:
            self._forget(next(iter(self._days)))

    def _forget(self, day: str) -> None:
        known = self._days.pop(day, None)
        self._sums -= _size(known) if known else 0


def is_closed(day: str, now: datetime) -> bool:
    """Whether a day is over long enough for its counters to be complete, as a rule."""
    return date.fromisoformat(day) + _CLOSED_AFTER <= now.date()


def _age(day: str, now: datetime) -> Age:
    return _CLOSED if is_closed(day, now) else _YOUNG


def _size(day: _Day) -> int:
    return 1 + sum(map(len, day.sheet.values()))


def _between(first: str, last: str) -> list[str]:
    return days_between(date.fromisoformat(first), date.fromisoformat(last))
