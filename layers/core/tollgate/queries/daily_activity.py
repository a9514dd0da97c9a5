"""Usage by day, in LiteLLM's shape (reference 3.1 and 3.4), read from the counters.

Reads are eventually consistent: a call that is being counted meanwhile may be in one part of an answer and
not yet in another.
"""

from collections.abc import Collection
from itertools import product
from typing import Any, Final

from tollgate.days import months_between
from tollgate.queries.breakdown import Share, Sheet, less, sheet
from tollgate.queries.parallel import each
from tollgate.queries.question import Question
from tollgate.queries.report import report, shown_days
from tollgate.storage.counters import Counter, CountersTable, shards
from tollgate.storage.customers import CustomersTable

Shard = tuple[str, int]  # a day and one of its write shards

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
        """The totals without the excluded customers, whose counters are read first: they are not ahead."""
        excluded = await self._shares(asked, asked.excluded)
        parts = await each(self._totals, product(months_between(asked.start, asked.end), shards()))
        whole = sheet(counter for part in parts for counter in part if asked.covers(counter.dims))
        return less(whole, sheet(share.counter for share in excluded))

    async def _shares_of_all(self, asked: Question, days: Collection[str]) -> list[Share]:
        """The shares of all but the excluded: the leaders, or where dims matter each one's own counters."""
        parts = await each(self._leaders, product(days, shards()))
        shares = [share for part in parts for share in part if share.customer_id not in asked.excluded]
        if not asked.by_dims:
            return shares
        return await self._shares(asked, {share.customer_id for share in shares})

    async def _shares(self, asked: Question, customers: Collection[str]) -> list[Share]:
        start, end = asked.start.isoformat(), asked.end.isoformat()

        async def of(customer_id: str) -> list[Share]:
            counters = self._counters.days_of_customer(customer_id, start, end)
            return [Share(customer_id, counter) async for counter in counters if asked.covers(counter.dims)]

        return [share for part in await each(of, sorted(customers)) for share in part]

    async def _totals(self, shard: tuple[tuple[str, str], int]) -> list[Counter]:
        (start, end), slot = shard
        return [counter async for counter in self._counters.totals(start, end, slot)]

    async def _leaders(self, shard: Shard) -> list[Share]:
        day, _ = shard
        leaders = self._counters.leaders(*shard)
        return [Share(leader.label, Counter(day, None, leader.sums)) async for leader in leaders]

    async def _aliases(self, customers: Collection[str]) -> dict[str, str | None]:
        ids = sorted(customers)
        batches = [ids[n : n + _BATCH] for n in range(0, len(ids), _BATCH)]
        found = await each(self._customers.get_many, batches)
        return {customer.customer_id: customer.alias for batch in found for customer in batch.values()}
