"""The ledger's housekeeping: replay what could not be written, close the abandoned, count the pending.

In this order: a close that waits in the queue is measured, and must not find its entry closed by estimate.
"""

import asyncio
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tollgate import observability
from tollgate.closing import Closing
from tollgate.counting import Counting
from tollgate.days import days_between
from tollgate.ids import SLOTS, instant
from tollgate.models import Models
from tollgate.records import Entry, SpendEvent
from tollgate.replay import Replay
from tollgate.settings import ReconcileSettings
from tollgate.storage.aws import AwsClient
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.ledger import LedgerTable, is_counted, parse
from tollgate.sweeping import Sweeping

# An entry's open can be this late: its write is retried for some seconds after its id was made.
_LATE: Final = timedelta(seconds=60)
_FIRST_LOOK: Final = timedelta(days=2)
_AT_ONCE: Final = 4  # slots: housekeeping must not crowd out the calls


@dataclass
class Sweep:
    """What one run did."""

    closed: int = 0
    counted: int = 0
    replayed: int = 0
    failed: int = 0
    left: int = 0  # entries that are open, or pending, for good reason or still
    released: int = 0  # wallets that expired holds were returned to

    def as_dict(self) -> dict[str, int]:
        """For logs and answers."""
        return asdict(self)


@dataclass
class _Run:
    """One run: what it calls now, and whether it may close entries by estimate."""

    now: datetime
    report: Sweep
    may_abandon: bool = False


@dataclass
class _Slot:
    """What a look through one slot found."""

    events: list[SpendEvent] = field(default_factory=list)
    oldest_left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """What housekeeping works on."""

    ledger: LedgerTable
    counting: Counting
    checkpoints: Checkpoints
    dead_letters: AwsClient
    queue_url: str
    sweeping: Sweeping


class Reconcile:
    """One deployment's housekeeping; every step may be repeated, interrupted, or run beside itself."""

    def __init__(self, books: Books, models: Models, settings: ReconcileSettings) -> None:
        self._books = books
        self._open_after = timedelta(seconds=settings.reconcile_open_after_seconds)
        self._closing = Closing(books.ledger, books.counting, models, settings)
        self._replay = Replay(books.dead_letters, books.queue_url, books.ledger, self._closing)

    async def sweep(self) -> Sweep:
        """Replay, close, count. Raises AwsError, AwsUnavailable; what was done by then stays done."""
        report = Sweep()
        run = _Run(datetime.now(UTC), report)
        try:
            replayed = await self._replay.run(self._open_after)
            run.may_abandon = replayed.emptied
            report.replayed, report.failed = replayed.replayed, replayed.failed
        finally:  # a queue that cannot be read keeps nothing from being counted
            await self._sweep_slots(run)
            report.released = await self._books.sweeping.run()
        if report.failed:
            observability.count("UncountedEvents", report.failed)
        return report

    async def _sweep_slots(self, run: _Run) -> None:
        starts = await self._books.checkpoints.load()
        turns = asyncio.Semaphore(_AT_ONCE)

        async def sweep(slot: int) -> datetime:
            async with turns:
                return await self._sweep_slot(slot, starts.get(slot, run.now - _FIRST_LOOK), run)

        settled = await asyncio.gather(*(sweep(slot) for slot in range(SLOTS)))
        await self._books.checkpoints.save(dict(enumerate(settled)))

    async def _sweep_slot(self, slot: int, start: datetime, run: _Run) -> datetime:
        """Settle what one slot holds since its checkpoint; the next checkpoint, which never goes back."""
        found = await self._look(slot, start, run)
        failed = await self._books.counting.count(found.events)
        run.report.counted += len(found.events) - len(failed)
        run.report.failed += len(failed)
        unsettled = [e.entry.started_at for e in found.events if e.entry.request_id in failed]
        return max(start, min([run.now - _LATE, *unsettled, *filter(None, [found.oldest_left])]))

    async def _look(self, slot: int, start: datetime, run: _Run) -> _Slot:
        found = _Slot()
        for day in days_between(start.date(), run.now.date()):
            async for item in self._books.ledger.between(day, slot, start, run.now):
                if is_counted(item):
                    continue
                record = parse(item)
                if event := await self._settle(record, run):
                    found.events.append(event)
                else:
                    found.oldest_left = found.oldest_left or _began(record)
                    run.report.left += 1
        return found

    async def _settle(self, record: Entry | SpendEvent, run: _Run) -> SpendEvent | None:
        """The event to count: a pending one, or an entry closed now because nobody else will."""
        if isinstance(record, SpendEvent):
            return record
        if not run.may_abandon or run.now - record.started_at < self._open_after:
            return None
        run.report.closed += 1
        return await self._closing.abandon(record)


def _began(record: Entry | SpendEvent) -> datetime:
    """When the call began, as its id says: checkpoints bound ranges of ids."""
    entry = record.entry if isinstance(record, SpendEvent) else record
    return instant(entry.request_id)
