"""What questions about usage cost: round trips in sequence, request units, bytes and time of this process.

The queries are the project's own, over counters in memory that answer as DynamoDB does: pages of 1 MB, units
by its rules for eventually consistent reads. A round trip is over when every call of it is. There are 100,000
customers, ten models and five keys; one customer calls two models a day.
"""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bench.markdown import Goal, goals, table
from bench.rules import item_size
from tollgate.days import days_between
from tollgate.ids import SLOTS
from tollgate.queries.calendar import Reporting
from tollgate.queries.compare import CompareParameters, Comparison
from tollgate.queries.daily_activity import DailyActivity
from tollgate.queries.leaderboard import Leaderboard, LeaderboardParameters
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection, selected
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Reading, Source
from tollgate.queries.series import Series, SeriesParameters
from tollgate.queries.totals import Totals
from tollgate.storage.codec import from_item, to_item
from tollgate.storage.counter_keys import CounterKey, Dims, daily, leader, total
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.sums import Sums, stored

CUSTOMERS: Final = 100_000
NOW: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
TODAY: Final = NOW.date()
_PAGE: Final = 1024 * 1024
_UNIT: Final = 4096
_EVENTUALLY: Final = Decimal("0.5")
_TABLE: Final = "counters"


@dataclass
class Store:
    """A DynamoDB of counters that is read in waves: all calls that are under way are answered at once."""

    partitions: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    waves: int = 0
    units: Decimal = Decimal(0)
    read: int = 0
    own: float = 0  # seconds of CPU that DynamoDB would have taken

    def put(self, key: CounterKey, sums: Sums) -> None:
        """Store a counter."""
        item = {"pk": key.pk, "sk": key.sk, **stored(sums)}
        self.partitions.setdefault(key.pk, {})[key.sk] = item

    def sort(self) -> None:
        """Make ready to be read."""
        self.order = {pk: sorted(items) for pk, items in self.partitions.items()}

    async def call(self, operation: str, request: Mapping[str, Any], *, sent: Any = None) -> dict[str, Any]:
        """Answer one operation."""
        del sent
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._settle, 0)
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn
        if operation == "BatchGetItem":
            self.units += Decimal(len(next(iter(request["RequestItems"].values()))["Keys"])) * _EVENTUALLY
            return {"Responses": {}}
        began = time.process_time()
        page = self._page(request)
        self.own += time.process_time() - began
        return page

    def _settle(self, known: int) -> None:
        """End the wave once no further call joins it."""
        if len(self.waiting) > known:
            asyncio.get_running_loop().call_later(0.002, self._settle, len(self.waiting))
            return
        self.waves += 1
        turns, self.waiting = self.waiting, []
        for turn in turns:
            turn.set_result(None)

    def _page(self, request: Mapping[str, Any]) -> dict[str, Any]:
        values = from_item(request["ExpressionAttributeValues"])
        pk = values[":all" if "IndexName" in request else ":pk"]
        keys = self.order.get(pk, [])
        first = bisect_left(keys, values.get(":start", ""))
        last = bisect_right(keys, values[":end"]) if ":end" in values else len(keys)
        if start := request.get("ExclusiveStartKey"):
            first = bisect_right(keys, from_item(start)["sk"])
        items, size = [], 0
        for sk in keys[first:last]:
            item = self.partitions[pk][sk]
            size += item_size(item)
            items.append(item)
            if size >= _PAGE:
                break
        self.units += -(-size // _UNIT) * _EVENTUALLY
        self.read += size
        more = first + len(items) < last
        end = {"LastEvaluatedKey": to_item({"pk": pk, "sk": items[-1]["sk"]})} if more else {}
        return {"Items": [to_item(item) for item in items], "Count": len(items), **end}


@dataclass
class Asked:
    """What one question came to."""

    what: str
    waves: int
    units: Decimal
    read: int
    seconds: float


def sums(n: int) -> Sums:
    """The sums of a counter."""
    money = Decimal(n % 9973 + 1).scaleb(-3) + Decimal("0.000123456")
    requests = n % 89 + 1
    return {
        "cost": money,
        "charge": money,
        "input": n % 99_991,
        "cache_read": n % 7919,
        "output": n % 9973,
        "api_requests": requests,
        "successful_requests": requests,
        "response_time_ms": requests * 800,
        "timed_requests": requests,
    }


def seeded() -> Store:
    """Counters of last month for everybody, of 90 days in total, of a year for one customer."""
    store = Store()
    for n in range(CUSTOMERS):
        for month in ("2026-09", "2026-10"):
            store.put(leader(month, f"customer-{n:06}"), sums(n * len(month) + int(month[-2:])))
    dims = [
        Dims(f"model-{m}", f"model-{m}-2026", "openai", "/chat/completions", f"{k:064}")
        for m in range(10)
        for k in range(5)
    ]
    for day in days_between(TODAY - timedelta(days=90), TODAY):
        for n, of in enumerate(dims):
            for slot in range(SLOTS):
                store.put(total(day, slot, of), sums(n))
    for day in days_between(TODAY - timedelta(days=364), TODAY):
        for of in dims[:2]:
            store.put(daily("customer-000001", day, of), sums(7))
    for k in range(5):
        store.partitions.setdefault("keys", {})[f"{k:064}"] = {"key_id": f"{k:064}", "alias": f"app-{k}"}
    store.sort()
    return store


def question(start: date, end: date, **more: Any) -> Question:
    """A question about days."""
    return selected(Selection(start_date=start.isoformat(), end_date=end.isoformat(), **more))


async def measured(store: Store, what: str, ask: Callable[[], Awaitable[object]]) -> Asked:
    """One question, asked once."""
    store.waves, store.units, store.read, store.own = 0, Decimal(0), 0, 0
    began = time.process_time()
    await ask()
    return Asked(what, store.waves, store.units, store.read, time.process_time() - began - store.own)


async def run() -> list[Asked]:
    """Every question."""
    store = seeded()
    database = Database(store)  # type: ignore[arg-type]  # it is called as one
    counters = CountersTable(database, _TABLE)
    source, rankings = Source(counters, Totals(counters), Reporting(NOW, "UTC")), Rankings(counters)
    names = NameTables(CustomersTable(database, "customers"), KeysTable(database, "keys"))
    year = question(TODAY - timedelta(days=364), TODAY, end_user_ids=["customer-000001"])
    quarter = question(TODAY - timedelta(days=89), TODAY)
    month = question(date(2026, 10, 1), date(2026, 10, 31))
    boards, series = Leaderboard(source, rankings, names), Series(source, rankings, names)
    top = LeaderboardParameters(limit=50)
    return [
        await measured(store, "one customer, 365 days, its counters", Reading(source, year).sheet),
        await measured(
            store,
            "the same as daily activity, with the names of its keys",
            lambda: DailyActivity(source, rankings, names).answer(year, 100),
        ),
        await measured(store, "totals, 90 days", Reading(source, quarter).sheet),
        await measured(store, "top 50 of a month, cold", lambda: boards.page(month, top)),
        await measured(store, "top 50 of a month, within a minute", lambda: boards.page(month, top)),
        await measured(
            store,
            "a month against the last, 50 customers told apart",
            lambda: Comparison(source, rankings, names).answer(month, CompareParameters(to="last_month")),
        ),
        await measured(
            store,
            "one customer, 365 days, daily activity, names remembered",
            lambda: DailyActivity(source, rankings, names).answer(year, 100),
        ),
        await measured(
            store,
            "series by model, 90 days, totals remembered",
            lambda: series.answer(quarter, SeriesParameters(), None),
        ),
        await measured(
            store,
            "series by customer, a month, all remembered but the customers' days",
            lambda: series.answer(month, SeriesParameters(group_by="customer"), None),
        ),
    ]


def main() -> None:
    """Print the table and the goals."""
    found = asyncio.run(run())
    head = ("question", "round trips in sequence", "RRU", "bytes read", "CPU of this process, ms")
    rows = [(a.what, a.waves, f"{a.units:f}", f"{a.read:,}", round(a.seconds * 1000)) for a in found]
    print(table(head, rows))
    _, one, totals, top, *_ = found
    aims = [
        _goal("one customer over 365 days, with names", one, 1, 30),
        _goal("totals over 90 days", totals, 2),
        _goal("top 50 of a month", top, 3, 4000),
    ]
    print(goals(aims))


def _goal(what: str, found: Asked, waves: int, units: int | None = None) -> Goal:
    aim = f"{what}: ≤ {waves} round trips" + (f", ≤ {units:,} RRU" if units else "")
    met = found.waves <= waves and (units is None or found.units <= units)
    return Goal(aim, f"{found.waves}, {found.units:f} RRU", met)


if __name__ == "__main__":
    main()
