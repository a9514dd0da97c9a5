"""How many calls a question to the logs is about, and on which days there were any: the counters know.

They know it for whole days and for what counters are broken down by; else nobody does without reading it all.
What is being counted just now is missing for a second. Days that are over are remembered, new ones read.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain, product
from typing import Final, NamedTuple

from tollgate.days import days_between, midnight, months_between, zone
from tollgate.queries.budget_table import Clock
from tollgate.queries.log_parameters import Filters
from tollgate.queries.log_question import LogQuestion
from tollgate.queries.parallel import each
from tollgate.queries.remembered_days import is_closed
from tollgate.queries.totals import Totals
from tollgate.storage.counter_keys import shards
from tollgate.storage.counters import Counter, CountersTable

_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(milliseconds=1)
_COUNTED_WITHIN: Final = timedelta(days=2)  # what began before is counted, or reconcile's alarm has gone off
_REQUESTS: Final = {"": "api_requests", "success": "successful_requests", "failure": "failed_requests"}


class Counted(NamedTuple):
    """How many calls there are, None when nobody knows, and the UTC days on which there may be some."""

    total: int | None
    days: frozenset[date] = frozenset()


class LogCount:
    """Counts calls by the counters."""

    def __init__(self, counters: CountersTable, totals: Totals, clock: Clock) -> None:
        self._counters = counters
        self._totals = totals
        self._clock = clock

    async def of(self, asked: LogQuestion) -> Counted:
        """What the counters know of a question. Raises AwsError, AwsUnavailable."""
        if asked.customers is None:
            return await self._of_everybody(asked)
        if not self._knows(asked):
            return Counted(None)
        parts = await each(lambda customer: self._of_customer(customer, asked), asked.customers)
        return Counted(_requests((counter for part in parts for counter in part), asked.filters))

    async def _of_everybody(self, asked: LogQuestion) -> Counted:
        start, end = self._days(asked)
        counters = list(chain(await self._closed(start, end), await self._open(start, end)))
        days = {utc for label in {c.label for c in counters} for utc in self._utc(date.fromisoformat(label))}
        now = self._clock.now.date()
        recent = {now + n * _DAY for n in range(-_COUNTED_WITHIN.days, 1)}
        total = _requests(counters, asked.filters) if self._knows(asked) else None
        return Counted(total, frozenset(days | recent))

    async def _closed(self, start: date, end: date) -> list[Counter]:
        closed = [day for day in days_between(start, end) if is_closed(day, self._clock.now)]
        if not closed:
            return []
        found = await self._totals.days(closed[0], closed[-1], self._clock.now)
        return [Counter(day, dims, sums) for day, of in found.items() for dims, sums in of.items()]

    async def _open(self, start: date, end: date) -> list[Counter]:
        opened = [day for day in days_between(start, end) if not is_closed(day, self._clock.now)]
        if not opened:
            return []
        months = months_between(date.fromisoformat(opened[0]), date.fromisoformat(opened[-1]))
        return [counter for part in await each(self._of_month, product(months, shards())) for counter in part]

    async def _of_customer(self, customer_id: str, asked: LogQuestion) -> list[Counter]:
        start, end = self._days(asked)
        found = self._counters.days_of_customer(customer_id, start.isoformat(), end.isoformat())
        return [counter async for counter in found]

    async def _of_month(self, shard: tuple[tuple[str, str], int]) -> list[Counter]:
        (start, end), slot = shard
        return [counter async for counter in self._counters.totals(start, end, slot)]

    def _days(self, asked: LogQuestion) -> tuple[date, date]:
        """The first and last reporting day of a range."""
        here = zone(self._clock.zone_name)
        return asked.start.astimezone(here).date(), (asked.end - _INSTANT).astimezone(here).date()

    def _knows(self, asked: LogQuestion) -> bool:
        start, end = self._days(asked)
        here = zone(self._clock.zone_name)
        whole = midnight(start, here) == asked.start and midnight(end + _DAY, here) == asked.end
        rest = asked.filters._replace(key_id="", model="", model_group="", provider="", status="")
        return whole and rest == Filters()

    def _utc(self, day: date) -> Iterable[date]:
        """The UTC days that a reporting day touches."""
        here = zone(self._clock.zone_name)
        return midnight(day, here).date(), (midnight(day + _DAY, here) - _INSTANT).date()


def _requests(counters: Iterable[Counter], filters: Filters) -> int:
    name = _REQUESTS[filters.status]
    return sum(int(counter.sums.get(name, 0)) for counter in counters if _is_of(counter, filters))


def _is_of(counter: Counter, filters: Filters) -> bool:
    dims = counter.dims
    return (
        dims is not None
        and filters.key_id in ("", dims.key_id)
        and filters.model in ("", dims.model)
        and filters.model_group in ("", dims.model_group)
        and filters.provider in ("", dims.provider)
    )
