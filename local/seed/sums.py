"""What events add up to, by the recorder's own arithmetic: counters, and what customers and keys spent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tollgate.bundles import Visit, bundle_of, counters_of, owners_of, visit_of
from tollgate.money import EXACT
from tollgate.records import SpendEvent
from tollgate.storage.counter_keys import CounterKey
from tollgate.storage.sums import Sums, merge

_HOURLY: Final = "H#"


@dataclass
class Sheet:
    """Sums of counters by key, and what keys spent, by key id."""

    counters: dict[CounterKey, Sums] = field(default_factory=dict)
    keys: dict[str, Visit] = field(default_factory=dict)
    events: int = 0

    def add(self, key: CounterKey, sums: Sums) -> None:
        """Add to one counter."""
        self.counters[key] = merge(self.counters.get(key, {}), sums)

    def used(self, key_id: str, visit: Visit) -> None:
        """Add to what a key spent."""
        known = self.keys.get(key_id)
        self.keys[key_id] = both(known, visit) if known else visit

    def take(self, other: "Sheet") -> None:
        """Add another sheet to this one."""
        for key, sums in other.counters.items():
            self.add(key, sums)
        for key_id, visit in other.keys.items():
            self.used(key_id, visit)
        self.events += other.events


def customers_sheet(events: Iterable[SpendEvent], shared: Sheet) -> Sheet:
    """The counters of one customer's events; what is not the customer's alone goes to `shared`."""
    own = Sheet()
    for event in events:
        customers = counters_of(event)
        for key, sums in bundle_of(event).counters.items():
            (own if key in customers else shared).add(key, sums)
        for owner in owners_of(event):
            if owner.is_key:
                shared.used(owner.id, visit_of([event]))
        own.events += 1
    return own


def both(one: Visit, other: Visit) -> Visit:
    """Two visits as one."""
    spend = EXACT.add(one.spend, other.spend)
    return Visit(spend, min(one.first, other.first), max(one.last, other.last))


def expiry(key: CounterKey, hourly: timedelta) -> int | None:
    """When a counter expires, in Unix seconds: only the hourly ones do."""
    if not key.sk.startswith(_HOURLY):
        return None
    hour = datetime.strptime(key.sk[2:15], "%Y-%m-%dT%H").replace(tzinfo=UTC)
    return int((hour + hourly).timestamp())
