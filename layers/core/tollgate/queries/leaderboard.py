"""Customers in order: who spent, called or used most in a range, or whose spend grew most."""

import asyncio
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from tollgate.money import EXACT, dumps
from tollgate.queries import cursors
from tollgate.queries.boards import Board, Measure, Ranks, spend
from tollgate.queries.breakdown import OTHERS, entity
from tollgate.queries.formats import View
from tollgate.queries.metrics import CLASSIC, classic, totals
from tollgate.queries.names import NameTables
from tollgate.queries.places import Page, SortOrder, page_of, place_after, place_of
from tollgate.queries.question import EntityLimit, Question, Selection
from tollgate.queries.ranges import Against, earlier
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.standings import Selected
from tollgate.storage.sums import Sums, merge

COLUMNS: Final = ("rank", "end_user_id", "alias", *CLASSIC, "previous_spend", "growth")


class LeaderboardParameters(Selection):
    """The query string of the leaderboard; `growth` is of spend, and since the range before unless told.

    `entity_limit` tells only those apart who spent most overall; all others are one row more, the last.
    """

    by: Literal[Measure, "growth"] = "spend"
    sort_order: SortOrder = "desc"
    compare: Literal["none", Against] = "none"
    entity_limit: EntityLimit = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    cursor: str = ""

    @property
    def against(self) -> Against | None:
        """The earlier range that is needed, if one is."""
        if self.compare != "none":
            return self.compare
        return "previous" if self.by == "growth" else None


class _Side(NamedTuple):
    """A range: what each customer amounts to that is told apart, and all others together."""

    board: Board
    others: Sums

    def of(self, customer_id: str) -> Sums:
        """What one of them amounts to."""
        return self.board.standings.get(customer_id, {})


class Leaderboard:
    """Ranks the customers of a question."""

    def __init__(self, source: Source, rankings: Rankings, names: NameTables) -> None:
        self._source = source
        self._rankings = rankings
        self._names = names

    async def page(self, asked: Question, parameters: LeaderboardParameters) -> View:
        """One page, and totals over all customers. Raises InvalidQuery, AwsError, AwsUnavailable."""
        of = _fingerprint(asked, parameters)
        after = place_after(parameters.cursor, of)
        selected = Selected(self._source, asked, self._rankings)
        now, before = await self._sides(selected, asked, parameters)
        ranks = _ranks(now, before, parameters)
        page = page_of(ranks, after, parameters.limit, parameters.sort_order)
        following = cursors.written(place_of(ranks, page), of) if page.more else None
        rows = await self._rows(page, now, before)
        zone = selected.reading.calendar.zone_name
        metadata = _metadata(asked, parameters, now) | {
            "total_customers": len(ranks.order),
            "next_cursor": following,
            "timezone": zone,
        }
        headers = {"x-next-cursor": following} if following else {}
        return View({"results": rows, "metadata": metadata}, COLUMNS, rows, zone, headers=headers)

    async def _sides(
        self, selected: Selected, asked: Question, parameters: LeaderboardParameters
    ) -> tuple[_Side, _Side | None]:
        """The range asked for and, if one is needed, the earlier one."""
        most, against = parameters.entity_limit, parameters.against
        top = None if most is None else await selected.top(most)
        if against is None:
            return await _side(selected, top), None
        before = Selected(self._source, earlier(asked, against), self._rankings)
        return await asyncio.gather(_side(selected, top), _side(before, top))

    async def _rows(self, page: Page, now: _Side, before: _Side | None) -> list[dict[str, Any]]:
        aliases = await self._names.aliases(page.customers)
        rows = [
            _row(rank, one, aliases.get(one), now.of(one), before.of(one) if before else None)
            for one, rank in page.customers.items()
        ]
        if not page.more and (now.others or (before and before.others)):
            rows.append(_row(None, OTHERS, None, now.others, before.others if before else None))
        return rows


async def _side(selected: Selected, top: list[str] | None) -> _Side:
    if top is None:
        return _Side(await selected.board(), {})
    return _Side(*await selected.told_apart(top))


def _row(rank: int | None, one: str, alias: str | None, now: Sums, before: Sums | None) -> dict[str, Any]:
    return {
        "rank": rank,
        "end_user_id": entity(one),
        "alias": alias,
        **classic(now),
        "previous_spend": None if before is None else spend(before),
        "growth": None if before is None else EXACT.subtract(spend(now), spend(before)),
    }


def _ranks(now: _Side, before: _Side | None, parameters: LeaderboardParameters) -> Ranks:
    if parameters.by == "growth" and before is not None:
        return now.board.growth(before.board)
    return now.board.ranks("spend" if parameters.by == "growth" else parameters.by)


def _metadata(asked: Question, parameters: LeaderboardParameters, now: _Side) -> dict[str, Any]:
    return {
        **totals(merge(now.board.total, now.others)),
        "by": parameters.by,
        "sort_order": parameters.sort_order,
        "compare": parameters.against or "none",
        "entity_limit": parameters.entity_limit,
        "limit": parameters.limit,
        "unique_customers": len(now.board.standings),
        "start_date": asked.start.isoformat(),
        "end_date": asked.end.isoformat(),
    }


def _fingerprint(asked: Question, parameters: LeaderboardParameters) -> str:
    """Tells the lists apart that cursors are of."""
    customers = [None if asked.customers is None else sorted(asked.customers), sorted(asked.excluded)]
    dims = [asked.model, asked.key_id, asked.endpoint, asked.provider, asked.tz, asked.offset]
    order = [parameters.by, parameters.sort_order, parameters.against, parameters.entity_limit]
    return dumps(["leaderboard", *order, asked.start, asked.end, customers, dims]).decode()
