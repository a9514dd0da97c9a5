"""Token estimates for calls whose usage the provider did not report, with how each was made.

Four characters a token is OpenAI's rule of thumb for English
(https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them).
"""

from collections.abc import Mapping
from typing import Any, Final

from tollgate.money import dumps
from tollgate.records import Entry, Usage

_CHARACTERS: Final = 4
_PER_MESSAGE: Final = 3
_PER_MEDIA_PART: Final = 765  # a 1024 x 1024 image in high detail, OpenAI's vision guide
_LIMITS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def messages(body: Mapping[str, Any]) -> int:
    """The prompt of a chat: messages or input items, system prompt, instructions and tools."""
    found = body.get("messages", body.get("input"))
    items = found if isinstance(found, list) else [found]
    return sum(_item(item) for item in items) + _extras(body)


def texts(*fields: str) -> Any:
    """An estimate over the text of some fields, each a string or a list of strings."""

    def tokens(body: Mapping[str, Any]) -> int:
        return sum(_text(body.get(name)) for name in fields)

    return tokens


def output_limit(body: Mapping[str, Any]) -> int:
    """The most tokens the client let the provider generate; 0 when it set no limit."""
    limits = (body.get(name) for name in _LIMITS)
    return next((n for n in limits if isinstance(n, int) and not isinstance(n, bool) and n > 0), 0)


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


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS)


def _extras(body: Mapping[str, Any]) -> int:
    tools = body.get("tools")
    system = _text(body.get("system")) + _text(body.get("instructions"))
    return system + (_tokens(len(dumps(tools))) if tools else 0)


def _item(item: object) -> int:
    if isinstance(item, str):
        return _tokens(len(item))
    if not isinstance(item, Mapping):
        return 0
    return _PER_MESSAGE + _text(item.get("content")) + _text(item.get("output"))


def _text(value: object) -> int:
    """A string, or a list of strings and of parts with a text; any other part is a picture or a sound."""
    if isinstance(value, str):
        return _tokens(len(value))
    return sum(_part(part) for part in value) if isinstance(value, list) else 0


def _part(part: object) -> int:
    if not isinstance(part, Mapping):
        return _text(part)
    text = part.get("text", part.get("content", part.get("thinking")))
    if isinstance(text, str | list):
        return _text(text)
    return _tokens(len(dumps(part))) if part.get("type") == "tool_use" else _PER_MEDIA_PART
