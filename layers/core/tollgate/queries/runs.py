"""Days that follow each other, for one read of the counters to answer many."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

# Of 100,000 customers with 60,000 calls a day, five days of a write shard are below a page of 1 MB. More
# would be read page after page, fewer would be more reads than are made at once.
_MOST: Final = 5
_DAY: Final = timedelta(days=1)


class Run(NamedTuple):
    """Days of one month from a first to a last one, both included."""

    first: str
    last: str


def runs(days: Iterable[str]) -> list[Run]:
    """The runs that make up some days."""
    found: list[list[str]] = []
    for day in sorted(days):
        if found and len(found[-1]) < _MOST and _follows(found[-1][-1], day):
            found[-1].append(day)
        else:
            found.append([day])
    return [Run(run[0], run[-1]) for run in found]


def _follows(day: str, other: str) -> bool:
    return day[:7] == other[:7] and date.fromisoformat(day) + _DAY == date.fromisoformat(other)
