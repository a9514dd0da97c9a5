"""The meter of the Responses API's streams: every terminal event carries the response, and with it its usage.

https://platform.openai.com/docs/api-reference/responses-streaming: completed, incomplete, failed.
"""

from typing import Final

from tollgate.usage import openai
from tollgate.usage.reading import Reading, mapping
from tollgate.usage.sse import is_error, parsed
from tollgate.usage.text import field_of, text_in, text_of

_FAILED: Final = "response.failed"
_TERMINAL: Final = ("response.completed", "response.incomplete", "response.cancelled", _FAILED)
_END: Final = field_of("type", f'"(?:{"|".join(_TERMINAL)})"')
_USAGE: Final = field_of("usage", r"\{")
_TEXT: Final = text_of("delta")


class ResponsesMeter:
    """Everything is passed on as it is."""

    prompt = None

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = self.failed = False

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event, unchanged."""
        if _END.search(payload) or _USAGE.search(payload):
            self._see_end(payload)
        else:
            self.failed = self.failed or is_error(payload)
            self.content_bytes += text_in(payload, _TEXT)
        return event

    def _see_end(self, payload: bytes) -> None:
        event = parsed(payload)
        self.done = self.done or event.get("type") in _TERMINAL
        self.failed = self.failed or event.get("type") == _FAILED
        self.reading = openai.responses(mapping(event.get("response")) or event) or self.reading
