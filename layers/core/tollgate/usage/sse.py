"""Server-sent events on their way through: split, shown to a meter, and passed on."""

import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

import msgspec

from tollgate.money import loads
from tollgate.usage.reading import Reading

_DATA: Final = b"data:"
_FIELD: Final = re.compile(rb"\s*(?:event|id|retry|):")
_LARGEST_EVENT: Final = 16 * 1024 * 1024
_ERROR: Final = re.compile(rb'\{\s*(?:"error"\s*:\s*["{]|"type"\s*:\s*"error")')


class StreamMeter(Protocol):
    """What reads the usage out of one API's stream.

    `content_bytes` is the size of the text that came, `done` whether the stream said its last word, `stopped`
    whether it said why it stopped, `failed` whether it said that it ended in an error.
    """

    content_bytes: int
    done: bool
    stopped: bool
    failed: bool

    @property
    def reading(self) -> Reading | None:
        """What was reported so far."""

    @property
    def prompt(self) -> Reading | None:
        """What was reported of the prompt before the answer began; only Anthropic does."""

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event as it is passed on: itself, changed, or nothing."""


class Stream(Protocol):
    """A body on its way through, of whatever form."""

    @property
    def meter(self) -> StreamMeter:
        """What reads the usage out of it."""

    @property
    def odd(self) -> bool:
        """Whether nothing of it was as promised."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes to pass on, now that more have come."""

    def flush(self) -> bytes:
        """What is left to pass on when the stream has ended."""


class EventStream:
    """Splits a stream into events for its meter."""

    def __init__(self, meter: StreamMeter) -> None:
        self.meter = meter
        self._rest = b""
        self._events = 0
        self._other = False

    @property
    def odd(self) -> bool:
        """Whether something came, and not a single event."""
        return self._other and self._events == 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes to pass on, now that more have come."""
        self._rest += data
        while (end := _end_of_event(self._rest)) > 0:
            event, self._rest = self._rest[:end], self._rest[end:]
            if passed := self._see(event):
                yield passed
        if len(self._rest) > _LARGEST_EVENT:
            yield self.flush()

    def flush(self) -> bytes:
        """What is left when the stream has ended: an event without its blank line, or half of one."""
        rest, self._rest = self._rest, b""
        return self._see(rest) if rest else b""

    def _see(self, event: bytes) -> bytes:
        payload = _payload(event)
        self._events += bool(payload)
        if payload or self._events or _FIELD.match(event):
            return self.meter.see(event, payload)
        self._other = True  # not a stream, although it says so; what it reports counts all the same
        if event.lstrip().startswith(b"{"):
            return self.meter.see(event, event.strip())
        self.meter.content_bytes += len(event)
        return event


def parsed(payload: bytes) -> dict[str, Any]:
    """An event's object; empty for anything else."""
    try:
        value = loads(payload)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def is_error(payload: bytes) -> bool:
    """Whether an event says that the answer ends in an error, in OpenAI's form or in Anthropic's."""
    return _ERROR.match(payload) is not None


def _end_of_event(data: bytes) -> int:
    """Where the first event ends, its blank line included; 0 while it has not."""
    line_feeds = data.find(b"\n\n")
    returns = data.find(b"\r\n\r\n", 0, line_feeds if line_feeds >= 0 else len(data))
    if returns >= 0:
        return returns + len(b"\r\n\r\n")
    return line_feeds + len(b"\n\n") if line_feeds >= 0 else 0


def _payload(event: bytes) -> bytes:
    return b"\n".join(line[len(_DATA) :].strip() for line in event.splitlines() if line.startswith(_DATA))
