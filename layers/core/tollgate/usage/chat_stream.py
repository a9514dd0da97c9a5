"""The meter of chat and text completions' streams: it also takes out what only we asked for."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from tollgate.money import dumps
from tollgate.usage import openai
from tollgate.usage.reading import Reading
from tollgate.usage.sse import is_error, parsed
from tollgate.usage.text import field_of, text_in, text_of

_DONE: Final = b"[DONE]"
_FINISHED: Final = field_of("finish_reason", '"')
_TEXT: Final = text_of("content", "arguments", "refusal", "reasoning_content", "reasoning", "text")
_USAGE: Final = b'"usage"'
# With one comma, whichever; a quote inside a JSON string is escaped, so this is no part of a model's text.
_NO_USAGE: Final = re.compile(rb',\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,?\s*')
_FAILED: Final = field_of("finish_reason", '"error"')  # OpenRouter's

CostOf = Callable[[Reading], Decimal]


class ChatMeter:
    """Reads usage from whichever chunk has it; the last one counts.

    `asked` says whether the client itself asked for usage; if not, the chunk that only carries usage, and the
    `"usage":null` of the others, exist because we asked, and are not passed on. `cost_of` prices the usage
    for `usage.cost` in its chunk, when the deployment wants that.
    """

    prompt = None

    def __init__(self, *, asked: bool, cost_of: CostOf | None = None) -> None:
        self._asked = asked
        self._cost_of = cost_of
        self.reading: Reading | None = None
        self.content_bytes = 0
        self.done = self.stopped = self.failed = False

    def see(self, event: bytes, payload: bytes) -> bytes:
        """The event as the client gets it."""
        # Not every provider that speaks OpenAI's API ends with [DONE], but each says why it stopped.
        self.done = self.done or payload == _DONE
        self.stopped = self.stopped or _FINISHED.search(payload) is not None
        self.failed = self.failed or is_error(payload) or _FAILED.search(payload) is not None
        self.content_bytes += text_in(payload, _TEXT)
        if payload.count(_USAGE) == 1 and _NO_USAGE.search(payload):
            return event if self._asked else _NO_USAGE.sub(b"", event, count=1)
        return self._see_usage(event, payload) if _USAGE in payload else event

    def _see_usage(self, event: bytes, payload: bytes) -> bytes:
        chunk = parsed(payload)
        reading = openai.chat(chunk)
        if reading is None:
            return event
        if reading.usage.counts() or self.reading is None:  # nothing takes back what was reported
            self.reading = reading
        if not self._asked and not chunk.get("choices"):
            return b""
        return self._with_cost(event, payload, chunk, reading)

    def _with_cost(self, event: bytes, payload: bytes, chunk: dict[str, Any], reading: Reading) -> bytes:
        if self._cost_of is None or not isinstance(chunk.get("usage"), dict):
            return event
        chunk["usage"]["cost"] = self._cost_of(reading)
        return event.replace(payload, dumps(chunk), 1)
