"""The meter of the Responses API's streams: every terminal event carries the response, and with it its usage.

https://platform.openai.com/docs/api-reference/responses-streaming: completed, incomplete, failed.
"""

from typing import Final

from tollgate.usage import openai
from tollgate.usage.reading import Reading, mapping
from tollgate.usage.sse import parsed, text_in

_TERMINAL: Final = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_MARKS: Final = tuple(f'"type":"{name}"'.encode() for name in _TERMINAL)


class ResponsesMeter:
    """Everything is passed on as it is."""

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = False

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event, unchanged."""
        if any(mark in payload for mark in _MARKS) or b'"usage":{' in payload:
            self._see_end(payload)
        else:
            self.content_bytes += text_in(payload, b'"delta":"')
        return event

    def _see_end(self, payload: bytes) -> None:
        event = parsed(payload)
        self.done = self.done or event.get("type") in _TERMINAL
        self.reading = openai.responses(mapping(event.get("response"))) or self.reading
