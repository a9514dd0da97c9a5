"""Customers, keys and tiers with limits, made on an empty MiniStack; and calls of theirs counted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import product
from typing import Any, Final, NamedTuple

import httpx2

from bench.metered import Metered
from bench.stack import Tables, aws_settings
from tollgate.counting import Counting, Store
from tollgate.days import days_between
from tollgate.ids import SLOTS
from tollgate.limits import Cap, Limits, ModelLimit
from tollgate.records import SpendEvent
from tollgate.storage.aws import DYNAMODB, AwsClient
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import Customer, CustomersTable, Profile
from tollgate.storage.keys import Key, KeyProfile, KeysTable
from tollgate.storage.ledger import LedgerTable, is_pending, parse
from tollgate.storage.tag_names import TagNames

_BATCH: Final = 100  # events, as template.yaml has it
MUCH: Final = Decimal(1_000_000)  # USD, that no benchmark spends
MANY: Final = 1_000_000_000
ONE_BUDGET: Final = Limits(max_budget=MUCH)
THREE_WINDOWS: Final = Limits(
    max_budget=MUCH, budget_limits=(Cap(MUCH, budget_duration="1d"), Cap(MUCH, budget_duration="1mo"))
)
EVERY_LIMIT: Final = Limits(
    max_budget=MUCH,
    budget_limits=(Cap(MUCH, budget_duration="1d"), Cap(MUCH, budget_duration="1mo")),
    soft_budget=MUCH,
    rpm_limit=MANY,
    tpm_limit=MANY,
    max_parallel_requests=MANY,
    model_max_budget={
        "gpt-4o-mini": ModelLimit(MUCH, budget_duration="1d", tpm_limit=MANY, rpm_limit=MANY),
        "gpt-4*": ModelLimit(MUCH, budget_duration="1mo"),
    },
)


class Counted(NamedTuple):
    """Units to write what counts an event, as the store says and by the rules."""

    said: float
    ruled: int


class Deployment:
    """Its tables, written as management and the recorder write them."""

    def __init__(self, http: httpx2.AsyncClient, tables: Tables) -> None:
        self.database = Metered(AwsClient(http, aws_settings(), DYNAMODB))
        self.customers = CustomersTable(self.database, tables.customers)
        self.ledger = LedgerTable(self.database, tables.ledger)
        self.counters = CountersTable(self.database, tables.counters)
        self._budgets = BudgetsTable(self.database, tables.budgets)
        self._keys = KeysTable(self.database, tables.keys)
        tags = TagNames(self.database, tables.counters)
        store = Store(self.database, self.ledger, self.counters, self.customers, self._keys, tags)
        self._counting = Counting(store, "UTC", hourly_retention=timedelta(days=35))

    async def customer(self, customer_id: str, profile: Profile) -> None:
        """Make a customer."""
        made = Customer(customer_id, created_at=datetime.now(UTC), profile=profile)
        await self._write(self.customers.create(made))

    async def key(self, secret: str, limits: Limits) -> Key:
        """Make a key with limits."""
        now, key_id = datetime.now(UTC), sha256(secret.encode()).hexdigest()
        key = Key(key_id, KeyProfile(limits=limits), now, "bench", now, key_id)
        await self._write(self._keys.create(key))
        return key

    async def tier(self, budget_id: str, limits: Limits) -> None:
        """Make a tier."""
        now = datetime.now(UTC)
        await self._write(self._budgets.create(Budget(budget_id, limits, now, now, "bench", "bench")))

    async def event(self, request_id: str) -> SpendEvent:
        """A call as it was closed."""
        (event,) = await self.ledger.closed([request_id])
        return event

    async def count(self, events: Sequence[SpendEvent]) -> Counted:
        """Count events as the recorder does, their wallets settled. Raises RuntimeError for any left out."""
        self.database.forget()
        if left := await self._counting.count(events):
            raise RuntimeError(f"{len(left)} events were not counted")
        return Counted(self.database.said_written, await self.database.ruled_transactions())

    async def count_all(self) -> None:
        """Count what was closed by now, as the recorder would have; of today and yesterday."""
        now = datetime.now(UTC)
        start = now - timedelta(days=1)
        for day, slot in product(days_between(start.date(), now.date()), range(SLOTS)):
            items = [item async for item in self.ledger.between(day, slot, start, now)]
            events = [
                found for found in map(parse, filter(is_pending, items)) if isinstance(found, SpendEvent)
            ]
            for batch in range(0, len(events), _BATCH):
                await self.count(events[batch : batch + _BATCH])

    async def _write(self, action: Mapping[str, Any]) -> None:
        await self.database.transact([action])
