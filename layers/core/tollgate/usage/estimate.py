"""Token estimates for calls whose usage the provider did not report, with how each was made.

Four characters a token is OpenAI's rule of thumb for English
(https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tollgate.money import dumps
from tollgate.records import Entry, Usage

_CHARACTERS: Final = 4
_PER_MESSAGE: Final = 3
_PER_MEDIA_PART: Final = 765  # a 1024 x 1024 image in high detail, OpenAI's vision guide
_MOST_OUTPUT: Final = 1_000_000  # of one choice; no model generates more, whatever a client allows it
_MOST_CHOICES: Final = 128  # OpenAI's own bound of `n`


def input_tokens(body: Mapping[str, Any]) -> int:
    """The prompt tokens a request body is likely to be counted as."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return 0
    tokens = sum(_PER_MESSAGE + sum(_part(p) for p in _parts(m)) for m in messages)
    tools = body.get("tools")
    return tokens + (_tokens(len(dumps(tools))) if tools else 0)


def output_limit(body: Mapping[str, Any]) -> int:
    """The most tokens the client let the provider generate; 0 when it set no limit."""
    limit = _positive(body.get("max_completion_tokens")) or _positive(body.get("max_tokens"))
    return min(limit, _MOST_OUTPUT) * min(_positive(body.get("n")) or 1, _MOST_CHOICES)


def unanswered(entry: Entry, default_output: int) -> tuple[Usage, str]:
    """The usage of a call whose answer nobody saw: its prompt, and all it was allowed to generate."""
    output = entry.output_limit or default_output
    limit = "the request's limit" if entry.output_limit else f"{default_output} by setting"
    return Usage(input=entry.input_estimate, output=output), f"input: request size / 4; output: {limit}"


def unstarted(entry: Entry) -> tuple[Usage, str]:
    """The usage of a call that the provider took and dropped without a byte: its prompt."""
    return Usage(input=entry.input_estimate), "input: request size / 4; output: none was seen"


def cut(entry: Entry, content_bytes: int) -> tuple[Usage, str]:
    """The usage of an answer that broke off: its prompt, and the text that came."""
    usage = Usage(input=entry.input_estimate, output=_tokens(content_bytes))
    return usage, "input: request size / 4; output: text received / 4"


def _positive(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS)


def _parts(message: object) -> Iterator[object]:
    content = message.get("content") if isinstance(message, Mapping) else None
    yield from content if isinstance(content, list) else [content]


def _part(part: object) -> int:
    if isinstance(part, Mapping):
        text = part.get("text")
        return _tokens(len(text)) if isinstance(text, str) else _PER_MEDIA_PART
    return _tokens(len(part)) if isinstance(part, str) else 0
