"""One customer whom everybody calls for: admissions a second on one wallet, by callers and by holds standing.

Admission is called in this process, over MiniStack, by so many callers at once, in rounds of one admission
each; between the rounds their holds are taken back, so that the wallet has the holds that stand, and one for
each caller. The yardstick is the conditional PutItem that opens an entry, by the same client in like rounds:
MiniStack and this machine are in both. AWS writes one item at most 1,000 units a second, and bills an
admission by the size of the item; what counting writes to it is not in the table.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Final, NamedTuple

import httpx2

from bench import markdown, rules
from bench.limited import ONE_BUDGET, Deployment
from bench.processes import ministack
from bench.stack import Tables, aws_settings, create_tables
from tollgate.admission.admission import Admission, Admitted, Terms
from tollgate.admission.policy import Policies, Policy, Stores
from tollgate.ids import new_request_id
from tollgate.keys import Caller
from tollgate.records import Demand, Entry
from tollgate.settings import LimitSettings
from tollgate.storage.aws import DYNAMODB, AwsClient
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable, Profile
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.wire.transport import KeepAlive

_STANDING: Final = (0, 50, 200)
_CALLERS: Final = (1, 16, 64)
_ADMISSIONS: Final = 256  # of one case
_PER_ITEM: Final = 1000  # write units a second, of AWS
_HELD: Final = 3  # seconds: a call of two, and one until it is counted
_CALLER: Final = Caller("0" * 64)
_DEMAND: Final = Demand(Decimal("0.000612"), 1024)
_HEAD: Final = (
    "holds standing",
    "callers",
    "admissions/s",
    "PutItems/s",
    "ratio",
    "CPU, ms an admission",
    "item",
    "WRU an admission (by rule)",
    "admissions/s on AWS, at most",
)


class Line(NamedTuple):
    """One case: how many a second, seconds of CPU an admission, and bytes of the wallet's item."""

    standing: int
    callers: int
    admissions: float
    puts: float
    cpu: float
    size: int

    @property
    def holds(self) -> int:
        """How many holds are in it, those of the callers among them."""
        return self.standing + self.callers

    @property
    def units(self) -> int:
        """What an admission writes, by the rules."""
        return rules.write_units(self.size)


@dataclass
class Rounds:
    """What was done in rounds: seconds, of the clock and of CPU, and how often."""

    wall: float = 0
    cpu: float = 0
    count: int = 0

    async def add(self, callers: int, call: Callable[[], Awaitable[Admitted]]) -> list[Admitted]:
        """One of each caller, at once."""
        wall, cpu = time.perf_counter(), time.process_time()
        done = await asyncio.gather(*(call() for _ in range(callers)))
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        self.count += callers
        return done


class Wallet:
    """A customer's, and what admits to it as the gateway does."""

    def __init__(self, http: httpx2.AsyncClient, tables: Tables, customer_id: str) -> None:
        self._database = Database(AwsClient(http, aws_settings(), DYNAMODB))
        self._customers = CustomersTable(self._database, tables.customers)
        self._ledger = LedgerTable(self._database, tables.ledger)
        counters, limits = CountersTable(self._database, tables.counters), LimitSettings()
        budgets, keys = BudgetsTable(self._database, tables.budgets), KeysTable(self._database, tables.keys)
        self._policies = Policies(Stores(self._customers, budgets, keys), limits, "UTC")
        self._admission = Admission.over(self._database, counters, self._ledger, Terms("UTC", 960))
        self._customer_id = customer_id

    async def admit(self) -> Admitted:
        """Admit a call."""
        policy = await self._policy()
        return await self._admission.admit(policy, _entry(self._customer_id), _DEMAND, self._policy)

    async def put(self) -> Admitted:
        """Open an entry, and nothing else."""
        entry = _entry(self._customer_id)
        await self._ledger.open(entry)
        return Admitted(entry)

    async def release(self, admitted: list[Admitted]) -> None:
        """Take holds back."""
        await asyncio.gather(*map(self._admission.release, admitted))

    async def size(self) -> int:
        """Bytes of the item."""
        account = self._customers.account(self._customer_id)
        return rules.item_size(await self._database.get(account.table, account.key) or {})

    async def _policy(self) -> Policy:
        return await self._policies.of(self._customer_id, _CALLER)


def _entry(customer_id: str) -> Entry:
    now = datetime.now(UTC)
    return Entry(
        request_id=new_request_id(),
        customer_id=customer_id,
        key_id=_CALLER.key_id,
        model_group="gpt-4o-mini",
        model="gpt-4o-mini",
        provider="openai",
        endpoint="/chat/completions",
        started_at=now,
        day=now.strftime("%Y-%m-%d"),
    )


async def _lines(tables: Tables) -> AsyncIterator[Line]:
    async with httpx2.AsyncClient(transport=KeepAlive(keepalive_expiry=60), trust_env=False) as http:
        for standing, callers in product(_STANDING, _CALLERS):
            customer_id = f"hot-{standing}-{callers}"
            await Deployment(http, tables).customer(customer_id, Profile(limits=ONE_BUDGET))
            yield await _line(Wallet(http, tables, customer_id), standing, callers)


async def _line(wallet: Wallet, standing: int, callers: int) -> Line:
    for _ in range(standing + 1):
        last = await wallet.admit()
    await wallet.release([last])  # it opened the connections, and made the wallet when nobody stands
    admissions, puts = Rounds(), Rounds()
    while admissions.count < _ADMISSIONS:
        held = await admissions.add(callers, wallet.admit)
        size = await wallet.size()
        await wallet.release(held)
        await puts.add(callers, wallet.put)
    each = admissions.cpu / admissions.count
    return Line(standing, callers, admissions.count / admissions.wall, puts.count / puts.wall, each, size)


async def _measure(tables: Tables) -> list[Line]:
    return [line async for line in _lines(tables)]


def main() -> None:
    """Print the tables."""
    with ministack():
        lines = asyncio.run(_measure(create_tables()))
    print(markdown.table(_HEAD, map(_row, lines)))
    print(_steady(lines))


def _row(line: Line) -> tuple[object, ...]:
    return (
        line.standing,
        line.callers,
        f"{line.admissions:.0f}",
        f"{line.puts:.0f}",
        f"{line.admissions / line.puts:.2f}",
        f"{line.cpu * 1000:.2f}",
        f"{line.size:,} B",
        line.units,
        _PER_ITEM // line.units,
    )


def _steady(lines: list[Line]) -> str:
    """How many a second one item bears when each hold stands for a while: the more, the larger the item."""
    small, large = lines[0], lines[-1]
    hold = (large.size - small.size) / (large.holds - small.holds)
    rate = max(each for each in range(_PER_ITEM) if _written(each, small.size + hold * _HELD * each))
    return (
        f"A hold is {hold:.0f} B. When each stands for {_HELD} seconds (a call of two, and one until it is\n"
        f"counted), AWS takes at most {rate} admissions a second of one customer, and counts them once a\n"
        f"second: {_HELD * rate} holds then stand."
    )


def _written(rate: int, size: float) -> bool:
    """Whether AWS writes so many admissions a second, and what counts them, to an item of so many bytes."""
    counting = rules.write_units(round(size), transaction=True)
    return rate * rules.write_units(round(size)) + counting <= _PER_ITEM


if __name__ == "__main__":
    main()
