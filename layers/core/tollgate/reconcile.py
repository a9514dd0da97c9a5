"""The ledger's housekeeping: replay what could not be written, close the abandoned, count the pending.

In this order: a close that waits in the queue is measured, and must not find its entry closed by estimate.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tollgate import observability
from tollgate.counting import Counting
from tollgate.days import days_between
from tollgate.errors import TollgateError
from tollgate.ids import SLOTS, instant
from tollgate.ledger import Letter, read_letter
from tollgate.metering import Outcome, close_of
from tollgate.models import Deployment, Models, Provider
from tollgate.records import Entry, SpendEvent
from tollgate.settings import ReconcileSettings
from tollgate.storage.aws import AwsClient, AwsError
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, is_pending, parse
from tollgate.usage import estimate

# An entry's open can be this late: its write is retried for some seconds after its id was made.
_LATE: Final = timedelta(seconds=60)
_FIRST_LOOK: Final = timedelta(days=2)
_BATCH: Final = 500
# Seconds that a letter is hidden: less than between two runs, so that each run sees every letter there is.
_HIDDEN: Final = 10


@dataclass
class Sweep:
    """What one run did."""

    closed: int = 0
    counted: int = 0
    replayed: int = 0
    failed: int = 0
    left: int = 0  # entries that are open, or pending, for good reason or still

    def as_dict(self) -> dict[str, int]:
        """For logs and answers."""
        return {name: getattr(self, name) for name in ("closed", "counted", "replayed", "failed", "left")}


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


class Reconcile:
    """One deployment's housekeeping; every step may be repeated, interrupted, or run beside itself."""

    def __init__(self, books: Books, models: Models, settings: ReconcileSettings) -> None:
        self._books = books
        self._models = models
        self._settings = settings
        self._open_after = timedelta(seconds=settings.reconcile_open_after_seconds)

    async def sweep(self) -> Sweep:
        """Replay, close, count. Raises AwsError, AwsUnavailable; what was done by then stays done."""
        report = Sweep()
        run = _Run(datetime.now(UTC), report)
        try:
            run.may_abandon = await self._replay(report)
        finally:  # a queue that cannot be read keeps nothing from being counted
            await asyncio.gather(*(self._sweep_slot(slot, run) for slot in range(SLOTS)))
        if report.failed:
            observability.count("UncountedEvents", report.failed)
        return report

    async def _sweep_slot(self, slot: int, run: _Run) -> None:
        now = run.now
        start = await self._books.checkpoints.get(slot) or now - _FIRST_LOOK
        found = await self._look(slot, start, run)
        failed = await self._books.counting.count(found.events)
        run.report.counted += len(found.events) - len(failed)
        run.report.failed += len(failed)
        unsettled = [e.entry.started_at for e in found.events if e.entry.request_id in failed]
        settled = min([now - _LATE, *unsettled, *filter(None, [found.oldest_left])])
        if settled > start:
            await self._books.checkpoints.set(slot, settled)

    async def _look(self, slot: int, start: datetime, run: _Run) -> _Slot:
        found = _Slot()
        for day in days_between(start.date(), run.now.date()):
            async for item in self._books.ledger.between(day, slot, start, run.now):
                if item["state"] == "closed" and not is_pending(item):
                    continue
                if event := await self._settle(parse(item), run):
                    found.events.append(event)
                else:
                    found.oldest_left = found.oldest_left or instant(item["request_id"])
                    run.report.left += 1
        return found

    async def _settle(self, record: Entry | SpendEvent, run: _Run) -> SpendEvent | None:
        """The event to count: a pending one, or an entry closed now because nobody else will."""
        if isinstance(record, SpendEvent):
            return record
        if not run.may_abandon or run.now - record.started_at < self._open_after:
            return None
        run.report.closed += 1
        return await self._abandon(record)

    async def _abandon(self, entry: Entry) -> SpendEvent | None:
        return await self._close_or_find(self.abandoned(entry))

    async def _close_or_find(self, event: SpendEvent) -> SpendEvent | None:
        """The event to count: this one, or the one that closed the entry before, unless it is counted."""
        try:
            await self._books.ledger.close(event)
        except ConditionFailed as found:
            standing = parse(found.item)
            return standing if isinstance(standing, SpendEvent) and is_pending(found.item) else None
        return event

    def abandoned(self, entry: Entry) -> SpendEvent:
        """The spend event of an entry whose process died: its prompt, and all it was allowed to generate."""
        usage, how = estimate.unanswered(entry, self._settings.estimated_output_tokens)
        outcome = Outcome("abandoned", usage=usage, estimated=f"abandoned; {how}")
        return close_of(entry, outcome, self._deployment(entry))

    def _deployment(self, entry: Entry) -> Deployment:
        try:
            return self._models.deployment(entry.model_group, entry.started_at, allow_unpriced=True)
        except TollgateError:  # models.yaml no longer knows the model: booked unpriced, and loudly
            return Deployment(entry.model_group, entry.model, entry.provider, Provider(base_url=""), None)

    async def _replay(self, report: Sweep) -> bool:
        """Replay every letter, spend events first; whether the queue was seen empty, so that none waits."""
        opened: list[tuple[dict[str, Any], Entry]] = []
        emptied = False
        for _ in range(_BATCH):
            messages = await self._receive()
            emptied = not messages
            if emptied:
                break
            opened += [pair for message in messages if (pair := await self._read(message, report))]
        for message, entry in opened:
            await self._finish(message, self._replay_open(entry, may_abandon=emptied), report)
        return emptied

    async def _read(self, message: dict[str, Any], report: Sweep) -> tuple[dict[str, Any], Entry] | None:
        """Replay a letter at once, unless it is an entry to open: that is for when all closes are written."""
        try:
            letter = read_letter(message["Body"])
        except ValueError as error:
            self._unreplayed(error, report)
            return None
        if letter is not None and letter.opened is not None:
            return message, letter.opened
        await self._finish(message, self._replay_close(letter), report)
        return None

    async def _finish(self, message: dict[str, Any], replay: Awaitable[bool], report: Sweep) -> None:
        """Delete a letter that was replayed; one that the table will never take holds up no other."""
        try:
            if await replay:
                await self._delete(message)
                report.replayed += 1
        except (AwsError, ValueError) as error:
            self._unreplayed(error, report)

    def _unreplayed(self, error: Exception, report: Sweep) -> None:
        observability.logger.error("letter not replayed", extra={"reason": str(error)})
        report.failed += 1

    async def _replay_close(self, letter: Letter | None) -> bool:
        if letter is None or letter.closed is None:
            return True  # a recorder's on-failure record: the events it names are pending, and swept below
        return await self._counted(await self._close_or_find(letter.closed))

    async def _replay_open(self, entry: Entry, *, may_abandon: bool) -> bool:
        """Write it; what its own process may still close stays in the queue until it is closed, or old."""
        try:
            await self._books.ledger.open(entry)
        except ConditionFailed as found:
            standing = parse(found.item)
            if isinstance(standing, SpendEvent):
                return await self._counted(standing if is_pending(found.item) else None)
        if not may_abandon or datetime.now(UTC) - entry.started_at < self._open_after:
            return False
        return await self._counted(await self._abandon(entry))

    async def _counted(self, event: SpendEvent | None) -> bool:
        """Whether an event (None: one that was counted before) is counted now."""
        return event is None or not await self._books.counting.count([event])

    async def _receive(self) -> list[dict[str, Any]]:
        request = {"QueueUrl": self._books.queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": _HIDDEN}
        answer = await self._books.dead_letters.call("ReceiveMessage", request)
        return list(answer.get("Messages") or [])

    async def _delete(self, message: dict[str, Any]) -> None:
        request = {"QueueUrl": self._books.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        await self._books.dead_letters.call("DeleteMessage", request)
