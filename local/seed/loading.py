"""Customers and their sums into the tables; a process of its own for each part of the plan."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from local.seed.people import Person, person
from local.seed.rhythm import start_of
from local.seed.settings import Extent, Plan
from local.seed.sums import Sheet, customers_sheet, expiry
from local.seed.target import Target, Where, opened
from local.seed.traffic import events_of
from tollgate.bundles import Visit
from tollgate.money import EXACT, ZERO
from tollgate.records import SpendEvent
from tollgate.storage.counter_keys import CounterKey
from tollgate.storage.customers import Customer, Profile
from tollgate.storage.sums import Sums

_AT_ONCE: Final = 50  # customers kept in memory before they are written
Item = Mapping[str, Any]


@dataclass
class Part:
    """What was written of a part of the plan, and the sums it shares with other parts."""

    shared: Sheet = field(default_factory=Sheet)
    customers: int = 0
    counters: int = 0
    entries: int = 0

    def take(self, other: "Part") -> None:
        """Add another part to this one."""
        self.shared.take(other.shared)
        self.customers += other.customers
        self.counters += other.counters
        self.entries += other.entries


@dataclass
class _Rows:
    customers: list[Item] = field(default_factory=list)
    counters: list[Item] = field(default_factory=list)
    entries: list[Item] = field(default_factory=list)


def load(of: Where, extent: Extent) -> Part:
    """Write some customers with their counters and entries. Raises AwsError, AwsUnavailable."""
    return asyncio.run(_load(of, extent))


async def load_into(target: Target, extent: Extent, zone: str) -> Part:
    """The same into tables that are open."""
    part = Part()
    for first in range(extent.first, extent.last, _AT_ONCE):
        rows = _Rows()
        maker = _Maker(target, extent.plan, zone, rows)
        for number in range(first, min(first + _AT_ONCE, extent.last)):
            maker.make(number, part.shared)
        part.customers += await target.write(target.names.customers_table, rows.customers)
        part.counters += await target.write(target.names.counters_table, rows.counters)
        part.entries += await target.write(target.names.ledger_table, rows.entries)
    return part


async def write_counters(target: Target, plan: Plan, sums: Mapping[CounterKey, Sums]) -> int:
    """Write counters that are not one customer's; how many."""
    return await target.write(target.names.counters_table, list(counter_items(target, plan, sums)))


def counter_items(target: Target, plan: Plan, sums: Mapping[CounterKey, Sums]) -> Iterator[Item]:
    """The items of all counters but the hourly ones that would have expired by the end of the plan."""
    now = int(start_of(plan, plan.days).timestamp())
    hourly = timedelta(days=target.names.hourly_retention_days)
    for key, one in sums.items():
        expires_at = expiry(key, hourly)
        if expires_at is None or expires_at > now:
            yield target.counters.item(key, one, expires_at)


async def _load(of: Where, extent: Extent) -> Part:
    async with opened(of) as target:
        return await load_into(target, extent, of.reporting.reporting_timezone)


class _Maker:
    """Makes the rows of one customer after another."""

    def __init__(self, target: Target, plan: Plan, zone: str, rows: _Rows) -> None:
        self._target = target
        self._plan = plan
        self._zone = zone
        self._rows = rows
        self._booked_from = start_of(plan, plan.days - plan.ledger_days)

    def make(self, number: int, shared: Sheet) -> None:
        """One customer: its item, its counters, and its entries of the last days."""
        one = person(self._plan, number)
        visits: list[Visit] = []
        events = self._seen(events_of(self._plan, one, self._zone), visits)
        sheet = customers_sheet(events, shared)
        shared.events += sheet.events
        self._rows.counters += counter_items(self._target, self._plan, sheet.counters)
        self._rows.customers.append(self._target.customers.item(_customer(self._plan, one, visits)))

    def _seen(self, events: Iterable[SpendEvent], visits: list[Visit]) -> Iterator[SpendEvent]:
        """The events as they pass, each noted as a visit and, if it is late enough, in the ledger."""
        for event in events:
            began = event.entry.started_at
            visits.append(Visit(event.charge, began, began))
            if began >= self._booked_from:
                self._rows.entries.append(self._target.ledger.item(event))
            yield event


def _customer(plan: Plan, one: Person, visits: list[Visit]) -> Customer:
    made = min((visit.first for visit in visits), default=start_of(plan, one.joined))
    spend = ZERO
    for visit in visits:
        spend = EXACT.add(spend, visit.spend)
    profile = Profile(alias=one.alias, blocked=one.blocked, budget_id=one.tier)
    return Customer(
        customer_id=one.customer_id,
        spend=spend,
        created_at=made,
        last_seen_at=max((visit.last for visit in visits), default=None),
        profile=profile,
        revision=0 if profile == Profile() else 1,
    )
