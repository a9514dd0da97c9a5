"""The meters of pictures, speech and transcripts: events whose last one carries the usage, or bare bytes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tollgate.usage.reading import Reading
from tollgate.usage.sse import is_error, parsed
from tollgate.usage.text import field_of, text_in, text_of

_TEXT: Final = text_of("delta")
_STOPPED: Final = field_of("type", r'"[a-z_.]+\.(?:done|completed)"')


class MediaMeter:
    """Everything is passed on as it is; `read` takes the usage from an event."""

    prompt = None

    def __init__(self, read: Callable[[Mapping[str, Any]], Reading | None]) -> None:
        self._read = read
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = self.failed = False

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event, unchanged."""
        self.content_bytes += text_in(payload, _TEXT)
        self.failed = self.failed or is_error(payload)
        self.stopped = self.stopped or _STOPPED.search(payload) is not None
        if b'"usage"' in payload:
            self.reading = self._read(parsed(payload)) or self.reading
            self.done = self.reading is not None
        return event


class BareBytes:
    """A sound, or text that is no JSON: its own meter, and whole when nobody broke it off."""

    reading = prompt = None
    done = failed = odd = False
    stopped = True

    def __init__(self) -> None:
        self.meter = self
        self.content_bytes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes as they came."""
        self.content_bytes += len(data)
        yield data

    def flush(self) -> bytes:
        """Nothing is ever held back."""
        return b""

    def see(self, event: bytes, _payload: bytes) -> bytes:
        """There are no events in it."""
        return event
