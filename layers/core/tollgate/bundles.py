"""Spend events summed up in memory, so that a hundred calls of one customer cost one write of its counter.

A bundle is what goes into one transaction, of at most 100 items.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from tollgate import days
from tollgate.ids import slot_of
from tollgate.money import EXACT, ZERO
from tollgate.records import SpendEvent
from tollgate.storage.counter_keys import (
    CounterKey,
    Dims,
    daily,
    day_leader,
    hourly,
    hourly_total,
    leader,
    tagged,
    total,
)
from tollgate.storage.sums import Sums, merge
from tollgate.storage.tag_names import NOBODY, Names

MAX_ITEMS: Final = 100  # TransactWriteItems' own limit


def sums_of(event: SpendEvent) -> Sums:
    """What one event adds to each of its counters; zeros are left out."""
    succeeded = event.status == "success"
    sums: Sums = {
        "cost": event.cost,
        "charge": event.charge,
        **event.usage.counts(),
        "api_requests": 1,
        "successful_requests": int(succeeded),
        "failed_requests": int(not succeeded),
    }
    if event.duration_ms is not None:
        sums |= {"response_time_ms": event.duration_ms, "timed_requests": 1}
    return {name: value for name, value in sums.items() if value}


def dims_of(event: SpendEvent) -> Dims:
    """What an event is broken down by."""
    entry = event.entry
    return Dims(entry.model_group, entry.model, entry.provider, entry.endpoint, entry.key_id)


def counters_of(event: SpendEvent) -> list[CounterKey]:
    """Every counter an event belongs to, but the write-sharded ones."""
    entry, dims = event.entry, dims_of(event)
    return [
        daily(entry.customer_id, entry.day, dims),
        hourly(entry.customer_id, days.utc_hour(entry.started_at), dims),
        day_leader(entry.day, entry.customer_id),
        leader(entry.day[:7], entry.customer_id),
    ]


def tags_counted(event: SpendEvent, names: Names) -> list[str]:
    """What an event's tags are counted under, each once."""
    return sorted({names.shown(event.entry.day, tag) for tag in event.entry.tags})


class Owner(NamedTuple):
    """Whose item a transaction writes beside the counters: a customer, or a virtual key."""

    is_key: bool
    id: str


class Visit(NamedTuple):
    """What some events amount to, and when their calls began."""

    spend: Decimal
    first: datetime
    last: datetime


def owners_of(event: SpendEvent) -> list[Owner]:
    """The customer and the key that an event is counted for; the master key and "" have no item."""
    entry = event.entry
    customer = [Owner(is_key=False, id=entry.customer_id)] if entry.customer_id else []
    return [*customer, Owner(is_key=True, id=entry.key_id)] if entry.virtual_key else customer


def visit_of(events: Iterable[SpendEvent]) -> Visit:
    """What events amount to."""
    spend, moments = ZERO, []
    for event in events:
        spend = EXACT.add(spend, event.charge)
        moments.append(event.entry.started_at)
    return Visit(spend, min(moments), max(moments))


@dataclass
class Bundle:
    """What goes into one transaction: events, the sums of their counters, and whose they are."""

    slot: int
    names: Names = NOBODY  # under which tags are counted
    events: list[SpendEvent] = field(default_factory=list)
    counters: dict[CounterKey, Sums] = field(default_factory=dict)
    owners: dict[Owner, list[SpendEvent]] = field(default_factory=dict)

    def fits(self, event: SpendEvent) -> bool:
        """Whether one more event keeps the transaction within its limit."""
        counters = [key for key in self._keys(event) if key not in self.counters]
        owners = [owner for owner in owners_of(event) if owner not in self.owners]
        return self.items + 1 + len(counters) + len(owners) <= MAX_ITEMS

    @property
    def items(self) -> int:
        """How many items the transaction writes."""
        return len(self.events) + len(self.counters) + len(self.owners)

    def add(self, event: SpendEvent) -> None:
        """Take an event in."""
        self.events.append(event)
        sums = sums_of(event)
        for key in self._keys(event):
            self.counters[key] = merge(self.counters.get(key, {}), sums)
        for owner in owners_of(event):
            self.owners.setdefault(owner, []).append(event)

    def without(self, counted: Iterable[SpendEvent]) -> "Bundle":
        """The same without some events."""
        gone, left = list(counted), Bundle(self.slot, self.names)
        for event in self.events:
            if event not in gone:
                left.add(event)
        return left

    def _keys(self, event: SpendEvent) -> list[CounterKey]:
        entry, dims = event.entry, dims_of(event)
        by_tag = [tagged(entry.day, self.slot, tag) for tag in tags_counted(event, self.names)]
        totals = (
            total(entry.day, self.slot, dims),
            hourly_total(days.utc_hour(entry.started_at), self.slot, dims),
        )
        return [*counters_of(event), *totals, *by_tag]


def pack(events: Iterable[SpendEvent], names: Names = NOBODY) -> list[Bundle]:
    """Events into as few transactions as possible: those that share counters side by side.

    A bundle's totals and tags go to one write shard, chosen by its first request id: recorders rarely meet.
    """
    bundles: list[Bundle] = []
    for event in sorted(events, key=_neighbours):
        if bundles and bundles[-1].fits(event):
            bundles[-1].add(event)
        else:
            bundles.append(bundle_of(event, names))
    return bundles


def _neighbours(event: SpendEvent) -> tuple[str, str, Dims, str]:
    return event.entry.customer_id, event.entry.day, dims_of(event), event.entry.request_id


def bundle_of(event: SpendEvent, names: Names = NOBODY) -> Bundle:
    """A bundle of one event."""
    bundle = Bundle(slot_of(event.entry.request_id), names)
    bundle.add(event)
    return bundle
