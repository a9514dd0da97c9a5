"""Refused calls by reason and day, of everybody or of some customers."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from itertools import product
from typing import Any, Final

from tollgate.days import days_between, months_between
from tollgate.queries.calendar import Reporting, own_days
from tollgate.queries.formats import View
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery, Question, Selection, selected
from tollgate.queries.reading import MAX_CUSTOMERS
from tollgate.storage.counter_keys import shards
from tollgate.storage.refusals import RefusalCounters, Refused

_COLUMNS: Final = ("date", "reason", "refused_calls")
_Calls = Counter[tuple[str, str]]  # by reason and day


def refusals_question(parameters: Selection) -> Question:
    """The question in a query string. Raises InvalidQuery, also for what refused calls are not counted by."""
    asked = selected(parameters)
    if asked.by_dims:
        raise InvalidQuery(
            "Refused calls are counted by reason, customer and day only: "
            "leave out model, api_key, endpoint and provider"
        )
    return asked


class Refusals:
    """Answers how many calls were refused, and why."""

    def __init__(self, counters: RefusalCounters, at: Reporting) -> None:
        self._counters = counters
        self._at = at

    async def answer(self, asked: Question) -> View:
        """One series a reason, the most frequent first. Raises InvalidQuery, AwsError, AwsUnavailable."""
        zone = own_days(asked, self._at)
        calls = await self._calls(asked)
        days = days_between(asked.start, asked.end)
        series = sorted(_series(calls, days), key=lambda one: (-one["total"], one["id"]))
        body = {
            "timezone": zone,
            "start_date": asked.start.isoformat(),
            "end_date": asked.end.isoformat(),
            "buckets": days,
            "series": series,
            "total": calls.total(),
        }
        return View(body, _COLUMNS, _rows(calls), zone)

    async def _calls(self, asked: Question) -> _Calls:
        if asked.customers is not None:
            return await self._of_customers(asked.customers, asked)
        excluded = await self._of_customers(asked.excluded, asked)  # read first: they are not ahead
        return await self._of_everybody(asked) - excluded

    async def _of_customers(self, customers: Collection[str], asked: Question) -> _Calls:
        if len(customers) > MAX_CUSTOMERS:
            raise InvalidQuery(
                f"The refused calls of {len(customers)} customers are read one by one, over {MAX_CUSTOMERS}: "
                "name fewer in end_user_ids and exclude_end_user_ids"
            )
        start, end = asked.start.isoformat(), asked.end.isoformat()

        async def of(customer_id: str) -> _Calls:
            return await _sum(self._counters.of_customer(customer_id, start, end))

        return _added(await each(of, sorted(customers)))

    async def _of_everybody(self, asked: Question) -> _Calls:
        async def of(shard: tuple[tuple[str, str], int]) -> _Calls:
            (start, end), slot = shard
            return await _sum(self._counters.totals(start, end, slot))

        months = months_between(asked.start, asked.end)
        return _added(await each(of, product(months, shards())))


async def _sum(found: AsyncIterator[Refused]) -> _Calls:
    calls = _Calls()
    async for one in found:
        calls[one.reason, one.day] += one.calls
    return calls


def _added(parts: Iterable[_Calls]) -> _Calls:
    calls = _Calls()
    for part in parts:
        calls.update(part)
    return calls


def _series(calls: _Calls, days: Sequence[str]) -> list[dict[str, Any]]:
    points = {reason: [calls[reason, day] for day in days] for reason in {reason for reason, _ in calls}}
    return [{"id": reason, "total": sum(of_days), "points": of_days} for reason, of_days in points.items()]


def _rows(calls: _Calls) -> list[dict[str, Any]]:
    ordered = sorted((day, reason, count) for (reason, day), count in calls.items())
    return [dict(zip(_COLUMNS, row, strict=True)) for row in ordered]
