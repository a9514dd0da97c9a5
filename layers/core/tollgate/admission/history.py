"""What was spent in a window before anybody kept it: added up once, when a limit first asks for its kind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from tollgate import tracking, windows
from tollgate.days import day_of, days_between, midnight, months_between, zone
from tollgate.ids import SLOTS
from tollgate.limits import fits
from tollgate.money import EXACT, ZERO
from tollgate.records import Entry, SpendEvent
from tollgate.storage.counters import Counter, CountersTable
from tollgate.storage.ledger import LedgerTable, is_counted, parse
from tollgate.storage.wallets import Opening, Standing, Sum, began
from tollgate.windows import Window

LONGEST_CALL: Final = timedelta(minutes=16)  # Lambda's limit, and a minute


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

    async def used(
        self, owner: Owner, kind: str, standing: Standing, moment: datetime
    ) -> tuple[Sum, Decimal]:
        """What is used by now of the window of a kind that a moment lies in: spent there, or held."""
        window = windows.window(kind.partition("|")[0], moment, self._zone)
        subject = Subject(owner.id, owner.is_key, tracking.pattern_of(kind))
        total = await self._spent(subject, _bounded(window, owner.made, self._zone), standing.opening)
        for request_id, hold in standing.wallet.holds.items():
            if subject.fits(hold.model) and window.covers(began(request_id)):
                total = EXACT.add(total, hold.amount)
        return Sum("w", kind, window.second), total

    async def _spent(self, subject: Subject, window: Window, opening: Opening | None) -> Decimal:
        """What counted events of a window amount to; since management set the balance, if it did in there.

        Calls that were under way then are closed later, and count.
        """
        if opening is None or not window.covers(opening.at):
            return await self._between(subject, window, window.start)
        began_after = replace(window, start=max(window.start, opening.at - LONGEST_CALL))
        since = await self._between(subject, began_after, opening.at)
        return since if subject.pattern else EXACT.add(since, opening.amount)

    async def _between(self, subject: Subject, window: Window, closed_after: datetime) -> Decimal:
        """The USD of counted events that began in a window, whole days by counters where nothing is cut."""
        if not window.is_of_days:
            return await self._booked(subject, window, closed_after)
        first_whole = day_of(closed_after, self._zone) + timedelta(days=closed_after > window.start)
        days = midnight(first_whole, zone(self._zone))
        whole = await self._counted(subject, replace(window, start=max(window.start, days)))
        if days <= window.start:
            return whole
        return EXACT.add(whole, await self._booked(subject, replace(window, end=days), closed_after))

    async def _counted(self, subject: Subject, window: Window) -> Decimal:
        total = ZERO
        async for counter in self._days(subject, window, min(window.end, datetime.now(UTC))):
            dims = counter.dims
            is_its = dims is not None and (not subject.is_key or dims.key_id == subject.id)
            if dims is not None and is_its and subject.fits(dims.model_group):
                total = EXACT.add(total, counter.sums.get("charge", ZERO))
        return total

    async def _booked(self, subject: Subject, window: Window, closed_after: datetime) -> Decimal:
        """The same from the ledger itself."""
        total = ZERO
        async for event in self._events(subject, window.start, min(window.end, datetime.now(UTC))):
            is_in_time = window.covers(event.entry.started_at) and event.closed_at >= closed_after
            if is_in_time and subject.counts(event.entry):
                total = EXACT.add(total, event.charge)
        return total

    async def _days(self, subject: Subject, window: Window, now: datetime) -> AsyncIterator[Counter]:
        start, end = day_of(window.start, self._zone), day_of(now - timedelta(milliseconds=1), self._zone)
        if end < start:
            return
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
    return replace(window, start=max(window.start, midnight(made, zone(zone_name))))
