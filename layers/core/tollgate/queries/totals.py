"""Everybody's counters, remembered: by day or hour and dims, of some customers, and how many call."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from tollgate.days import days_between
from tollgate.queries.breakdown import Sheet, sheet
from tollgate.queries.parallel import each
from tollgate.queries.remembered import Age, Remembered
from tollgate.queries.remembered_days import RememberedDays, is_closed
from tollgate.storage.counter_keys import shards
from tollgate.storage.counters import Counter, CountersTable

_Shard = Callable[[str, str, int], AsyncIterator[Counter]]
_DAY: Final = len("YYYY-MM-DD")
_COUNTERS: Final = 60_000  # of customers, of about a kilobyte each
_COUNTS: Final = 1000  # days
_YOUNG: Final = Age(timedelta(minutes=1), timedelta(minutes=5))
_CLOSED: Final = Age(timedelta(hours=1), timedelta(days=1))


class Span(NamedTuple):
    """Days, or UTC hours, of one customer."""

    customer_id: str
    start: str
    end: str
    hourly: bool

    def read(self, counters: CountersTable) -> AsyncIterator[Counter]:
        """Its own counters."""
        of = counters.hours_of_customer if self.hourly else counters.days_of_customer
        return of(self.customer_id, self.start, self.end)


class Totals:
    """What everybody amounts to, as far as it was asked for in this process or is read now."""

    def __init__(self, counters: CountersTable) -> None:
        self._counters = counters
        self._days = RememberedDays(self._read_days)
        self._hours = RememberedDays(self._read_hours)
        self._customers: Remembered[Span, list[Counter]] = Remembered(_COUNTERS, len)
        self._callers: Remembered[str, int] = Remembered(_COUNTS)

    async def days(self, start: str, end: str, now: datetime) -> Sheet:
        """The sums by day of the reporting zone. Raises AwsError, AwsUnavailable."""
        return await self._days.of(_between(start, end), now)

    async def hours(self, start: str, end: str, now: datetime) -> Sheet:
        """The sums by UTC hour, from one to another, both included. Raises AwsError, AwsUnavailable."""
        whole = await self._hours.of(_between(start[:_DAY], end[:_DAY]), now)
        return {hour: sums for hour, sums in whole.items() if start <= hour <= end}

    async def customer(self, span: Span, now: datetime) -> list[Counter]:
        """A customer's own counters, of one that nobody named. Raises AwsError, AwsUnavailable."""
        return await self._customers.of(span, partial(self._read_customer, span), now)

    async def callers(self, day: str, now: datetime) -> int:
        """How many customers called on a day of the reporting zone. Raises AwsError, AwsUnavailable."""
        age = _CLOSED if is_closed(day, now) else _YOUNG
        return await self._callers.of(day, partial(self._count, day), now, age)

    async def _read_customer(self, span: Span, _: int) -> list[Counter]:
        return [counter async for counter in span.read(self._counters)]

    async def _count(self, day: str, at_once: int) -> int:
        return sum(await each(partial(self._counters.count_leaders, day), shards(), at_once))

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
