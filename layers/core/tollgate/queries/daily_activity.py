"""Usage by day, in LiteLLM's shape (reference 3.1 to 3.4), read from the counters."""

import asyncio
from collections.abc import Container
from dataclasses import replace
from typing import Any, Final, NamedTuple

from tollgate.money import ZERO
from tollgate.queries.breakdown import OTHERS, Share, Sheet, added_up, sheet
from tollgate.queries.metrics import METRICS
from tollgate.queries.names import NameTables
from tollgate.queries.question import UNASSIGNED, Question
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.report import KeyCounts, report, shown_days
from tollgate.queries.standings import Selected
from tollgate.storage.sums import Sums, collect

COLUMNS: Final = ("date", *METRICS)


class Activity(NamedTuple):
    """What a question found: the sheet of all its days, shares of the days shown, and who called on any."""

    sheet: Sheet
    shares: list[Share]
    callers: frozenset[str] = frozenset()


class DailyActivity:
    """Answers daily-activity questions from the counters, customers and keys tables."""

    def __init__(self, source: Source, rankings: Rankings, names: NameTables) -> None:
        self._source = source
        self._rankings = rankings
        self._names = names

    async def answer(self, asked: Question, key_limit: int | None = None) -> dict[str, Any]:
        """LiteLLM's daily activity, newest day first, money in exact USD; `key_limit` keys are told apart.

        Raises InvalidQuery, AwsError, AwsUnavailable.
        """
        selected = Selected(self._source, asked, self._rankings)
        found, _ = await asyncio.gather(
            self._names.beside(self._found(selected, asked)), self._names.aliases(asked.customers or ())
        )
        counts, found = _counted(found, key_limit)
        keys = {dims.key_id for of_day in found.sheet.values() for dims in of_day}
        names = await self._names.of({share.customer_id for share in found.shares}, keys)
        zone = selected.reading.calendar.zone_name
        answered = report(asked, found.sheet, found.shares, names, zone, counts)
        answered["metadata"] |= _silent(asked, found)
        return answered

    async def _found(self, selected: Selected, asked: Question) -> Activity:
        if asked.customers is not None and asked.entity_limit is None:
            shares = await selected.reading.shares(asked.customers)
            whole = sheet(share.counter for share in shares)
        else:
            whole = await selected.reading.sheet()
            shares = await self._shares(selected, asked, whole)
            if asked.entity_limit:
                whole = sheet(share.counter for share in shares)
        days = set(shown_days(whole, asked))
        shown = [share for share in shares if share.counter.label in days]
        return Activity(whole, shown, frozenset(share.customer_id for share in shares))

    @staticmethod
    async def _shares(selected: Selected, asked: Question, whole: Sheet) -> list[Share]:
        """The days shown by customer: from their totals, or where dims matter from each one's own."""
        days = shown_days(whole, asked)
        if asked.entity_limit is not None:
            top = await selected.top(asked.entity_limit)
            return await selected.apart(whole, top) if top else []
        if asked.by_dims or selected.reading.calendar.info is not None:
            return await selected.reading.shares(await selected.reading.active(days))
        return await selected.reading.day_sums(days)


def rows(answered: dict[str, Any]) -> list[dict[str, Any]]:
    """The days of an answer as rows."""
    return [{"date": day["date"], **day["metrics"]} for day in answered["results"]]


def _silent(asked: Question, found: Activity) -> dict[str, list[str]]:
    """The customers named who have no call in the range, known or not, so that nobody takes them for free."""
    if asked.customers is None or asked.entity_limit is not None:
        return {}
    silent = sorted(asked.customers - found.callers - {"", UNASSIGNED})
    return {"end_user_ids_without_calls": silent} if silent else {}


def _counted(found: Activity, key_limit: int | None) -> tuple[KeyCounts | None, Activity]:
    """How many keys there are, and what was found with those beyond the limit as one."""
    if key_limit is None:
        return None, found
    keys = _keys(found.sheet)
    of_entities = {s.counter.dims.key_id for s in found.shares if s.counter.dims}
    kept = set(sorted(keys, key=lambda key: (-keys[key].get("charge", ZERO), key))[:key_limit])
    counts = KeyCounts(key_limit, len(keys), len(of_entities))
    if len(kept) == len(keys):
        return counts, found
    return counts, Activity(
        _folded(found.sheet, kept), [_folded_share(share, kept) for share in found.shares]
    )


def _keys(found: Sheet) -> dict[str, Sums]:
    by_key: dict[str, list[Sums]] = {}
    for of_day in found.values():
        for dims, sums in of_day.items():
            by_key.setdefault(dims.key_id, []).append(sums)
    return {key: added_up(parts) for key, parts in by_key.items()}


def _folded(found: Sheet, kept: Container[str]) -> Sheet:
    folded: Sheet = {}
    for day, of_day in found.items():
        sums_of = folded.setdefault(day, {})
        for dims, sums in of_day.items():
            key = dims if dims.key_id in kept else dims._replace(key_id=OTHERS)
            collect(sums_of.setdefault(key, {}), sums)
    return folded


def _folded_share(share: Share, kept: Container[str]) -> Share:
    dims = share.counter.dims
    if dims is None or dims.key_id in kept:
        return share
    return share._replace(counter=replace(share.counter, dims=dims._replace(key_id=OTHERS)))
