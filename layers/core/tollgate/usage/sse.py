"""Server-sent events on their way through: split, shown to a meter, and passed on."""

from collections.abc import Iterator
from typing import Any, Final, Protocol

import msgspec

from tollgate.money import loads
from tollgate.usage.reading import Reading

_DATA: Final = b"data:"
_LARGEST_EVENT: Final = 16 * 1024 * 1024


class StreamMeter(Protocol):
    """What reads the usage out of one API's stream.

    `content_bytes` is the size of the text that came, `done` whether the stream said its last word, `stopped`
    whether it said why it stopped.
    """

    content_bytes: int
    done: bool
    stopped: bool

    @property
    def reading(self) -> Reading | None:
        """What was reported so far."""

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event as it is passed on: itself, changed, or nothing."""


class EventStream:
    """Splits a stream into events for its meter."""

    def __init__(self, meter: StreamMeter) -> None:
        self.meter = meter
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes to pass on, now that more have come."""
        self._rest += data
        while (end := _end_of_event(self._rest)) > 0:
            event, self._rest = self._rest[:end], self._rest[end:]
            if passed := self.meter.see(event, _payload(event)):
                yield passed
        if len(self._rest) > _LARGEST_EVENT:
            yield self.flush()

    def flush(self) -> bytes:
        """What is left when the stream has ended: an event without its blank line, or half of one."""
        rest, self._rest = self._rest, b""
        return self.meter.see(rest, _payload(rest)) if rest else b""


def parsed(payload: bytes) -> dict[str, Any]:
    """An event's object; empty for anything else."""
    try:
        value = loads(payload)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def text_in(payload: bytes, *markers: bytes) -> int:
    """How many bytes of text stand behind the markers, cheaply: only an answer that breaks off needs them."""
    size = 0
    for marker in markers:
        start = payload.find(marker)
        if start >= 0:
            start += len(marker)
            size += max(payload.find(b'"', start) - start, 0)
    return size


def _end_of_event(data: bytes) -> int:
    """Where the first event ends, its blank line included; 0 while it has not."""
    line_feeds = data.find(b"\n\n")
    returns = data.find(b"\r\n\r\n", 0, line_feeds if line_feeds >= 0 else len(data))
    if returns >= 0:
        return returns + len(b"\r\n\r\n")
    return line_feeds + len(b"\n\n") if line_feeds >= 0 else 0


def _payload(event: bytes) -> bytes:
    return b"\n".join(line[len(_DATA) :].strip() for line in event.splitlines() if line.startswith(_DATA))
