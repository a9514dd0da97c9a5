"""What a mapping has read and not yet delivered: filtered, and gathered until a batch is due."""

import time
from collections.abc import Callable, Sequence

from local.delivery import Record
from local.event_filter import passes
from local.parts import StreamMapping


class Gathering:
    """Records waiting for a full batch, or for the batching window to end."""

    def __init__(self, mapping: StreamMapping, *, now: Callable[[], float] = time.monotonic) -> None:
        self._mapping = mapping
        self._now = now
        self._waiting: list[Record] = []
        self._since = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def add(self, records: Sequence[Record]) -> None:
        """Take the records that the mapping's filter lets through."""
        if not self._waiting:
            self._since = self._now()
        self._waiting += [record for record in records if passes(self._mapping.patterns, record)]

    def due(self, *, flush: bool = False) -> list[Record]:
        """The next batch that is full or has waited for the whole window; empty when none is."""
        full = len(self._waiting) >= self._mapping.batch_size
        waited = self._now() - self._since >= self._mapping.window_seconds
        if not (full or waited or flush):
            return []
        batch = self._waiting[: self._mapping.batch_size]
        del self._waiting[: self._mapping.batch_size]
        return batch
