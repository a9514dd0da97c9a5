"""How Lambda hands a stream's records to a function: in order, retried, split, and given up in the end.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and, for partial failures,
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

from local.parts import StreamMapping

Record = Mapping[str, Any]
Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]
_LONGEST_PAUSE: Final = 5.0  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that go to the function together. A split is no retry: halves keep `retries`."""

    records: Sequence[Record]
    retries: int = 0
    calls: int = 0
    error: bool = False  # whether the last call raised, or answered what cannot be read

    @property
    def last(self) -> str:
        """The sequence number of the last record."""
        return sequence(self.records[-1])


class Stopped(Exception):
    """The stack stops; what was not delivered is delivered after the next start."""


class Destination(Protocol):
    """What a delivery is made to: a function, and what becomes of records afterwards."""

    def call(self, records: Sequence[Record]) -> Any:
        """Invoke the function; raises what it raises."""

    def discard(self, batch: Batch, condition: Condition) -> None:
        """Tell the on-failure destination of records that are given up."""

    def done(self, sequence_number: str) -> None:
        """Remember that everything up to here is handled."""

    def pause(self, seconds: float) -> None:
        """Wait between two tries. Raises Stopped when the stack stops."""


class Delivery:
    """One mapping's way of calling its function."""

    def __init__(
        self, mapping: StreamMapping, to: Destination, *, now: Callable[[], float] = time.time
    ) -> None:
        self._mapping = mapping
        self._to = to
        self._now = now

    def deliver(self, records: Sequence[Record]) -> None:
        """Return when every record was handled or discarded. Raises Stopped."""
        work = deque([Batch(records)])
        while work:
            batch = self._young(work.popleft())
            if not batch.records:
                continue
            failed = self._try(batch)
            if failed is None:
                self._to.done(batch.last)
            else:
                work.extendleft(reversed(self._again(batch, failed)))

    def _young(self, batch: Batch) -> Batch:
        """Discard the leading records that are too old."""
        limit = self._mapping.max_age_seconds
        if limit < 0:
            return batch
        cutoff = self._now() - limit
        old = next((n for n, one in enumerate(batch.records) if created(one) >= cutoff), len(batch.records))
        if old:
            self._give_up(replace(batch, records=batch.records[:old]), "RecordAgeExceeded")
        return replace(batch, records=batch.records[old:])

    def _try(self, batch: Batch) -> Batch | None:
        """Call the function: None when it handled all, else what is left from the first failure on."""
        calls = batch.calls + 1
        try:
            answer = self._to.call(batch.records)
        except Exception:  # noqa: BLE001 - whatever a function raises is its failure, logged by the caller
            return replace(batch, calls=calls, error=True)
        first = first_failure(answer, batch.records) if self._mapping.reports_failures else None
        if first is None:
            return None
        return replace(batch, records=batch.records[first:], calls=calls, error=False)

    def _again(self, batch: Batch, failed: Batch) -> list[Batch]:
        """What to do after a failure: the smaller batches to go on with, or none when it is given up."""
        progressed = len(failed.records) < len(batch.records)
        if progressed:
            self._to.done(sequence(batch.records[len(batch.records) - len(failed.records) - 1]))
        if self._mapping.bisects and progressed:
            return [failed]
        if self._mapping.bisects and len(failed.records) > 1:
            middle = len(failed.records) // 2
            halves = failed.records[:middle], failed.records[middle:]
            return [replace(failed, records=half) for half in halves]
        return self._retry(failed)

    def _retry(self, failed: Batch) -> list[Batch]:
        if 0 <= self._mapping.max_retries <= failed.retries:
            self._give_up(failed, "RetryAttemptsExhausted")
            return []
        self._to.pause(min(_LONGEST_PAUSE, 0.1 * 2 ** min(failed.retries, 10)))
        return [replace(failed, retries=failed.retries + 1)]

    def _give_up(self, batch: Batch, condition: Condition) -> None:
        self._to.discard(batch, condition)
        self._to.done(batch.last)


def first_failure(answer: Any, records: Sequence[Record]) -> int | None:
    """The index of the first record to deliver again, or None: the function handled all.

    An answer that names no record of the batch is a failure of the whole batch.
    """
    failures = answer.get("batchItemFailures") if isinstance(answer, Mapping) else None
    if not failures:
        return None
    places = {sequence(record): place for place, record in enumerate(records)}
    try:
        return min(places[failure["itemIdentifier"]] for failure in failures)
    except (KeyError, TypeError):
        return 0


def sequence(record: Record) -> str:
    """A record's sequence number."""
    return str(record["dynamodb"]["SequenceNumber"])


def created(record: Record) -> float:
    """When a record was written, in seconds since the epoch."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])
