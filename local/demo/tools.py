"""Tool use that a script can predict: the user's text says which tools to call, and with what.

`call Bash with {"command": "ls"}` in the user's text calls the tool Bash, if it is on offer; of several such
calls each waits for the result of the one before, and after the last result comes an ordinary answer. A
`tool_choice` that demands a call gets one, directed or not.
"""

import re
from collections.abc import Iterable, Mapping
from json import JSONDecodeError, JSONDecoder
from secrets import token_hex
from typing import Any

from local.demo.endpoint import Json, ToolCall

RESULT = None  # in a conversation, a tool's result; anything else is a text of the user's
_CALL = re.compile(r"\bcall ([\w-]+) with (?={)")
_SEARCH = "search the web"
_EXAMPLES: Mapping[str, Any] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
_decode = JSONDecoder().raw_decode

Turns = Iterable[str | None]
Offer = Mapping[str, Json]  # tools by name, each with the JSON schema of its arguments


def next_call(turns: Turns, offer: Offer, forced: str | None) -> ToolCall | None:
    """Choose the tool to call now; `forced` names one that must be, or is "" for any."""
    asked: list[ToolCall] = []
    done = 0
    for turn in turns:
        if turn is RESULT:
            done += 1
        elif found := _directions(turn, offer):
            asked, done = found, 0
    if done < len(asked):
        return asked[done]
    return None if forced is None or not offer else _any_call(offer, forced)


def searches(turns: Turns) -> int:
    """Count how often the user's last text asks to search the web."""
    texts = [turn for turn in turns if turn is not RESULT]
    return texts[-1].count(_SEARCH) if texts else 0


def call_id(prefix: str) -> str:
    """Make the id by which a result names its call."""
    return f"{prefix}_{token_hex(12)}"


def texts_of(content: Any) -> list[str]:
    """Give the texts of a message: of one that is a string, or of its parts."""
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]


def _directions(text: str, offer: Offer) -> list[ToolCall]:
    found = []
    for match in _CALL.finditer(text):
        try:
            arguments, _ = _decode(text, match.end())
        except JSONDecodeError:
            continue
        if match[1] in offer:
            found.append(ToolCall(match[1], arguments))
    return found


def _any_call(offer: Offer, forced: str) -> ToolCall:
    name = forced if forced in offer else next(iter(offer))
    schema = offer[name] or {}
    fields = schema.get("properties") or {}
    return ToolCall(name, {each: _example(fields.get(each) or {}) for each in schema.get("required") or ()})


def _example(field: Json) -> Any:
    return field["enum"][0] if field.get("enum") else _EXAMPLES.get(str(field.get("type")), "demo")
