"""The dead-letter queue: writes that the ledger could not take then are made now."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from tollgate import observability
from tollgate.closing import Closing
from tollgate.ledger import Letter, read_letter
from tollgate.records import Entry, SpendEvent
from tollgate.storage.aws import AwsClient, AwsError
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, is_pending, parse

_MOST: Final = 500  # receipts a run, of up to ten letters each
# Seconds that a letter is hidden: less than between two runs, so that each run sees every letter there is.
_HIDDEN: Final = 10

Message = dict[str, Any]


class Replayed(NamedTuple):
    """What a run did, and whether the queue was seen empty, so that no measured close waits in it."""

    replayed: int
    failed: int
    emptied: bool


class Replay:
    """Replays letters; every step may be repeated, and one letter that cannot be taken holds up no other."""

    def __init__(self, queue: AwsClient, queue_url: str, ledger: LedgerTable, closing: Closing) -> None:
        self._queue = queue
        self._url = queue_url
        self._ledger = ledger
        self._closing = closing
        self._replayed = self._failed = 0

    async def run(self, open_after: timedelta) -> Replayed:
        """Spend events first; then entries to open, and to close by estimate when older than `open_after`."""
        self._replayed = self._failed = 0
        opened: list[tuple[Message, Entry]] = []
        emptied = False
        for _ in range(_MOST):
            messages = await self._receive()
            emptied = not messages
            if emptied:
                break
            opened += [pair for message in messages if (pair := await self._read(message))]
        oldest = datetime.now(UTC) - open_after if emptied else None
        for message, entry in opened:
            await self._finish(message, self._open(entry, oldest))
        return Replayed(self._replayed, self._failed, emptied)

    async def _read(self, message: Message) -> tuple[Message, Entry] | None:
        """Replay a letter at once, unless it is an entry to open: that is for when all closes are written."""
        try:
            letter = read_letter(message["Body"])
        except ValueError as error:
            self._unreplayed(error)
            return None
        if letter is not None and letter.opened is not None:
            return message, letter.opened
        await self._finish(message, self._close(letter))
        return None

    async def _finish(self, message: Message, replay: Awaitable[bool]) -> None:
        try:
            if await replay:
                await self._delete(message)
                self._replayed += 1
        except (AwsError, ValueError) as error:
            self._unreplayed(error)

    def _unreplayed(self, error: Exception) -> None:
        observability.logger.error("letter not replayed", extra={"reason": str(error)})
        self._failed += 1

    async def _close(self, letter: Letter | None) -> bool:
        if letter is None or letter.closed is None:
            return True  # a recorder's on-failure record: the events it names are pending, and swept next
        return await self._closing.counted(await self._closing.close(letter.closed))

    async def _open(self, entry: Entry, oldest: datetime | None) -> bool:
        """Write it; what its own process may still close stays in the queue until it is closed, or old."""
        try:
            await self._ledger.open(entry)
        except ConditionFailed as found:
            standing = parse(found.item)
            if isinstance(standing, SpendEvent):
                return await self._closing.counted(standing if is_pending(found.item) else None)
        if oldest is None or entry.started_at > oldest:
            return False
        return await self._closing.counted(await self._closing.abandon(entry))

    async def _receive(self) -> list[Message]:
        request = {"QueueUrl": self._url, "MaxNumberOfMessages": 10, "VisibilityTimeout": _HIDDEN}
        answer = await self._queue.call("ReceiveMessage", request)
        return list(answer.get("Messages") or [])

    async def _delete(self, message: Message) -> None:
        request = {"QueueUrl": self._url, "ReceiptHandle": message["ReceiptHandle"]}
        await self._queue.call("DeleteMessage", request)
