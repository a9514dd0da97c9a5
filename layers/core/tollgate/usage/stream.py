"""A chat stream on its way through: passed on byte for byte, its usage read, our own question taken out."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from tollgate.money import dumps, loads
from tollgate.usage.chat import Reading, read_usage, usage_of

_DATA: Final = b"data:"
_DONE: Final = b"[DONE]"
_FINISHED: Final = re.compile(rb'"finish_reason"\s*:\s*"')
_USAGE: Final = b'"usage"'
# A quote inside a JSON string is escaped, so a bare one is no part of the text that a model wrote.
_NULL: Final = re.compile(rb"\s*:\s*null")
_CONTENT: Final = re.compile(
    rb'"(?:content|arguments|refusal|reasoning_content|reasoning)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"'
)
_LARGEST_EVENT: Final = 16 * 1024 * 1024

CostOf = Callable[[Reading], Decimal]


class ChatStream:
    """Splits a stream into server-sent events and meters them.

    `asked` says whether the client itself asked for usage; if not, the chunk that only carries usage, and
    the `"usage":null` of the others, exist because we asked, and are not passed on. `cost_of` prices the
    usage for `usage.cost` in its chunk, when the deployment wants that.
    """

    def __init__(self, *, asked: bool, cost_of: CostOf | None = None) -> None:
        self._asked = asked
        self._cost_of = cost_of
        self._rest = b""
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes to pass on, now that more have come."""
        self._rest += data
        while (end := _end_of_event(self._rest)) > 0:
            event, self._rest = self._rest[:end], self._rest[end:]
            if passed := self._pass(event):
                yield passed
        if len(self._rest) > _LARGEST_EVENT:
            yield self.flush()

    def flush(self) -> bytes:
        """What is left when the stream has ended: an event without its blank line, or half of one."""
        rest, self._rest = self._rest, b""
        return self._pass(rest) if rest else b""

    def _pass(self, event: bytes) -> bytes:
        payload = _payload(event)
        # Not every provider that speaks OpenAI's API ends with [DONE], but each says why it stopped.
        self.done = self.done or payload == _DONE
        self.stopped = self.stopped or _FINISHED.search(payload) is not None
        if _USAGE in payload:
            return self._pass_usage(event, payload)
        self._count_content(payload)
        return event

    def _pass_usage(self, event: bytes, payload: bytes) -> bytes:
        if payload.count(_USAGE) == 1 and (without := _without_null(event)):
            self._count_content(payload)
            return event if self._asked else without
        try:
            chunk = loads(payload)
        except msgspec.DecodeError:
            return event
        reading = read_usage(usage_of(chunk))
        if reading is None:
            self._count_content(payload)
            return event
        self.reading = reading
        return self._with_usage(event, payload, chunk)

    def _with_usage(self, event: bytes, payload: bytes, chunk: dict[str, Any]) -> bytes:
        if not self._asked and not chunk.get("choices"):
            return b""
        self._count_content(payload)
        if self._cost_of is None or self.reading is None:
            return event
        chunk["usage"]["cost"] = self._cost_of(self.reading)
        return event.replace(payload, dumps(chunk), 1)

    def _count_content(self, payload: bytes) -> None:
        """Add up the text in a chunk, cheaply: only an answer that breaks off is ever estimated from it."""
        choices = max(payload.find(b'"choices"'), 0)
        self.content_bytes += sum(map(len, _CONTENT.findall(payload, choices)))


def _without_null(event: bytes) -> bytes:
    """The event without its `"usage":null` and one comma; nothing when the usage is not null."""
    start = event.find(_USAGE)
    null = _NULL.match(event, start + len(_USAGE))
    if null is None:
        return b""
    before, after = event[:start].rstrip(), event[null.end() :]
    return before[:-1] + after if before.endswith(b",") else before + after.lstrip().removeprefix(b",")


def _end_of_event(data: bytes) -> int:
    """Where the first event ends, its blank line included; 0 while it has not."""
    line_feeds = data.find(b"\n\n")
    returns = data.find(b"\r\n\r\n", 0, line_feeds if line_feeds >= 0 else len(data))
    if returns >= 0:
        return returns + len(b"\r\n\r\n")
    return line_feeds + len(b"\n\n") if line_feeds >= 0 else 0


def _payload(event: bytes) -> bytes:
    return b"\n".join(line[len(_DATA) :].strip() for line in event.splitlines() if line.startswith(_DATA))
