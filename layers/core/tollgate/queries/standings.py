"""Customers in the order of what they spent or used, and the few of them that are told apart."""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Final, Literal

from tollgate.days import days_between
from tollgate.money import ZERO
from tollgate.queries.breakdown import OTHERS, Share, Sheet, less, sheet
from tollgate.queries.question import Question
from tollgate.queries.ranking import Rankings, Standings
from tollgate.queries.reading import Reading, Source
from tollgate.records import Usage
from tollgate.storage.counters import Counter, Sums, collect

Measure = Literal["spend", "requests", "tokens"]
Number = int | Decimal


def tokens(sums: Mapping[str, Number]) -> int:
    """LiteLLM's total_tokens."""
    usage = Usage.of(sums)  # type: ignore[arg-type]  # token classes are whole numbers
    return usage.prompt_tokens + usage.completion_tokens


MEASURES: Final[Mapping[Measure, Callable[[Sums], Number]]] = {
    "spend": lambda sums: sums.get("charge", ZERO),
    "requests": lambda sums: sums.get("api_requests", 0),
    "tokens": tokens,
}


def ranked(found: Standings, measure: Measure = "spend") -> list[str]:
    """The customers, the one with the most first; equals by id."""
    of = MEASURES[measure]
    return sorted(found, key=lambda customer_id: (-of(found[customer_id]), customer_id))


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

    async def standings(self) -> Standings:
        """What each customer asked for amounts to. Raises InvalidQuery where they must be few and are not."""
        if self._asked.by_dims or self.reading.calendar.info is not None:
            return by_customer(await self.shares())
        return await self.overall()

    async def overall(self) -> Standings:
        """The same of everybody whatever the models, keys … and zone asked for, so that there may be many."""
        asked = self._asked
        if asked.customers is not None:
            return by_customer(await self.reading.shares(asked.customers))
        found = await self._rankings.of(asked.start, asked.end, self._source.at.today)
        return {one: sums for one, sums in found.items() if one not in asked.excluded}

    async def top(self, most: int, by: Measure = "spend") -> list[str]:
        """Those who spent or used most overall."""
        return ranked(await self.overall(), by)[:most] if most else []

    async def apart(self, whole: Sheet, customers: Collection[str]) -> list[Share]:
        """The days of some customers, and what the others amount to on each as one customer more.

        The whole is theirs added up: a call that was just counted may be in a customer's days alone.
        """
        shares = await self.reading.shares(customers)
        rest = less(whole, sheet(share.counter for share in shares))
        return shares + [
            Share(OTHERS, Counter(day, dims, sums)) for day, of in rest.items() for dims, sums in of.items()
        ]
