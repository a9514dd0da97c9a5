"""The proof that counters are the sum of the ledger: both added up by day, and compared digit for digit."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from tollgate import days, observability
from tollgate.bundles import dims_of, sums_of, tags_counted
from tollgate.ids import SLOTS
from tollgate.records import SpendEvent
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import CountersTable
from tollgate.storage.ledger import LedgerTable, is_pending, parse
from tollgate.storage.sums import Sums, merge
from tollgate.storage.tag_names import NOBODY, Names, TagNames

K = TypeVar("K")

_TRIES: Final = 3


@dataclass
class DaySums:
    """One reporting day, summed up by customer, by dims and by tag."""

    names: Names = field(default=NOBODY, compare=False)  # under which tags are counted
    by_customer: dict[str, Sums] = field(default_factory=lambda: defaultdict(dict))
    by_dims: dict[Dims, Sums] = field(default_factory=lambda: defaultdict(dict))
    by_tag: dict[str, Sums] = field(default_factory=lambda: defaultdict(dict))

    def add(self, event: SpendEvent) -> None:
        """Add one event."""
        sums, dims = sums_of(event), dims_of(event)
        self.by_customer[event.entry.customer_id] = merge(self.by_customer[event.entry.customer_id], sums)
        self.by_dims[dims] = merge(self.by_dims[dims], sums)
        for tag in tags_counted(event, self.names):
            self.by_tag[tag] = merge(self.by_tag[tag], sums)


class DriftCheck:
    """Compares ledger and counters; while traffic moves a day, it is looked at again."""

    def __init__(self, ledger: LedgerTable, counters: CountersTable, tags: TagNames) -> None:
        self._ledger = ledger
        self._counters = counters
        self._tags = tags

    async def recent(self, zone_name: str) -> dict[str, int]:
        """The number of sums that differ, for yesterday and today; reported as metric LedgerCounterDrift."""
        today = date.fromisoformat(days.reporting_day(datetime.now(UTC), zone_name))
        found = {day: await self.of_day(day) for day in days.days_between(today - timedelta(days=1), today)}
        observability.count("LedgerCounterDrift", sum(found.values()))
        if any(found.values()):
            observability.logger.error("counters differ from the ledger", extra={"drift": found})
        return found

    async def of_day(self, day: str) -> int:
        """How many sums of a day differ: 0 when the books balance."""
        drift = 0
        for _ in range(_TRIES):
            before = await self.counted(day)
            booked = await self.booked(day)
            drift = _differences(booked, before)
            if not drift or await self.counted(day) == before:
                return drift
        return drift

    async def booked(self, day: str) -> DaySums:
        """The ledger's sums of a day, over events that are counted."""
        found = DaySums(await self._tags.of_day(day))
        for utc_day in days.utc_days_of(date.fromisoformat(day)):
            await asyncio.gather(*(self._booked_slot(utc_day, slot, day, found) for slot in range(SLOTS)))
        return found

    async def counted(self, day: str) -> DaySums:
        """The counters' sums of a day."""
        found = DaySums()
        await asyncio.gather(*(self._counted_slot(day, slot, found) for slot in range(SLOTS)))
        return found

    async def _booked_slot(self, utc_day: str, slot: int, day: str, found: DaySums) -> None:
        start = datetime.fromisoformat(utc_day).replace(tzinfo=UTC)
        async for item in self._ledger.between(utc_day, slot, start, start + timedelta(days=1)):
            record = None if is_pending(item) else parse(item)
            if isinstance(record, SpendEvent) and record.entry.day == day:
                found.add(record)

    async def _counted_slot(self, day: str, slot: int, found: DaySums) -> None:
        async for _, customer_id, sums in self._counters.day_leaders(day, day, slot):
            found.by_customer[customer_id] = merge(found.by_customer[customer_id], sums)
        async for counter in self._counters.totals(day, day, slot):
            if counter.dims is not None:
                found.by_dims[counter.dims] = merge(found.by_dims[counter.dims], counter.sums)
        async for _, tag, sums in self._counters.tags(day, day, slot):
            found.by_tag[tag] = merge(found.by_tag[tag], sums)


def _differences(booked: DaySums, counted: DaySums) -> int:
    return (
        _differing(booked.by_customer, counted.by_customer)
        + _differing(booked.by_dims, counted.by_dims)
        + _differing(booked.by_tag, counted.by_tag)
    )


def _differing(left: Mapping[K, Sums], right: Mapping[K, Sums]) -> int:
    keys = left.keys() | right.keys()
    return sum(_nonzero(left.get(key, {})) != _nonzero(right.get(key, {})) for key in keys)


def _nonzero(sums: Sums) -> Sums:
    return {name: value for name, value in sums.items() if value}
