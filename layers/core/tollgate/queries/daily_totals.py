"""Totals and unique customers by day: from the totals, and from how many customers' sums a day has."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from tollgate.days import days_between
from tollgate.queries.breakdown import grand_total
from tollgate.queries.formats import View
from tollgate.queries.metrics import METRICS, spend_metrics, totals
from tollgate.queries.parallel import each
from tollgate.queries.question import Question
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.standings import Selected
from tollgate.queries.sums_by import by_day

_DAYS_AT_ONCE: Final = 2  # each of 16 shards
COLUMNS: Final = ("date", "unique_customers", *METRICS)


class DailyTotals:
    """Answers how much, and by how many customers, day by day."""

    def __init__(self, source: Source, rankings: Rankings) -> None:
        self._source = source
        self._rankings = rankings

    async def answer(self, asked: Question) -> View:
        """Every day that has calls, the first day first. Raises InvalidQuery, AwsError, AwsUnavailable."""
        selected = Selected(self._source, asked, self._rankings)
        if asked.customers is not None:
            await selected.reading.shares(asked.customers)  # read once, and then remembered
        found, unique, whole = await asyncio.gather(
            selected.reading.sheet(), self._unique(selected, asked), selected.board()
        )
        rows = [
            {"date": day, "unique_customers": unique.get(day, 0), **spend_metrics(sums)}
            for day, sums in by_day(found).items()
        ]
        zone = selected.reading.calendar.zone_name
        metadata = {**totals(grand_total(found)), "unique_customers": len(whole.standings), "timezone": zone}
        body: dict[str, Any] = {"results": rows, "metadata": metadata}
        return View(body, COLUMNS, rows, zone)

    async def _unique(self, selected: Selected, asked: Question) -> dict[str, int]:
        days = days_between(asked.start, asked.end)
        if asked.customers is None and not asked.by_dims and selected.reading.calendar.info is None:
            return await self._counted(selected, asked, days)
        customers = asked.customers
        if customers is None:
            customers = frozenset(await selected.reading.active(days))
        return await _seen(selected, customers)

    async def _counted(self, selected: Selected, asked: Question, days: Collection[str]) -> dict[str, int]:
        """How many customers' sums each day has, without the excluded."""

        async def of(day: str) -> tuple[str, int]:
            return day, await self._source.totals.callers(day, self._source.at.now)

        last = min(asked.end, self._source.at.today).isoformat()
        seen, counted = await asyncio.gather(
            _seen(selected, asked.excluded), each(of, [day for day in days if day <= last], _DAYS_AT_ONCE)
        )
        return {day: count - seen.get(day, 0) for day, count in counted}


async def _seen(selected: Selected, customers: Collection[str]) -> dict[str, int]:
    """How many of some customers have calls, by day."""
    seen: dict[str, set[str]] = {}
    for share in await selected.reading.shares(customers):
        seen.setdefault(share.counter.label, set()).add(share.customer_id)
    return {day: len(who) for day, who in seen.items()}
