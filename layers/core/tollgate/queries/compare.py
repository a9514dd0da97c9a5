"""A range against an earlier one: what changed, customer by customer and model by model, and why."""

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from tollgate.money import ZERO
from tollgate.queries import effects
from tollgate.queries.boards import MEASURES
from tollgate.queries.breakdown import Share, entity
from tollgate.queries.effects import Amount, Change, change, growth_of
from tollgate.queries.formats import View
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection
from tollgate.queries.ranges import Against, earlier
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.standings import Selected
from tollgate.queries.sums_by import model_of

Unit = Literal["tokens", "requests"]
Cell = tuple[str, str]  # customer id and model

_COLUMNS: Final = ("end_user_id", "alias", "model", *effects.COLUMNS)


class CompareParameters(Selection):
    """The query string of a comparison; `limit` is how many customers are told apart."""

    to: Against = "previous"
    unit: Unit = "tokens"
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class _Named(NamedTuple):
    """What is needed to show cells."""

    aliases: Mapping[str, str | None]
    order: list[str]


class Comparison:
    """Compares the customers of a question with what they were before."""

    def __init__(self, source: Source, rankings: Rankings, names: NameTables) -> None:
        self._source = source
        self._rankings = rankings
        self._names = names

    async def answer(self, asked: Question, parameters: CompareParameters) -> View:
        """What changed. The customers whose spend changed most are told apart, all others are one more.

        Raises InvalidQuery, AwsError, AwsUnavailable.
        """
        before = earlier(asked, parameters.to)
        ranges = [Selected(self._source, one, self._rankings) for one in (before, asked)]
        old, new = await self._shares(ranges, parameters.limit)
        cells = changes(old, new, parameters.unit)
        customers = grouped(cells, 0)
        named = _Named(await self._names.aliases(customers), _by_size(customers))
        rows = [_row(cell, cells[cell], named) for cell in sorted(cells, key=lambda c: _place(c, named))]
        zone = ranges[1].reading.calendar.zone_name
        body = {
            "current": _range(asked),
            "previous": _range(before),
            **effects.total(cells.values()).shown(),
            "customers": [_customer(one, customers, cells, named) for one in named.order],
            "models": [{"model": m, **c.shown()} for m, c in sorted(grouped(cells, 1).items())],
            "metadata": {"unit": parameters.unit, "limit": parameters.limit, "timezone": zone},
        }
        return View(body, _COLUMNS, rows, zone)

    async def _shares(self, ranges: list[Selected], limit: int) -> list[list[Share]]:
        before, now = await asyncio.gather(*(one.overall() for one in ranges))
        top = now.growth(before).largest[:limit]

        async def apart(one: Selected) -> list[Share]:
            return await one.apart(await one.reading.sheet(), top)

        return await asyncio.gather(*map(apart, ranges))


def changes(before: Iterable[Share], now: Iterable[Share], unit: Unit) -> dict[Cell, Change]:
    """The change of every cell that has calls in either range."""
    old, new = _amounts(before, unit), _amounts(now, unit)
    grown = growth_of(sum(one.units for one in old.values()), sum(one.units for one in new.values()))
    nothing = Amount()
    return {cell: change(old.get(cell, nothing), new.get(cell, nothing), grown) for cell in {**old, **new}}


def grouped(cells: Mapping[Cell, Change], place: Literal[0, 1]) -> dict[str, Change]:
    """The changes of customers (0) or models (1): the sums of their cells."""
    found: dict[str, Change] = {}
    for cell, one in cells.items():
        found[cell[place]] = found.get(cell[place], Change()).plus(one)
    return found


def _amounts(shares: Iterable[Share], unit: Unit) -> dict[Cell, Amount]:
    found: dict[Cell, Amount] = {}
    for customer_id, counter in shares:
        if counter.dims is not None:
            spend = Decimal(counter.sums.get("charge", ZERO))
            cell = customer_id, model_of(counter.dims)
            amount = Amount(spend, int(MEASURES[unit](counter.sums)))
            found[cell] = found.get(cell, Amount()).plus(amount)
    return found


def _by_size(customers: Mapping[str, Change]) -> list[str]:
    return sorted(customers, key=lambda one: (-abs(customers[one].difference), one))


def _place(cell: Cell, named: _Named) -> tuple[int, str]:
    return named.order.index(cell[0]), cell[1]


def _row(cell: Cell, found: Change, named: _Named) -> dict[str, Any]:
    return {
        "end_user_id": entity(cell[0]),
        "alias": named.aliases.get(cell[0]),
        "model": cell[1],
        **found.shown(),
    }


def _customer(
    one: str, customers: Mapping[str, Change], cells: Mapping[Cell, Change], named: _Named
) -> dict[str, Any]:
    models = sorted((model, found) for (customer, model), found in cells.items() if customer == one)
    return {
        "end_user_id": entity(one),
        "alias": named.aliases.get(one),
        **customers[one].shown(),
        "models": [{"model": model, **found.shown()} for model, found in models],
    }


def _range(asked: Question) -> dict[str, str]:
    return {"start_date": asked.start.isoformat(), "end_date": asked.end.isoformat()}
