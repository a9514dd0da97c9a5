"""The meter of streams of pictures, speech and transcripts: their last event carries the usage."""

from collections.abc import Callable, Mapping
from typing import Any

from tollgate.usage.reading import Reading
from tollgate.usage.sse import parsed, text_in


class MediaMeter:
    """Everything is passed on as it is; `read` takes the usage from an event."""

    def __init__(self, read: Callable[[Mapping[str, Any]], Reading | None]) -> None:
        self._read = read
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = False

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event, unchanged."""
        self.content_bytes += text_in(payload, b'"delta":"')
        if b'"usage"' in payload:
            self.reading = self._read(parsed(payload)) or self.reading
            self.done = self.reading is not None
        return event
