"""What each customer amounts to in a range of days, from their totals by day and by month.

A month that is asked for whole, or but for a few days, is read as a month, less those days; so is a month of
which only the future is not asked for. What was read is remembered for a minute.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from typing import Final, NamedTuple

from tollgate.days import days_between, months_between
from tollgate.money import EXACT
from tollgate.queries.parallel import each
from tollgate.storage.counters import CountersTable, Sums, merge, shards

Standings = dict[str, Sums]  # by customer id

_KEPT: Final = 60  # seconds
_MOST: Final = 4  # ranges; each may be of a hundred thousand customers


class Plan(NamedTuple):
    """Days and months (YYYY-MM) whose sums are added, and days whose sums are taken away."""

    added: tuple[str, ...]
    taken: tuple[str, ...]


def plan(start: date, end: date, today: date) -> Plan:
    """The fewest periods that make up the days from start to end; days after today are empty."""
    added: list[str] = []
    taken: list[str] = []
    for first, last in months_between(start, end):
        inside = [day for day in days_between(*_dates(first, last)) if day <= today.isoformat()]
        outside = sorted(set(_days_of_month(first, today)) - set(inside))
        if inside and len(outside) + 1 < len(inside):
            added.append(first[:7])
            taken += outside
        else:
            added += inside
    return Plan(tuple(added), tuple(taken))


class Rankings:
    """Standings by range, each read at most once a minute."""

    def __init__(self, counters: CountersTable) -> None:
        self._counters = counters
        self._kept: OrderedDict[Plan, tuple[float, Standings]] = OrderedDict()

    async def of(self, start: date, end: date, today: date) -> Standings:
        """What each customer amounts to from start to end; who has no call there is not in it."""
        asked = plan(start, end, today)
        found = self._kept.get(asked)
        if found is None or _now() - found[0] >= _KEPT:
            found = self._kept[asked] = (_now(), await self._read(asked))
            self._kept.move_to_end(asked)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found[1]

    async def _read(self, asked: Plan) -> Standings:
        """What is taken away is read first: it is not ahead of what it is taken from."""
        taken = await self._sums(asked.taken)
        found = await self._sums(asked.added)
        for customer_id, sums in taken.items():
            rest = _minus(found.get(customer_id, {}), sums)
            if rest:
                found[customer_id] = rest
            else:
                found.pop(customer_id, None)
        return found

    async def _sums(self, periods: Iterable[str]) -> Standings:
        found: Standings = {}

        async def of(shard: tuple[str, int]) -> None:
            async for leader in self._counters.leaders(*shard):
                sums = found.get(leader.label)
                found[leader.label] = leader.sums if sums is None else merge(sums, leader.sums)

        await each(of, product(periods, shards()))
        return found


def _minus(whole: Sums, part: Sums) -> Sums:
    negative = {
        name: -value if isinstance(value, int) else EXACT.minus(value) for name, value in part.items()
    }
    return {name: value for name, value in merge(whole, negative).items() if value}


def _days_of_month(day: str, today: date) -> list[str]:
    first = date.fromisoformat(day).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return [one for one in days_between(first, last) if one <= today.isoformat()]


def _dates(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


def _now() -> float:
    return asyncio.get_running_loop().time()
