"""What was spent in a window before anybody kept it: added up once, when a limit first asks for its kind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from tollgate import tracking, windows
from tollgate.days import day_of, days_between, months_between, zone
from tollgate.ids import SLOTS
from tollgate.limits import fits
from tollgate.money import EXACT, ZERO
from tollgate.records import Entry, SpendEvent
from tollgate.storage.counters import Counter, CountersTable
from tollgate.storage.ledger import LedgerTable, is_counted, parse
from tollgate.storage.wallets import Opening, Standing, Sum, began
from tollgate.windows import Window


class Subject(NamedTuple):
    """Whose spend is added up, a customer's or a key's; of the models that fit `pattern`, "" for all."""

    id: str
    is_key: bool
    pattern: str = ""

    def counts(self, entry: Entry) -> bool:
        """Whether an entry is one of those."""
        return (entry.key_id if self.is_key else entry.customer_id) == self.id and self.fits(
            entry.model_group
        )

    def fits(self, model: str) -> bool:
        """Whether a model is one of those."""
        return not self.pattern or fits(model, self.pattern)


class Owner(NamedTuple):
    """Whose wallet: a customer's or a key's, and the day it was made."""

    id: str
    is_key: bool
    made: date


class History:
    """Adds up counters for windows of whole days, and the ledger's counted events for any other."""

    def __init__(self, counters: CountersTable, ledger: LedgerTable, zone_name: str) -> None:
        self._counters = counters
        self._ledger = ledger
        self._zone = zone_name

    async def used(self, owner: Owner, kind: str, standing: Standing, now: datetime) -> tuple[Sum, Decimal]:
        """What is used of the present window of a kind: what was spent there by now, and what is held."""
        present, pattern = windows.window(kind.partition("|")[0], now, self._zone), tracking.pattern_of(kind)
        subject = Subject(owner.id, owner.is_key, pattern)
        total = await self._spent(subject, _bounded(present, owner.made, self._zone), standing.opening, now)
        for request_id, hold in standing.wallet.holds.items():
            if subject.fits(hold.model) and present.covers(began(request_id)):
                total = EXACT.add(total, hold.amount)
        return Sum("w", kind, present.second), total

    async def _spent(
        self, subject: Subject, present: Window, opening: Opening | None, now: datetime
    ) -> Decimal:
        if opening is None or not present.covers(opening.at):
            return await self.spent(subject, present, now)
        since = await self.since(subject, opening.at, now)
        return since if subject.pattern else EXACT.add(since, opening.amount)

    async def spent(self, subject: Subject, window: Window, now: datetime) -> Decimal:
        """The USD that counted events of a window amount to by now."""
        total = ZERO
        if window.is_of_days:
            async for counter in self._days(subject, window, now):
                dims = counter.dims
                if (
                    dims
                    and subject.fits(dims.model_group)
                    and (not subject.is_key or dims.key_id == subject.id)
                ):
                    total = EXACT.add(total, counter.sums.get("charge", ZERO))
            return total
        return await self.since(subject, window.start, now)

    async def since(self, subject: Subject, start: datetime, now: datetime) -> Decimal:
        """The USD of counted events that began at a moment or later, from the ledger itself."""
        total = ZERO
        async for event in self._events(subject, start, now):
            if subject.counts(event.entry) and event.entry.started_at >= start:
                total = EXACT.add(total, event.charge)
        return total

    async def _days(self, subject: Subject, window: Window, now: datetime) -> AsyncIterator[Counter]:
        start, end = day_of(window.start, self._zone), day_of(now, self._zone)
        if not subject.is_key:
            days = (start.isoformat(), end.isoformat())
            async for counter in self._counters.days_of_customer(subject.id, *days, consistent=True):
                yield counter
            return
        for first, last in months_between(start, end):
            for slot in range(SLOTS):
                async for counter in self._counters.totals(first, last, slot, consistent=True):
                    yield counter

    async def _events(self, subject: Subject, start: datetime, now: datetime) -> AsyncIterator[SpendEvent]:
        if not subject.is_key:
            ids = await self._ledger.of_customer(subject.id, start)
            for event in await self._ledger.counted(ids):
                yield event
            return
        end = now + timedelta(minutes=1)
        for day in days_between(start.date(), end.date()):
            for slot in range(SLOTS):
                async for item in self._ledger.between(day, slot, start, end):
                    record = parse(item) if is_counted(item) else None
                    if isinstance(record, SpendEvent):
                        yield record


def _bounded(window: Window, made: date, zone_name: str) -> Window:
    """The part of a window in which its owner was there."""
    return replace(window, start=max(window.start, datetime.combine(made, time(), zone(zone_name))))
