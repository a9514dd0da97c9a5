"""Calls of one customer as its wallet sees them: admitted, closed, counted, dead; and who may spend what.

Several processes admit, each with its own memory of what it saw last, as warm functions have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.builders import entry, event
from tests.direct import Direct
from tollgate.admission.admission import Admission, Terms
from tollgate.admission.policy import Policies, Policy, Stores
from tollgate.counting import Counting, Store
from tollgate.keys import Caller
from tollgate.limits import Limits
from tollgate.records import Demand, Entry, SpendEvent
from tollgate.settings import LimitSettings
from tollgate.storage.customers import Customer, Profile
from tollgate.storage.keys import Key, KeyProfile

CUSTOMER = "acme"
KEY = "k" * 64
EXPIRED = timedelta(minutes=20)  # ago: longer than a call can take


@dataclass
class Process:
    """One warm function."""

    policies: Policies
    admission: Admission


class Bank:
    """The tables, the processes that admit, and the recorder."""

    def __init__(self, processes: int = 1, zone: str = "UTC", ttl: int = 0, **settings: Any) -> None:
        self.tables = Direct()
        self.zone = zone
        self._settings = LimitSettings(policy_ttl_seconds=ttl, **settings)
        self.processes = [self._process() for _ in range(processes)]
        self.caller = Caller("master")

    def _process(self) -> Process:
        at = self.tables
        policies = Policies(Stores(at.customers, at.budgets, at.keys), self._settings, self.zone)
        terms = Terms(self.zone, self._settings.reconcile_open_after_seconds)
        admission = Admission.over(at.database, at.counters, at.ledger, terms)
        return Process(policies, admission)

    @property
    def counting(self) -> Counting:
        """The recorder's."""
        at = self.tables
        store = Store(at.database, at.ledger, at.counters, at.customers, at.keys, at.tags)
        return Counting(store, self.zone, hourly_retention=timedelta(days=35))

    async def allow(self, limits: Limits | None, customer_id: str = CUSTOMER, **profile: Any) -> None:
        """Let management set the customer's own limits, and make the customer when there is none."""
        found = await self.tables.customers.get(customer_id)
        wanted = Profile(limits=limits, **profile)
        if found is None:
            made = Customer(customer_id, created_at=datetime.now(UTC), profile=wanted)
            await self.tables.database.transact([self.tables.customers.create(made)])
        else:
            await self.tables.database.transact(
                [self.tables.customers.change(found, wanted, datetime.now(UTC))]
            )

    async def give_key(self, limits: Limits | None, **profile: Any) -> None:
        """Let calls be made by a virtual key with limits of its own."""
        now = datetime.now(UTC)
        key = Key(KEY, KeyProfile(limits=limits, **profile), now, "master", now, KEY)
        await self.tables.database.transact([self.tables.keys.create(key)])
        self.caller = Caller(KEY, frozenset({"proxy"}), key)

    async def admit(
        self,
        cost: str | Decimal,
        *,
        process: int = 0,
        tokens: int = 0,
        ago: timedelta = timedelta(),
        **of: Any,
    ) -> Entry:
        """Admit a call that may cost so much, and open its entry. Raises what admission raises."""
        began = datetime.now(UTC) - ago
        plain = {"started_at": began.replace(microsecond=began.microsecond // 1000 * 1000)}
        asked = entry(**{**plain, "customer_id": CUSTOMER, "key_id": self.caller.key_id, **of})
        asked = replace(asked, virtual_key=self.caller.key is not None)
        one = self.processes[process]

        async def renew() -> Policy:
            return await one.policies.of(asked.customer_id, self.caller, fresh=True)

        policy = await one.policies.of(asked.customer_id, self.caller)
        demand = Demand(Decimal(cost), tokens)
        admitted = await one.admission.admit(policy, asked, demand, renew)
        return admitted.entry

    async def open(self, opened: Entry) -> None:
        """The entry is in the ledger: the call is under way."""
        await self.tables.ledger.open(opened)

    async def close(self, opened: Entry, charge: str | Decimal) -> SpendEvent:
        """The call has ended, and cost so much."""
        closed = event(entry=opened, cost=Decimal(charge), charge=Decimal(charge))
        await self.tables.ledger.close(closed)
        return closed

    async def count(self, events: Sequence[SpendEvent]) -> None:
        """The recorder counts, in one batch."""
        assert await self.counting.count(events) == set()

    async def customer(self, customer_id: str = CUSTOMER) -> Customer:
        """The customer as it stands."""
        found = await self.tables.customers.get(customer_id)
        assert found is not None
        return found

    async def used(self, kind: str, customer_id: str = CUSTOMER) -> Decimal:
        """What is used of the latest window of a kind."""
        wallet = (await self.customer(customer_id)).wallet
        found = [
            (of.start, amount) for of, amount in wallet.used.items() if (of.what, of.kind) == ("w", kind)
        ]
        return Decimal(max(found)[1]) if found else Decimal(0)
