"""The ledger's housekeeping: close the abandoned, count the pending, replay what could not be written."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tollgate import observability
from tollgate.counting import Counting
from tollgate.days import days_between
from tollgate.endpoints.table import CHAT, endpoint_at
from tollgate.errors import TollgateError
from tollgate.ids import SLOTS, instant
from tollgate.ledger import Letter, read_letter
from tollgate.metering import close_of, unanswered
from tollgate.models import Deployment, Models, Wish
from tollgate.providers import Provider
from tollgate.records import Entry, SpendEvent
from tollgate.settings import ReconcileSettings
from tollgate.storage.aws import AwsClient
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, is_pending, parse
from tollgate.usage import estimate

# An entry's open can be this late: its write is retried for some seconds after its id was made.
_LATE: Final = timedelta(seconds=60)
_FIRST_LOOK: Final = timedelta(days=2)
_BATCH: Final = 500


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
        """Close, count, replay. Raises AwsError, AwsUnavailable; what was done by then stays done."""
        report = Sweep()
        now = datetime.now(UTC)
        await asyncio.gather(*(self._sweep_slot(slot, now, report) for slot in range(SLOTS)))
        await self._replay(report)
        if report.failed:
            observability.count("UncountedEvents", report.failed)
        return report

    async def _sweep_slot(self, slot: int, now: datetime, report: Sweep) -> None:
        start = await self._books.checkpoints.get(slot) or now - _FIRST_LOOK
        found = await self._look(slot, start, now, report)
        failed = await self._books.counting.count(found.events)
        report.counted += len(found.events) - len(failed)
        report.failed += len(failed)
        unsettled = [e.entry.started_at for e in found.events if e.entry.request_id in failed]
        settled = min([now - _LATE, *unsettled, *filter(None, [found.oldest_left])])
        if settled > start:
            await self._books.checkpoints.set(slot, settled)

    async def _look(self, slot: int, start: datetime, now: datetime, report: Sweep) -> _Slot:
        found = _Slot()
        for day in days_between(start.date(), now.date()):
            async for item in self._books.ledger.between(day, slot, start, now):
                if item["state"] == "closed" and not is_pending(item):
                    continue
                if event := await self._settle(parse(item), now, report):
                    found.events.append(event)
                else:
                    found.oldest_left = found.oldest_left or instant(item["request_id"])
                    report.left += 1
        return found

    async def _settle(self, record: Entry | SpendEvent, now: datetime, report: Sweep) -> SpendEvent | None:
        """The event to count: a pending one, or an entry closed now because nobody else will."""
        if isinstance(record, SpendEvent):
            return record
        if now - record.started_at < self._open_after:
            return None
        report.closed += 1
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
        how = estimate.unanswered(entry, self._settings.estimated_output_tokens)
        return close_of(entry, unanswered("abandoned", "abandoned", how), self._deployment(entry))

    def _deployment(self, entry: Entry) -> Deployment:
        try:
            endpoint = endpoint_at(entry.endpoint) or CHAT
            wish = Wish(entry.model_group, endpoint, entry.started_at, allow_unpriced=True)
            found = self._models.deployments(wish)
            return next(d for d in found if (d.provider_name, d.model) == (entry.provider, entry.model))
        except (
            TollgateError,
            StopIteration,
        ):  # models.yaml no longer knows the model: booked unpriced, and loudly
            return Deployment(entry.model_group, entry.model, entry.provider, Provider(base_url=""), None)

    async def _replay(self, report: Sweep) -> None:
        """Every letter that can be replayed now is, and leaves the queue; the others come back later."""
        for _ in range(_BATCH):
            messages = await self._receive()
            if not messages:
                return
            for message in messages:
                if await self._replay_one(read_letter(message["Body"])):
                    await self._delete(message)
                    report.replayed += 1

    async def _replay_one(self, letter: Letter | None) -> bool:
        if letter is None:
            return (
                True  # a recorder's on-failure record: the events it names are pending, and were swept above
            )
        if letter.closed is not None:
            return await self._replay_close(letter.closed)
        return letter.opened is None or await self._replay_open(letter.opened)

    async def _replay_close(self, event: SpendEvent) -> bool:
        standing = await self._close_or_find(event)
        return standing is None or not await self._books.counting.count([standing])

    async def _replay_open(self, entry: Entry) -> bool:
        """Write it; what its own process may still close stays in the queue until it is closed, or old."""
        try:
            await self._books.ledger.open(entry)
        except ConditionFailed as found:
            if found.item["state"] == "closed":
                return True
        if datetime.now(UTC) - entry.started_at < self._open_after:
            return False
        event = await self._abandon(entry)
        return event is None or not await self._books.counting.count([event])

    async def _receive(self) -> list[dict[str, Any]]:
        request = {"QueueUrl": self._books.queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 120}
        answer = await self._books.dead_letters.call("ReceiveMessage", request)
        return list(answer.get("Messages") or [])

    async def _delete(self, message: dict[str, Any]) -> None:
        request = {"QueueUrl": self._books.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        await self._books.dead_letters.call("DeleteMessage", request)
