"""What queries cost on seeded traffic: round trips in sequence, read units, bytes and time, by route.

The functions run in this process, asked with the events that API Gateway would send. What they read is
counted on a first call, when nothing is remembered, and again on the next, "warm"; times are of the calls
after it. MiniStack is one thread and sorts a whole partition for each query: what AWS reads at once is read
one after another here.

MINISTACK_URL names a MiniStack that `make seed` filled; without it one is filled with BENCH_CUSTOMERS
(default 500) and BENCH_EVENTS (default 50,000) over 90 days. A new query is a line in bench/questions.py.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from statistics import quantiles
from typing import Final, NamedTuple

from bench import markdown
from bench.asked import Asked, Read, Timed
from bench.questions import Question, questions
from bench.seeded import seeded

_CALLS: Final = 20  # timed, of each query
_PATIENCE: Final = 10.0  # seconds for them; at least _FEWEST are made
_FEWEST: Final = 3
_HEAD: Final = (
    "query",
    "status",
    "round trips in sequence",
    "requests",
    "RRU (by rule)",
    "kB read",
    "kB answered",
    "CPU, ms",
    "p50, ms",
    "p99, ms",
    "warm: round trips",
    "calls",
)


class Found(NamedTuple):
    """What a query came to."""

    question: Question
    read: Read
    warm: Read
    times: list[Timed]


def main() -> None:
    """Print the tables."""
    with seeded() as store:
        asked = Asked(store.described, store.environment)
        found = [_measured(asked, question) for question in questions(store, asked)]
    print(f"Seeded: {store.plan}.\n")
    print(markdown.goals(goal for one in found for goal in _goals(one)))
    print(markdown.table(_HEAD, map(_row, found)))


def _measured(asked: Asked, question: Question) -> Found:
    print(f"  {question.name} …", file=sys.stderr)
    path, parameters = question.path, dict(question.parameters)
    if question.second_page:
        headers = {name.lower(): value for name, value in asked.get(path, parameters).headers}
        parameters["cursor"] = headers.get("x-next-cursor", "")  # none where little is seeded
    asked.forget()
    read, warm = (asked.read(path, parameters) for _ in range(2))
    return Found(question, read, warm, list(_times(asked, path, parameters)))


def _times(asked: Asked, path: str, parameters: Mapping[str, str]) -> Iterator[Timed]:
    until = time.monotonic() + _PATIENCE
    for number in range(_CALLS):
        if number < _FEWEST or time.monotonic() < until:
            yield asked.time(path, parameters)


def _goals(found: Found) -> Iterator[markdown.Goal]:
    name, trips, units = found.question.name, found.question.trips, found.question.units
    if trips:
        cold, warm = found.read.in_sequence, found.warm.in_sequence
        told = f"{cold} with nothing remembered, {warm} warm"
        yield markdown.Goal(f"{name}: at most {trips} round trips in sequence", told, cold <= trips)
    if units:
        used = found.read.units
        yield markdown.Goal(f"{name}: at most {units:,} RRU", f"{used:,.1f}", used <= units)


def _row(found: Found) -> tuple[object, ...]:
    read, elapsed = found.read, [one.elapsed for one in found.times]
    cpu = sorted(one.cpu for one in found.times)[len(found.times) // 2]
    hundredths = quantiles(elapsed, n=100, method="inclusive")
    return (
        found.question.name,
        read.status,
        read.in_sequence,
        read.requests,
        f"{read.units:,.1f}",
        f"{read.read / 1000:,.0f}",
        f"{read.answered / 1000:,.1f}",
        f"{cpu:,.0f}",
        f"{hundredths[49]:,.0f}",
        f"{hundredths[98]:,.0f}",
        found.warm.in_sequence,
        len(elapsed),
    )


if __name__ == "__main__":
    main()
