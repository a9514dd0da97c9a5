"""Usage by day, in LiteLLM's shape (reference 3.1 and 3.4), read from the counters.

Reads are eventually consistent: a call that is being counted meanwhile may be in one part of an answer and
not yet in another.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from typing import Any, Final, TypeVar

from tollgate.days import days_between
from tollgate.queries.breakdown import Share, Sheet, less, sheet
from tollgate.queries.question import Question
from tollgate.queries.report import report, shown_days
from tollgate.storage.counters import Counter, CountersTable, shards
from tollgate.storage.customers import CustomersTable

T = TypeVar("T")

_AT_ONCE: Final = 32  # well below the connection pool's size, so that no query waits for a connection
_BATCH: Final = 100  # customers in one BatchGetItem


class DailyActivity:
    """Answers daily-activity questions from the counters and customers tables."""

    def __init__(self, counters: CountersTable, customers: CustomersTable, timezone: str) -> None:
        self._counters = counters
        self._customers = customers
        self._timezone = timezone

    async def answer(self, asked: Question) -> dict[str, Any]:
        """LiteLLM's daily activity, newest day first, money in exact USD. Raises AwsError, AwsUnavailable."""
        if asked.customers is None:
            found = await self._everybody(asked)
            shares = await self._shares_of_all(asked, shown_days(found, asked))
        else:
            shares = await self._shares(asked, asked.customers)
            found = sheet(share.counter for share in shares)
        shown = shown_days(found, asked)
        shares = [share for share in shares if share.counter.label in shown]
        aliases = await self._aliases({share.customer_id for share in shares})
        return report(asked, found, shares, aliases, self._timezone)

    async def _everybody(self, asked: Question) -> Sheet:
        """The totals without the excluded customers, whose own counters are read first: they are not ahead."""
        excluded = await self._shares(asked, asked.excluded)
        days = days_between(asked.start, asked.end)
        reads = [_list(self._counters.totals_of_day(day, slot)) for day in days for slot in shards()]
        counters = [counter for part in await _gather(reads) for counter in part]
        whole = sheet(counter for counter in counters if asked.covers(counter.dims))
        return less(whole, sheet(share.counter for share in excluded))

    async def _shares_of_all(self, asked: Question, days: Collection[str]) -> list[Share]:
        """The shares of all customers but the excluded; the leaders know no dims, so then each one's counters."""
        reads = [self._leaders(day, slot) for day in days for slot in shards()]
        shares = [
            share
            for part in await _gather(reads)
            for share in part
            if share.customer_id not in asked.excluded
        ]
        return await self._shares(asked, {share.customer_id for share in shares}) if asked.by_dims else shares

    async def _leaders(self, day: str, slot: int) -> list[Share]:
        return [
            Share(leader.label, Counter(day, None, leader.sums))
            async for leader in self._counters.leaders(day, slot)
        ]

    async def _shares(self, asked: Question, customers: Collection[str]) -> list[Share]:
        parts = await _gather([self._share(asked, customer_id) for customer_id in sorted(customers)])
        return [share for part in parts for share in part]

    async def _share(self, asked: Question, customer_id: str) -> list[Share]:
        days = (asked.start.isoformat(), asked.end.isoformat())
        counters = self._counters.days_of_customer(customer_id, *days)
        return [Share(customer_id, counter) async for counter in counters if asked.covers(counter.dims)]

    async def _aliases(self, customers: Collection[str]) -> dict[str, str | None]:
        ids = sorted(customers)
        batches = [self._customers.get_many(ids[n : n + _BATCH]) for n in range(0, len(ids), _BATCH)]
        found = [customer for batch in await _gather(batches) for customer in batch.values()]
        return {customer.customer_id: customer.alias for customer in found}


async def _list(counters: AsyncIterator[Counter]) -> list[Counter]:
    return [counter async for counter in counters]


async def _gather(reads: list[Coroutine[Any, Any, T]]) -> list[T]:
    turnstile = asyncio.Semaphore(_AT_ONCE)

    async def through(read: Coroutine[Any, Any, T]) -> T:
        async with turnstile:
            return await read

    return await asyncio.gather(*map(through, reads))
