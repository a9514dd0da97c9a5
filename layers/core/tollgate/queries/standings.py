"""The customers of a question: what they amount to, and the few of them that are told apart."""

from collections.abc import Collection, Iterable

from tollgate.days import days_between
from tollgate.queries.boards import Board, Measure, Standings
from tollgate.queries.breakdown import OTHERS, Share, Sheet, less, sheet
from tollgate.queries.question import Question
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Reading, Source
from tollgate.storage.counters import Counter
from tollgate.storage.sums import Sums, collect


def by_customer(shares: Iterable[Share]) -> Standings:
    """What each customer's parts amount to."""
    found: Standings = {}
    for share in shares:
        collect(found.setdefault(share.customer_id, {}), share.counter.sums)
    return found


class Selected:
    """The customers of a question: what they amount to, and each one's days as far as they are told apart."""

    def __init__(self, source: Source, asked: Question, rankings: Rankings, *, hourly: bool = False) -> None:
        self.reading = Reading(source, asked, hourly=hourly)
        self._source = source
        self._asked = asked
        self._rankings = rankings

    async def shares(self) -> list[Share]:
        """Each customer's own counters, by day and dims. Raises InvalidQuery for too many customers."""
        asked = self._asked
        if asked.customers is not None:
            return await self.reading.shares(asked.customers)
        active = await self.reading.active(days_between(asked.start, asked.end))
        return await self.reading.shares(active)

    async def board(self) -> Board:
        """What each customer asked for amounts to. Raises InvalidQuery where they must be few and are not."""
        if self._asked.by_dims or self.reading.calendar.info is not None:
            return Board(by_customer(await self.shares()))
        return await self.overall()

    async def overall(self) -> Board:
        """The same of everybody whatever the models, keys … and zone asked for, so that there may be many."""
        asked = self._asked
        if asked.customers is not None:
            return Board(by_customer(await self.reading.shares(asked.customers)))
        found = await self._rankings.of(asked.start, asked.end, self._source.at)
        return found.without(asked.excluded)

    async def top(self, most: int, by: Measure = "spend") -> list[str]:
        """Those who spent or used most overall."""
        return (await self.overall()).ranks(by).order[:most] if most else []

    async def told_apart(self, customers: Collection[str]) -> tuple[Board, Sums]:
        """What some customers amount to each, and all others together; empty when that is nothing."""
        if self._asked.by_dims or self.reading.calendar.info is not None:
            found = by_customer(await self.apart(await self.reading.sheet(), customers))
            others = found.pop(OTHERS, {})
            return Board(found), others
        board = await self.overall()
        known = {one: board.standings[one] for one in customers if one in board.standings}
        return Board(known), board.rest(customers)

    async def apart(self, whole: Sheet, customers: Collection[str]) -> list[Share]:
        """The days of some customers, and what the others amount to on each as one customer more.

        The whole is theirs added up: a call that was just counted may be in a customer's days alone.
        """
        shares = await self.reading.shares(customers)
        rest = less(whole, sheet(share.counter for share in shares))
        return shares + [
            Share(OTHERS, Counter(day, dims, sums)) for day, of in rest.items() for dims, sums in of.items()
        ]
