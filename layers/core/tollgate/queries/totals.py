"""The counters of everybody, by day or by hour and dims, their write shards added up and remembered."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from itertools import chain
from typing import Final

from tollgate.days import days_between
from tollgate.queries.breakdown import Sheet, sheet
from tollgate.queries.parallel import each
from tollgate.queries.remembered_days import RememberedDays
from tollgate.storage.counters import Counter, CountersTable, shards

_Shard = Callable[[str, str, int], AsyncIterator[Counter]]
_DAY: Final = len("YYYY-MM-DD")


class Totals:
    """What everybody amounts to, as far as it was asked for in this process or is read now."""

    def __init__(self, counters: CountersTable) -> None:
        self._counters = counters
        self._days = RememberedDays(self._read_days)
        self._hours = RememberedDays(self._read_hours)

    async def days(self, start: str, end: str, now: datetime) -> Sheet:
        """The sums by day of the reporting zone. Raises AwsError, AwsUnavailable."""
        return await self._days.of(_between(start, end), now)

    async def hours(self, start: str, end: str, now: datetime) -> Sheet:
        """The sums by UTC hour, from one to another, both included. Raises AwsError, AwsUnavailable."""
        whole = await self._hours.of(_between(start[:_DAY], end[:_DAY]), now)
        return {hour: sums for hour, sums in whole.items() if start <= hour <= end}

    async def _read_days(self, first: str, last: str, at_once: int) -> Sheet:
        return await _read(self._counters.totals, first, last, at_once)

    async def _read_hours(self, first: str, last: str, at_once: int) -> Sheet:
        return await _read(self._counters.hourly_totals, f"{first}T00", f"{last}T23", at_once)


async def _read(shard: _Shard, first: str, last: str, at_once: int) -> Sheet:
    async def of(slot: int) -> list[Counter]:
        return [counter async for counter in shard(first, last, slot)]

    return sheet(chain.from_iterable(await each(of, shards(), at_once)))


def _between(start: str, end: str) -> list[str]:
    return days_between(date.fromisoformat(start), date.fromisoformat(end))
