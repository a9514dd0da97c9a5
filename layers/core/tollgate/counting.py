"""Spend events into counters, exactly once: one transaction removes the events' marks and adds their sums.

An event whose mark is gone was counted before: it makes its transaction fail as a whole, is left out, and the
rest is tried again. The same transaction settles the wallets that its events were held from (settling.py).
"""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from tollgate import observability
from tollgate.bundles import Bundle, Owner, bundle_of, pack, visit_of
from tollgate.records import SpendEvent
from tollgate.settling import as_admitted, as_found, settle
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.counter_keys import CounterKey
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database, failed_conditions
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.tag_names import NOBODY, Names, TagNames
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Standing, standing

_ATTEMPTS: Final = 12
_COUNTED: Final = "ConditionalCheckFailed"
_INVALID: Final = "ValidationError"


class Store(NamedTuple):
    """What counting writes to."""

    database: Database
    ledger: LedgerTable
    counters: CountersTable
    customers: CustomersTable
    keys: KeysTable
    tags: TagNames


@dataclass
class _Work:
    """A bundle under way, and how the items of its owners were found when they were not as supposed."""

    bundle: Bundle
    found: dict[Owner, Standing] = field(default_factory=dict)

    @property
    def owners(self) -> list[Owner]:
        """Whose items are written: a key that was deleted has none, and gets none."""
        gone = {owner for owner, stands in self.found.items() if owner.is_key and not stands.revision}
        return [owner for owner in self.bundle.owners if owner not in gone]


class Counting:
    """Counts spend events; `hourly_retention` is how long hourly counters are kept."""

    def __init__(self, store: Store, zone: str, *, hourly_retention: timedelta) -> None:
        self._store = store
        self._zone = zone
        self._hourly_retention = hourly_retention

    async def count(self, events: Sequence[SpendEvent]) -> set[str]:
        """Count events that are not counted yet; the request ids that could not be counted now."""
        unique = {event.entry.request_id: event for event in events}
        names = await self._names(unique.values())
        if names is None:
            failed = {request_id for request_id, event in unique.items() if event.entry.tags}
            names = NOBODY
        else:
            failed = set()
        for bundle in pack((unique[one] for one in unique.keys() - failed), names):
            failed |= await self._settle(bundle)
        return failed

    async def _names(self, events: Iterable[SpendEvent]) -> Names | None:
        """What the tags of events are counted under; None when it cannot be known now."""
        tags = [(event.entry.day, tag) for event in events for tag in event.entry.tags]
        try:
            return await self._store.tags.admit(tags)
        except (AwsError, AwsUnavailable) as error:
            observability.logger.error("tags cannot be named", extra={"reason": str(error)})
            return None

    async def _settle(self, bundle: Bundle) -> set[str]:
        """One bundle until it is counted, or found counted, or given up."""
        work = _Work(bundle)
        for attempt in range(_ATTEMPTS):
            if not work.bundle.events:
                return set()
            try:
                await self._store.database.transact(self._actions(work))
            except AwsUnavailable:
                break
            except AwsError as error:
                if error.code != "TransactionCanceledException" or _INVALID in _codes(error):
                    return await self._isolate(work.bundle, error)
                work = _corrected(work, error)
                await asyncio.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311 - jitter
            else:
                return set()
        return {event.entry.request_id for event in work.bundle.events}

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
            failed |= await self._settle(bundle_of(event, bundle.names))
        return failed

    def _actions(self, work: _Work) -> list[dict[str, Any]]:
        """The marks first, then the counters, then the owners: `_corrected` counts on it."""
        bundle, store = work.bundle, self._store
        return [
            *(store.ledger.unmark(event.entry.request_id) for event in bundle.events),
            *(store.counters.add(key, sums, self._expiry(key)) for key, sums in bundle.counters.items()),
            *(self._owner(owner, bundle.owners[owner], work.found.get(owner)) for owner in work.owners),
        ]

    def _owner(self, owner: Owner, events: list[SpendEvent], found: Standing | None) -> dict[str, Any]:
        """What events change in the item of their customer or key: what it spent, and its wallet."""
        spend, first, last = visit_of(events)
        if owner.is_key:
            update = WalletUpdate(self._store.keys.account(owner.id))
            self._store.keys.used(update, spend, last)
        else:
            update = WalletUpdate(self._store.customers.account(owner.id))
            self._store.customers.seen(update, spend, first, last)
        supposed = (
            as_admitted(events, is_key=owner.is_key)
            if found is None
            else as_found(events, found, is_key=owner.is_key)
        )
        settle(update, events, supposed, self._zone, datetime.now(UTC))
        return update.action()

    def _expiry(self, key: CounterKey) -> int | None:
        if not key.sk.startswith("H#"):
            return None
        hour = datetime.strptime(key.sk[2:15], "%Y-%m-%dT%H").replace(tzinfo=UTC)
        return int((hour + self._hourly_retention).timestamp())


def _corrected(work: _Work, error: AwsError) -> _Work:
    """The work without the events whose marks are gone, and with the owners as they were found."""
    codes = _codes(error)
    bundle, before = work.bundle, len(work.bundle.events) + len(work.bundle.counters)
    counted = [event for event, code in zip(bundle.events, codes, strict=False) if code == _COUNTED]
    items = failed_conditions(error)
    found = {
        owner: standing(items[place]) for place, owner in enumerate(work.owners, before) if place in items
    }
    return _Work(bundle.without(counted) if counted else bundle, work.found | found)


def _codes(error: AwsError) -> list[str]:
    return [str(reason.get("Code")) for reason in error.answer.get("CancellationReasons", [])]
