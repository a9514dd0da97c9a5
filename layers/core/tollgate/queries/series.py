"""Usage over time for charts: a few series told apart, all others as one, and the range before."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from tollgate.queries import series_sums as sums_of
from tollgate.queries.boards import Measure
from tollgate.queries.breakdown import NAMELESS, KeyNames, Sheet, entity, sheet
from tollgate.queries.buckets import Interval, buckets
from tollgate.queries.formats import View
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection
from tollgate.queries.ranges import Against, earlier
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.series_sums import Part
from tollgate.queries.standings import Selected
from tollgate.queries.sums_by import endpoint_of, group_of, key_of, model_of, only, provider_of
from tollgate.storage.counter_keys import Dims

COLUMNS: Final = ("bucket", "id", "name", *sums_of.METRICS)
_CUSTOMER: Final = "customer"
_KEY: Final = "api_key"
_GROUPS: Final[Mapping[str, Callable[[Dims], str]]] = {
    "model": model_of,
    "model_group": group_of,
    "provider": provider_of,
    "endpoint": endpoint_of,
    _KEY: key_of,
}
_VALUES: Final = {
    "models": "model",
    "model_groups": "model_group",
    "providers": "provider",
    "endpoints": "endpoint",
}


class SeriesParameters(Selection):
    """The query string of series; the `limit` of them with the most spend, requests … are told apart."""

    group_by: Literal["customer", "model", "model_group", "provider", "endpoint", "api_key"] = "model"
    interval: Interval = "day"
    limit: Annotated[int, Field(ge=1, le=50)] = 8
    by: Measure = "spend"
    compare: Literal["none", Against] = "none"


class _Found(NamedTuple):
    """What there is in a range before filters, the parts of series that are asked for, and aliases."""

    whole: Sheet
    parts: Sequence[Part]
    aliases: Mapping[str, str | None]


class Series:
    """Answers what to draw, from the counters of a question without its filters."""

    def __init__(self, source: Source, rankings: Rankings, names: NameTables) -> None:
        self._source = source
        self._rankings = rankings
        self._names = names

    async def answer(
        self, asked: Question, parameters: SeriesParameters, readable: frozenset[str] | None
    ) -> View:
        """Every bucket of the range; the series add up to the totals in each.

        `readable` are the customers that the caller may read, None for all.

        Raises InvalidQuery, AwsError, AwsUnavailable.
        """
        selected = self._selected(asked, parameters)
        zone = selected.reading.calendar.zone_name
        labels, bucket = buckets(asked, parameters.interval, selected.reading.calendar)
        found, before = await asyncio.gather(
            self._names.beside(self._found(selected, asked, parameters)),
            self._before(asked, parameters, readable),
        )
        keys = await self._names.keys({dims.key_id for of in found.whole.values() for dims in of})
        names = _aliases(keys) if parameters.group_by == _KEY else found.aliases
        grid = sums_of.told_apart(sums_of.rows(found.parts, bucket), parameters.limit, parameters.by)
        body = {
            "interval": parameters.interval,
            "group_by": parameters.group_by,
            "timezone": zone,
            **_range(asked),
            "buckets": labels,
            "series": [sums_of.shown(one, row, labels, names) for one, row in grid.items()],
            **sums_of.whole(sums_of.together(grid.values()), labels, readable),
            "previous": before,
            "values": _values(found.whole, keys),
        }
        return View(body, COLUMNS, sums_of.flat(grid, labels, names), zone)

    def _selected(self, asked: Question, parameters: SeriesParameters) -> Selected:
        bare = replace(asked, model="", key_id="", endpoint="", provider="")
        return Selected(self._source, bare, self._rankings, hourly=parameters.interval == "hour")

    async def _found(self, selected: Selected, asked: Question, parameters: SeriesParameters) -> _Found:
        if parameters.group_by == _CUSTOMER:
            return await self._of_customers(selected, asked, parameters)
        whole = await selected.reading.sheet()
        parts = sums_of.parts(only(whole, asked.covers), _GROUPS[parameters.group_by])
        return _Found(whole, list(parts), {})

    async def _of_customers(
        self, selected: Selected, asked: Question, parameters: SeriesParameters
    ) -> _Found:
        if asked.customers is not None:
            shares, names = await asyncio.gather(
                selected.reading.shares(asked.customers), self._names.aliases(asked.customers)
            )
        else:
            whole, top = await asyncio.gather(
                selected.reading.sheet(), selected.top(parameters.limit, parameters.by)
            )
            shares, names = await asyncio.gather(selected.apart(whole, top), self._names.aliases(top))
        parts = [
            Part(entity(customer_id), counter.label, counter.sums)
            for customer_id, counter in shares
            if asked.covers(counter.dims)
        ]
        aliases = {entity(one): alias for one, alias in names.items()}
        return _Found(sheet(share.counter for share in shares), parts, aliases)

    async def _before(
        self, asked: Question, parameters: SeriesParameters, readable: frozenset[str] | None
    ) -> dict[str, Any] | None:
        """The totals of an earlier range, bucket by bucket."""
        if parameters.compare == "none":
            return None
        before = earlier(asked, parameters.compare)
        reading = self._selected(before, parameters).reading
        labels, bucket = buckets(before, parameters.interval, reading.calendar)
        found = only(await reading.sheet(), asked.covers)
        row = sums_of.together(sums_of.rows(sums_of.parts(found, model_of), bucket).values())
        return {**_range(before), "buckets": labels, **sums_of.whole(row, labels, readable)}


def _range(asked: Question) -> dict[str, str]:
    return {"start_date": asked.start.isoformat(), "end_date": asked.end.isoformat()}


def _aliases(keys: KeyNames) -> dict[str, str | None]:
    return {key: of["key_alias"] for key, of in keys.items()}


def _values(whole: Sheet, keys: KeyNames) -> dict[str, Any]:
    """What there is to filter by."""
    dims = {one for of_day in whole.values() for one in of_day}
    found: dict[str, Any] = {
        name: sorted({getattr(one, dim) for one in dims} - {""}) for name, dim in _VALUES.items()
    }
    ids = sorted({one.key_id for one in dims} - {""})
    found["api_keys"] = [{"id": key, "alias": keys.get(key, NAMELESS)["key_alias"]} for key in ids]
    return found
