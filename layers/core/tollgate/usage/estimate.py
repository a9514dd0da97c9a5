"""Token estimates for calls whose usage the provider did not report, with how each was made.

Four characters a token is OpenAI's rule of thumb for English
(https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them).
"""

from collections.abc import Mapping
from typing import Any, Final

from tollgate.forms import File
from tollgate.money import dumps
from tollgate.records import Entry, Usage
from tollgate.usage.shapes import HEARD, PICTURE
from tollgate.usage.text import text_in, text_of

_CHARACTERS: Final = 4
_PER_MESSAGE: Final = 3
_PER_MEDIA_PART: Final = 765  # a 1024 x 1024 image in high detail, OpenAI's vision guide
_DEEPEST: Final = 20  # levels of parts in parts
_MP3_BYTES_PER_SECOND: Final = 16_000  # 128 kbit/s
_MOST_OUTPUT: Final = 1_000_000  # of one choice; no model generates more, whatever a client allows it
_MOST_CHOICES: Final = 128  # OpenAI's own bound of `n`
_PICTURES: Final = frozenset(map(str, range(1, 11)))  # the same, for pictures
_LIMITS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_SAID: Final = text_of(
    *("content", "text", "arguments", "refusal", "reasoning_content", "reasoning"),
    *("thinking", "partial_json"),
)


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
    limit = next(filter(None, (_positive(body.get(name)) for name in _LIMITS)), 0)
    return min(limit, _MOST_OUTPUT) * choices(body)


def choices(body: Mapping[str, Any]) -> int:
    """How many answers the client asked for."""
    return min(_positive(body.get("n")) or 1, _MOST_CHOICES)


def pictures(body: Mapping[str, Any]) -> int:
    """The pictures asked for, as tokens."""
    asked = str(body.get("n"))
    return PICTURE * (int(asked) if asked in _PICTURES else 1)


def drawing(body: Mapping[str, Any]) -> int:
    """The prompt of a picture to be changed, and the pictures sent with it."""
    files = [part for part in body.values() if isinstance(part, File)]
    return _text(body.get("prompt")) + _PER_MEDIA_PART * len(files)


def listening(body: Mapping[str, Any]) -> int:
    """The sound of a form, by the bytes a second that its header tells, else those of an ordinary MP3."""
    file = body.get("file")
    if not isinstance(file, File):
        return 0
    told = int.from_bytes(file.head[28:32], "little") if file.head.startswith(b"RIFF") else 0
    return -(-file.size * HEARD // (told or _MP3_BYTES_PER_SECOND))


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


def said(content: bytes) -> int:
    """How many bytes of text an answer holds that came in one piece, or half of one."""
    return text_in(content, _SAID)


def _positive(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


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


def _text(value: object, depth: int = 0) -> int:
    """A string, or a list of strings and of parts with a text; any other part is a picture or a sound."""
    if isinstance(value, str):
        return _tokens(len(value))
    if not isinstance(value, list) or depth > _DEEPEST:
        return 0
    return sum(_part(part, depth + 1) for part in value)


def _part(part: object, depth: int) -> int:
    if not isinstance(part, Mapping):
        return _text(part, depth)
    text = part.get("text", part.get("content", part.get("thinking")))
    if isinstance(text, str | list):
        return _text(text, depth)
    return _tokens(len(dumps(part))) if part.get("type") == "tool_use" else _PER_MEDIA_PART
