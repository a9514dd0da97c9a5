"""What queries cost on seeded traffic: round trips in sequence, read units, bytes and time, by route.

The functions run in this process, asked with the events that API Gateway would send. What they read is
counted on a first call, when nothing is cached but connections; times are of the calls after it. MiniStack is
one thread and sorts a whole partition for each query: what AWS reads at once is read one after another here.

MINISTACK_URL names a MiniStack that `make seed` filled; without it one is filled with BENCH_CUSTOMERS
(default 500) and BENCH_EVENTS (default 50,000) over 90 days. A new query is a line in `_questions`.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from statistics import quantiles
from typing import Final, NamedTuple

from bench import markdown
from bench.asked import Asked, Read, Timed
from bench.seeded import Store, first_day, last_day, seeded

_CALLS: Final = 20  # timed, of each query
_PATIENCE: Final = 10.0  # seconds for them; at least _FEWEST are made
_FEWEST: Final = 3
_DAY, _MONTH, _QUARTER, _YEAR = 1, 30, 90, 365  # days
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
    "calls",
)


class Question(NamedTuple):
    """A query, and the most round trips in sequence and read units it should take; 0 is no goal."""

    name: str
    path: str
    parameters: Mapping[str, str]
    trips: int = 0
    units: int = 0
    second_page: bool = False


class Found(NamedTuple):
    """What a query came to."""

    question: Question
    read: Read
    times: list[Timed]


def _questions(store: Store) -> Iterator[Question]:
    daily, listed = "/customer/daily/activity", "/customer/list"
    of_daily = {"end_user_ids": store.daily.customer_id}
    of_largest = {"end_user_ids": store.largest.customer_id}
    rare = store.largest.customer_id[2:-2]
    yield Question("one customer, 365 days", daily, _range(store, _YEAR) | of_daily | _ONE_PAGE, 1, 30)
    yield Question(
        "the largest customer, 90 days", daily, _range(store, _QUARTER) | of_largest | _ONE_PAGE, 1
    )
    yield Question("everybody, 1 day", daily, _range(store, _DAY))
    yield Question(
        "everybody, 90 days, a page of 1 day", daily, _range(store, _QUARTER) | {"page_size": "1"}, 2
    )
    yield Question(
        "one customer's limits and spend", "/customer/info", {"end_user_id": store.daily.customer_id}
    )
    yield Question("customers, first page", listed, {}, 2)
    yield Question("customers, second page by cursor", listed, {}, 2, second_page=True)
    yield Question("search by prefix", listed, {"search": "anna", "match": "prefix"}, 2)
    yield Question("its second page", listed, {"search": "anna", "match": "prefix"}, 2, second_page=True)
    yield Question(
        "search by prefix, one match", listed, {"search": store.largest.customer_id, "match": "prefix"}, 2
    )
    yield Question("search within, many matches", listed, {"search": "berg"}, 2)
    yield Question("its second page", listed, {"search": "berg"}, 2, second_page=True)
    yield Question("search within, one match", listed, {"search": rare}, 2)


_ONE_PAGE: Final = {"page_size": "400"}


def main() -> None:
    """Print the tables."""
    with seeded() as store:
        asked = Asked(store.described, store.environment)
        asked.get("/customer/info", {"end_user_id": store.daily.customer_id})
        asked.get("/customer/daily/activity", _range(store, 1) | {"end_user_ids": "nobody"})
        found = [_measured(asked, question) for question in _questions(store)]
    print(f"Seeded: {store.plan}.\n")
    print(markdown.goals(goal for one in found for goal in _goals(one)))
    print(markdown.table(_HEAD, map(_row, found)))


def _range(store: Store, days: int) -> dict[str, str]:
    return {"start_date": first_day(store.plan, days), "end_date": last_day(store.plan)}


def _measured(asked: Asked, question: Question) -> Found:
    print(f"  {question.name} …", file=sys.stderr)
    path, parameters = question.path, dict(question.parameters)
    if question.second_page:
        headers = {name.lower(): value for name, value in asked.get(path, parameters).headers}
        parameters["cursor"] = headers.get("x-next-cursor", "")  # none where little is seeded
    read = asked.read(path, parameters)
    return Found(question, read, list(_times(asked, path, parameters)))


def _times(asked: Asked, path: str, parameters: Mapping[str, str]) -> Iterator[Timed]:
    until = time.monotonic() + _PATIENCE
    for number in range(_CALLS):
        if number < _FEWEST or time.monotonic() < until:
            yield asked.time(path, parameters)


def _goals(found: Found) -> Iterator[markdown.Goal]:
    name, _, _, trips, units, _ = found.question
    if trips:
        took = found.read.in_sequence
        yield markdown.Goal(f"{name}: at most {trips} round trips in sequence", str(took), took <= trips)
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
        len(elapsed),
    )


if __name__ == "__main__":
    main()
