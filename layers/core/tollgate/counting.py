"""Spend events into counters, exactly once: one transaction removes the events' marks and adds their sums.

A batch is summed up in memory first, so that a hundred calls of one customer cost one write of its counter;
then it is packed into transactions of at most 100 items. An event whose mark is gone was counted before: it
makes its transaction fail as a whole, is left out, and the rest is tried again.
"""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tollgate import days, observability
from tollgate.ids import slot_of
from tollgate.money import EXACT, ZERO
from tollgate.records import SpendEvent
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.counters import (
    CounterKey,
    CountersTable,
    Dims,
    Sums,
    daily,
    hourly,
    leader,
    merge,
    total,
)
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.wallets import WalletUpdate

MAX_ITEMS: Final = 100  # TransactWriteItems' own limit
_ATTEMPTS: Final = 12
_COUNTED: Final = "ConditionalCheckFailed"
_INVALID: Final = "ValidationError"


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
    """Every counter an event belongs to, but the write-sharded total."""
    entry, dims = event.entry, dims_of(event)
    return [
        daily(entry.customer_id, entry.day, dims),
        hourly(entry.customer_id, days.utc_hour(entry.started_at), dims),
        leader(entry.day, entry.customer_id),
        leader(entry.day[:7], entry.customer_id),
    ]


class Visit(NamedTuple):
    """What a customer spent within one transaction, and when its calls began."""

    spend: Decimal
    first: datetime
    last: datetime


@dataclass
class Bundle:
    """What goes into one transaction: events, and the sums of their counters and customers."""

    slot: int
    events: list[SpendEvent] = field(default_factory=list)
    counters: dict[CounterKey, Sums] = field(default_factory=dict)
    customers: dict[str, Visit] = field(default_factory=dict)

    def fits(self, event: SpendEvent) -> bool:
        """Whether one more event keeps the transaction within its limit."""
        new_counters = [key for key in self._keys(event) if key not in self.counters]
        new_customers = {event.entry.customer_id} - {""} - self.customers.keys()
        return self.items + 1 + len(new_counters) + len(new_customers) <= MAX_ITEMS

    @property
    def items(self) -> int:
        """How many items the transaction writes."""
        return len(self.events) + len(self.counters) + len(self.customers)

    def add(self, event: SpendEvent) -> None:
        """Take an event in."""
        self.events.append(event)
        sums = sums_of(event)
        for key in self._keys(event):
            self.counters[key] = merge(self.counters.get(key, {}), sums)
        if customer := event.entry.customer_id:
            began = event.entry.started_at
            visit = self.customers.get(customer, Visit(ZERO, began, began))
            spend = EXACT.add(visit.spend, event.charge)
            self.customers[customer] = Visit(spend, min(visit.first, began), max(visit.last, began))

    def _keys(self, event: SpendEvent) -> list[CounterKey]:
        return [*counters_of(event), total(event.entry.day, self.slot, dims_of(event))]


def pack(events: Iterable[SpendEvent]) -> list[Bundle]:
    """Events into as few transactions as possible: those that share counters side by side.

    A bundle's totals go to one write shard, chosen by its first request id, so that recorders rarely meet.
    """
    bundles: list[Bundle] = []
    for event in sorted(events, key=_neighbours):
        if bundles and bundles[-1].fits(event):
            bundles[-1].add(event)
        else:
            bundles.append(_bundle_of(event))
    return bundles


def _neighbours(event: SpendEvent) -> tuple[str, str, Dims, str]:
    return event.entry.customer_id, event.entry.day, dims_of(event), event.entry.request_id


def _bundle_of(event: SpendEvent) -> Bundle:
    bundle = Bundle(slot_of(event.entry.request_id))
    bundle.add(event)
    return bundle


class Counting:
    """Counts spend events; `hours` is how long hourly counters are kept."""

    def __init__(
        self,
        database: Database,
        ledger: LedgerTable,
        counters: CountersTable,
        customers: CustomersTable,
        *,
        hourly_retention: timedelta,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._counters = counters
        self._customers = customers
        self._hourly_retention = hourly_retention

    async def count(self, events: Sequence[SpendEvent]) -> set[str]:
        """Count events that are not counted yet; the request ids that could not be counted now."""
        unique = {event.entry.request_id: event for event in events}
        failed: set[str] = set()
        for bundle in pack(unique.values()):
            failed |= await self._settle(bundle)
        return failed

    async def _settle(self, bundle: Bundle) -> set[str]:
        """One bundle until it is counted, or found counted, or given up."""
        for attempt in range(_ATTEMPTS):
            if not bundle.events:
                return set()
            try:
                await self._database.transact(self._actions(bundle))
            except AwsUnavailable:
                break
            except AwsError as error:
                if error.code != "TransactionCanceledException" or _INVALID in _codes(error):
                    return await self._isolate(bundle, error)
                bundle = _without_counted(bundle, error)
                await asyncio.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311 - jitter
            else:
                return set()
        return {event.entry.request_id for event in bundle.events}

    async def _isolate(self, bundle: Bundle, error: AwsError) -> set[str]:
        """A transaction that DynamoDB will never take, event by event, so that one holds up no other."""
        if len(bundle.events) == 1:
            request_id = bundle.events[0].entry.request_id
            observability.logger.error(
                "uncountable event", extra={"request_id": request_id, "reason": str(error)}
            )
            return {request_id}
        failed: set[str] = set()
        for event in bundle.events:
            failed |= await self._settle(_bundle_of(event))
        return failed

    def _actions(self, bundle: Bundle) -> list[dict[str, Any]]:
        return [
            *(self._ledger.unmark(event.entry.request_id) for event in bundle.events),
            *(self._counters.add(key, sums, self._expiry(key)) for key, sums in bundle.counters.items()),
            *(self._seen(who, visit) for who, visit in bundle.customers.items()),
        ]

    def _seen(self, customer_id: str, visit: Visit) -> dict[str, Any]:
        update = WalletUpdate(self._customers.account(customer_id))
        self._customers.seen(update, customer_id, *visit)
        return update.action()

    def _expiry(self, key: CounterKey) -> int | None:
        if not key.sk.startswith("H#"):
            return None
        hour = datetime.strptime(key.sk[2:15], "%Y-%m-%dT%H").replace(tzinfo=UTC)
        return int((hour + self._hourly_retention).timestamp())


def _without_counted(bundle: Bundle, error: AwsError) -> Bundle:
    """The bundle without the events whose marks are gone; the reasons stand in the order of the actions."""
    left = Bundle(bundle.slot)
    for event, code in zip(bundle.events, _codes(error), strict=False):
        if code != _COUNTED:
            left.add(event)
    return left


def _codes(error: AwsError) -> list[str]:
    return [str(reason.get("Code")) for reason in error.answer.get("CancellationReasons", [])]
