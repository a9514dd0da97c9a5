"""The meter of Anthropic's message streams: usage begins in message_start and is completed by message_delta.

https://docs.claude.com/en/docs/build-with-claude/streaming: the counts of message_delta are cumulative.
"""

from typing import Any, Final

from tollgate.usage import anthropic
from tollgate.usage.reading import Reading, mapping
from tollgate.usage.sse import is_error, parsed
from tollgate.usage.text import text_in, text_of

_TEXT: Final = text_of("text", "partial_json", "thinking")


class MessagesMeter:
    """Puts the usage of both events together; what a delta does not repeat stands as it began."""

    def __init__(self) -> None:
        self._usage: dict[str, Any] = {}
        self._final = False
        self.content_bytes = 0
        self.done = self.stopped = self.failed = False

    @property
    def reading(self) -> Reading | None:
        """The usage, once the delta has completed it."""
        return anthropic.messages({"usage": self._usage}) if self._final else None

    def see(self, event: bytes, payload: bytes) -> bytes:
        """Everything is passed on as it is."""
        self.content_bytes += text_in(payload, _TEXT)
        if b'"message_stop"' in payload:
            self.done = True
        elif is_error(payload):
            self.failed = True
        elif b'"usage"' in payload:
            self._see_usage(parsed(payload))
        return event

    def _see_usage(self, event: dict[str, Any]) -> None:
        if event.get("type") == "message_start":
            self._usage |= mapping(mapping(event.get("message")).get("usage"))
        elif event.get("type") == "message_delta":
            told = {k: v for k, v in mapping(event.get("usage")).items() if v is not None}
            self._usage |= told
            self._final = self._final or "output_tokens" in told
            self.stopped = True

    @property
    def prompt(self) -> Reading | None:
        """What message_start said, for an answer that breaks off: its input is exact."""
        return anthropic.messages({"usage": self._usage})
