"""What the counters hold for a question: by day and dims, of everybody or customer by customer.

Reads are eventually consistent: a call that is being counted meanwhile may be in one part of an answer and
not yet in another.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import date, timedelta
from itertools import product
from typing import Final, NamedTuple

from tollgate.days import days_between
from tollgate.queries.breakdown import Share, Sheet, less, relabelled, sheet
from tollgate.queries.calendar import Calendar, Reporting, calendar_of
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery, Question
from tollgate.queries.runs import Run, runs
from tollgate.queries.sums_by import only
from tollgate.queries.totals import Span, Totals
from tollgate.storage.counter_keys import shards
from tollgate.storage.counters import Counter, CountersTable

MAX_CUSTOMERS: Final = 2000  # whose counters one answer reads one by one
MAX_SHARES: Final = 25_000  # parts of days in one answer; with any more it is over Lambda's 6 MB
_DAY: Final = timedelta(days=1)


class Source(NamedTuple):
    """Where answers come from: counters of customers, those of everybody as remembered, and what a day is."""

    counters: CountersTable
    totals: Totals
    at: Reporting


class Reading:
    """Reads one question's counters; `hourly` labels them by the hour instead of the day.

    Raises InvalidQuery for a zone that is none, and for hours that are not kept.
    """

    def __init__(self, source: Source, asked: Question, *, hourly: bool = False) -> None:
        self._counters = source.counters
        self._source = source
        self._asked = asked
        self._hourly = hourly
        self._read: dict[str, list[Counter]] = {}  # customers' counters, once read
        self.calendar: Calendar = calendar_of(asked, source.at, hourly=hourly)

    async def sheet(self) -> Sheet:
        """The sums by day and dims, over the customers asked for."""
        if self._asked.customers is None:
            return await self.everybody()
        return sheet(share.counter for share in await self.shares(self._asked.customers))

    async def everybody(self) -> Sheet:
        """The totals without the excluded customers."""
        excluded, whole = await asyncio.gather(self.shares(self._asked.excluded), self._totals())
        some = only(whole, self._asked.covers) if self._asked.by_dims else whole
        return less(some, sheet(share.counter for share in excluded)) if excluded else some

    async def shares(self, customers: Collection[str]) -> list[Share]:
        """Customers' own counters by day and dims. Raises InvalidQuery for too many customers."""
        if len(customers) > MAX_CUSTOMERS:
            raise InvalidQuery(
                f"This takes the counters of {len(customers)} customers one by one, over {MAX_CUSTOMERS}: "
                "name customers in end_user_ids, set entity_limit, or ask for fewer days"
            )

        async def of(customer_id: str) -> list[Share]:
            return [Share(customer_id, counter) for counter in await self._of_customer(customer_id)]

        return [share for part in await each(of, sorted(customers)) for share in part]

    async def day_sums(self, days: Collection[str]) -> list[Share]:
        """What each customer but the excluded amounts to on reporting days, over all dims.

        Raises InvalidQuery for too many.
        """
        found = 0

        async def of(shard: tuple[Run, int]) -> list[Share]:
            nonlocal found
            (first, last), slot = shard
            leaders = self._counters.day_leaders(first, last, slot)
            shares = [Share(who, Counter(day, None, sums)) async for day, who, sums in leaders]
            found += len(shares)
            _require_few(found)
            return [share for share in shares if share.customer_id not in self._asked.excluded]

        return [share for part in await each(of, product(runs(days), shards())) for share in part]

    async def active(self, days: Collection[str]) -> set[str]:
        """The customers but the excluded who have calls on some of the question's days."""
        touched = days if self.calendar.info is None else self._touched(days)
        return {share.customer_id for share in await self.day_sums(touched)}

    def _touched(self, days: Collection[str]) -> list[str]:
        """The reporting days that days of another zone can overlap."""
        found = set()
        for day in days:
            around = date.fromisoformat(day)
            found |= set(days_between(around - 2 * _DAY, around + 2 * _DAY))
        return sorted(found)

    async def _of_customer(self, customer_id: str) -> list[Counter]:
        found = self._read.get(customer_id)
        if found is None:
            found = self._read[customer_id] = await self._counters_of(customer_id)
        return found

    async def _counters_of(self, customer_id: str) -> list[Counter]:
        """As they are now of customers that are named, and as remembered of those out of everybody."""
        start, end, label = self._span()
        span = Span(customer_id, start, end, label is not None)
        if self._asked.customers is None:
            found = await self._source.totals.customer(span, self._source.at.now)
        else:
            found = [counter async for counter in span.read(self._counters)]
        return [_called(counter, label) for counter in found if self._asked.covers(counter.dims)]

    async def _totals(self) -> Sheet:
        start, end, label = self._span()
        now = self._source.at.now
        if label is None:
            return await self._source.totals.days(start, end, now)
        return relabelled(await self._source.totals.hours(start, end, now), label)

    def _span(self) -> tuple[str, str, Callable[[str], str] | None]:
        """First and last day; or first and last hour, and how an hour is called."""
        asked = self._asked
        if self.calendar.info is None:
            return asked.start.isoformat(), asked.end.isoformat(), None
        start, end = self.calendar.hours(asked.start, asked.end)
        return start, end, self.calendar.hour_of if self._hourly else self.calendar.day_of


def _called(counter: Counter, label: Callable[[str], str] | None) -> Counter:
    return counter if label is None else Counter(label(counter.label), counter.dims, counter.sums)


def _require_few(shares: int) -> None:
    if shares > MAX_SHARES:
        raise InvalidQuery(
            f"More than {MAX_SHARES} customers' days are too many for one answer: ask for fewer days, name "
            "customers in end_user_ids, set entity_limit, or page through /customer/leaderboard"
        )
