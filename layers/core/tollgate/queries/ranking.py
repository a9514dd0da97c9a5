"""What each customer amounts to in a range of days, from their totals by day and by month.

A month that is asked for whole, or but for a few days, is read as a month, less those days; so is a month of
which only the future is not asked for. What was read is remembered, with the orders that were worked out.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Final, NamedTuple

from tollgate.days import days_between, months_between
from tollgate.money import EXACT
from tollgate.queries.boards import Board, Standings
from tollgate.queries.calendar import Reporting
from tollgate.queries.parallel import each
from tollgate.queries.remembered import Age, Remembered
from tollgate.queries.runs import Run, runs
from tollgate.storage.counter_keys import shards
from tollgate.storage.counters import CountersTable, Leader
from tollgate.storage.sums import Sums, merge

_AGE: Final = Age(timedelta(minutes=1), timedelta(minutes=5))
_MONTH: Final = len("YYYY-MM")
_MOST: Final = 300_000  # customers' sums in all ranges together, of about a kilobyte each


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
    """Boards by range, remembered for some minutes."""

    def __init__(self, counters: CountersTable) -> None:
        self._counters = counters
        self._boards: Remembered[Plan, Board] = Remembered(_MOST, lambda board: 1 + len(board.standings))

    async def of(self, start: date, end: date, at: Reporting) -> Board:
        """What each customer amounts to from start to end; who has no call there is not in it."""
        asked = plan(start, end, at.today)
        return await self._boards.of(asked, partial(self._read, asked), at.now, _AGE)

    async def _read(self, asked: Plan, at_once: int) -> Board:
        """What is taken away is read first: it is not ahead of what it is taken from."""
        taken = await self._sums(asked.taken, at_once)
        found = await self._sums(asked.added, at_once)
        for customer_id, sums in taken.items():
            rest = _minus(found.get(customer_id, {}), sums)
            if rest:
                found[customer_id] = rest
            else:
                found.pop(customer_id, None)
        return Board(found)

    async def _sums(self, periods: Iterable[str], at_once: int) -> Standings:
        found: Standings = {}

        async def of(shard: tuple[Run | str, int]) -> None:
            async for _, customer_id, sums in self._leaders(*shard):
                known = found.get(customer_id)
                found[customer_id] = sums if known is None else merge(known, sums)

        await each(of, product(_reads(periods), shards()), at_once)
        return found

    def _leaders(self, read: Run | str, slot: int) -> AsyncIterator[Leader]:
        if isinstance(read, str):
            return self._counters.leaders(read, slot)
        return self._counters.day_leaders(*read, slot)


def _reads(periods: Iterable[str]) -> list[Run | str]:
    """Months as they are, days in runs."""
    asked = list(periods)
    days = [one for one in asked if len(one) > _MONTH]
    return [one for one in asked if len(one) == _MONTH] + [*runs(days)]


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
