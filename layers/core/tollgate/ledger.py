"""The ledger's promise: whatever reached a provider is written once, here or in the dead-letter queue.

A write that fails is retried by the storage client; one that still fails is sent to the dead-letter queue,
from which `reconcile` replays it. An entry's open runs beside the upstream call: its request is on the wire
first, and it must be durable before the first byte goes back to the client.
"""

import asyncio
from typing import Final

import msgspec

from tollgate import observability
from tollgate.errors import StoreUnavailable
from tollgate.records import Entry, SpendEvent
from tollgate.storage.aws import AwsClient, AwsError, AwsUnavailable
from tollgate.storage.codec import Item
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, parse

# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
_ON_FAILURE: Final = "DDBStreamBatchInfo"
_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the dead-letter queue holds of a failed write: an entry to open, or a spend event to close."""

    opened: Entry | None = None
    closed: SpendEvent | None = None


class Opening:
    """An entry being opened beside the upstream call."""

    def __init__(self, sent: asyncio.Event, task: "asyncio.Task[None]") -> None:
        self._sent = sent
        self._task = task
        task.add_done_callback(lambda _: sent.set())

    async def on_the_wire(self) -> None:
        """Wait until the store has been sent the entry: from here a kill loses nothing.

        Raises StoreUnavailable when it is known by then that neither table nor queue takes it.
        """
        await self._sent.wait()
        if self._task.done():
            self._task.result()

    async def durable(self) -> None:
        """Wait until the entry is stored. Raises StoreUnavailable when neither table nor queue took it."""
        await asyncio.shield(self._task)


class Ledger:
    """Opens and closes entries."""

    def __init__(self, table: LedgerTable, dead_letters: AwsClient, queue_url: str) -> None:
        self._table = table
        self._dead_letters = dead_letters
        self._queue_url = queue_url
        self._reliable = True

    def open(self, entry: Entry) -> Opening:
        """Begin to open an entry.

        After a write that failed, being sent is not enough: until one succeeds, each must be stored first, so
        that an outage costs no call that cannot be booked.
        """
        sent = asyncio.Event()
        return Opening(sent, asyncio.create_task(self._open(entry, sent if self._reliable else None)))

    async def close(self, event: SpendEvent) -> bool:
        """Close an entry once; False when somebody closed it otherwise before. Raises StoreUnavailable."""
        try:
            await self._table.close(event)
        except ConditionFailed as found:
            return self._closed_already(event, found.item)
        except (AwsError, AwsUnavailable) as error:
            await self._spill(Letter(closed=event), error)
        return True

    async def _open(self, entry: Entry, sent: asyncio.Event | None) -> None:
        try:
            await self._table.open(entry, sent=sent)
        except ConditionFailed:
            pass  # a retry met its own first write: ids are never used twice
        except (AwsError, AwsUnavailable) as error:
            self._reliable = False
            await self._spill(Letter(opened=entry), error)
            return
        self._reliable = True

    def _closed_already(self, event: SpendEvent, standing: Item) -> bool:
        """A retry that meets its own first write has succeeded; any other closing stays as it is."""
        if parse(standing) == event:
            return True
        letter = _encode(Letter(closed=event)).decode()
        observability.logger.error("entry was closed otherwise before", extra={"letter": letter})
        observability.count("LedgerCloseConflicts")
        return False

    async def _spill(self, letter: Letter, reason: Exception) -> None:
        observability.logger.error("ledger write spilled", extra={"reason": str(reason)})
        observability.count("LedgerWriteFailures")
        message = {"QueueUrl": self._queue_url, "MessageBody": _encode(letter).decode()}
        try:
            await self._dead_letters.call("SendMessage", message)
        except (AwsError, AwsUnavailable) as error:
            # The last resort is the log: all that is needed to replay the write by hand.
            observability.logger.critical("ledger write lost", extra={"letter": message["MessageBody"]})
            observability.count("LedgerWritesLost")
            raise StoreUnavailable("The ledger could not be written; try again.") from error


def read_letter(message: str) -> Letter | None:
    """A letter from a queue's message; None for Lambda's own on-failure records.

    Raises ValueError for anything else: what cannot be read by this release is kept for one that can.
    """
    letter = msgspec.json.decode(message, type=Letter)
    if letter.opened or letter.closed:
        return letter
    if _ON_FAILURE in msgspec.json.decode(message):
        return None
    raise ValueError("neither a letter nor a record of Lambda's")
