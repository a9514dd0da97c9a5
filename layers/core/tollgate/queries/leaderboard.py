"""Customers in order: who spent, called or used most in a range, or whose spend grew most since the last."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from tollgate.money import EXACT, ZERO, dumps
from tollgate.queries import cursors
from tollgate.queries.breakdown import added_up, entity
from tollgate.queries.formats import View
from tollgate.queries.metrics import CLASSIC, classic, totals
from tollgate.queries.names import NameTables
from tollgate.queries.question import InvalidQuery, Question, Selection
from tollgate.queries.ranges import previous
from tollgate.queries.ranking import Rankings, Standings
from tollgate.queries.reading import Source
from tollgate.queries.standings import MEASURES, Selected

COLUMNS: Final = ("rank", "end_user_id", "alias", *CLASSIC, "previous_spend", "growth")
Number = int | Decimal


class LeaderboardParameters(Selection):
    """The query string of the leaderboard; `growth` is of spend since the range before, of equal length."""

    by: Literal["spend", "requests", "tokens", "growth"] = "spend"
    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    cursor: str = ""


class _Place(NamedTuple):
    """Where a page begins: behind a customer with a value, at a rank."""

    value: Decimal
    customer_id: str
    rank: int


class _Board(NamedTuple):
    """What each customer amounts to, and what it did before; None unless growth is asked for."""

    now: Standings
    before: Standings | None

    def value(self, customer_id: str, by: str) -> Number:
        """What a customer is ranked by."""
        if self.before is not None:
            return self.growth(customer_id)
        return MEASURES[by](self.now[customer_id])  # type: ignore[index]  # growth has a before

    def growth(self, customer_id: str) -> Decimal:
        """How much more it spent than before, in USD."""
        return growth(self.now, self.before or {}, customer_id)

    def customers(self) -> set[str]:
        """Everybody in either range."""
        return self.now.keys() | (self.before or {}).keys()


class Leaderboard:
    """Ranks the customers of a question."""

    def __init__(self, source: Source, rankings: Rankings, names: NameTables) -> None:
        self._source = source
        self._rankings = rankings
        self._names = names

    async def page(self, asked: Question, parameters: LeaderboardParameters) -> View:
        """One page, and totals over all customers. Raises InvalidQuery, AwsError, AwsUnavailable."""
        of = _fingerprint(asked, parameters.by)
        after = _after(parameters.cursor, of)
        selected = Selected(self._source, asked, self._rankings)
        board = _Board(*await asyncio.gather(selected.standings(), self._before(asked, parameters.by)))
        keys = sorted((_sortable(board.value(one, parameters.by)), one) for one in board.customers())
        behind = [key for key in keys if after is None or key > (after.value, after.customer_id)]
        shown = list(islice(behind, parameters.limit))
        rank = after.rank if after else 0
        following = ""
        if len(behind) > len(shown):
            place = _Place(shown[-1][0], shown[-1][1], rank + len(shown))
            following = cursors.written(place, of)
        rows = await self._rows(board, [one for _, one in shown], rank)
        zone = selected.reading.calendar.zone_name
        metadata = _metadata(asked, parameters, board) | {"next_cursor": following or None, "timezone": zone}
        headers = {"x-next-cursor": following} if following else {}
        return View({"results": rows, "metadata": metadata}, COLUMNS, rows, zone, headers=headers)

    async def _before(self, asked: Question, by: str) -> Standings | None:
        if by != "growth":
            return None
        return await Selected(self._source, previous(asked), self._rankings).standings()

    async def _rows(self, board: _Board, customers: list[str], rank: int) -> list[dict[str, Any]]:
        aliases = await self._names.aliases(customers)
        return [
            {
                "rank": rank + n,
                "end_user_id": entity(one),
                "alias": aliases.get(one),
                **classic(board.now.get(one, {})),
                "previous_spend": None if board.before is None else _spend(board.before, one),
                "growth": None if board.before is None else board.growth(one),
            }
            for n, one in enumerate(customers, 1)
        ]


def growth(now: Standings, before: Standings, customer_id: str) -> Decimal:
    """How much more a customer spent now than before, in USD."""
    return EXACT.subtract(_spend(now, customer_id), _spend(before, customer_id))


def _after(cursor: str, of: str) -> _Place | None:
    """Where a page begins, None for the first one. Raises InvalidQuery."""
    if not cursor:
        return None
    place = cursors.read(cursor, _Place, of)
    if not place.value.is_finite():
        raise InvalidQuery("cursor is not one that this route gave: pass the last answer's as it came")
    return place


def _metadata(asked: Question, parameters: LeaderboardParameters, board: _Board) -> dict[str, Any]:
    return {
        **totals(added_up(board.now.values())),
        "by": parameters.by,
        "limit": parameters.limit,
        "total_customers": len(board.customers()),
        "unique_customers": len(board.now),
        "start_date": asked.start.isoformat(),
        "end_date": asked.end.isoformat(),
    }


def _sortable(value: Number) -> Decimal:
    """The largest first."""
    return EXACT.minus(Decimal(value))


def _spend(of: Mapping[str, Mapping[str, Number]], customer_id: str) -> Decimal:
    return Decimal(of.get(customer_id, {}).get("charge", ZERO))


def _fingerprint(asked: Question, by: str) -> str:
    """Tells the lists apart that cursors are of."""
    customers = [None if asked.customers is None else sorted(asked.customers), sorted(asked.excluded)]
    dims = [asked.model, asked.key_id, asked.endpoint, asked.provider, asked.tz, asked.offset]
    return dumps(["leaderboard", by, asked.start, asked.end, customers, dims]).decode()
