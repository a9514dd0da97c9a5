"""Tool calls as chat completions and responses write them: what is on offer, and what is called."""

from collections.abc import Iterator
from typing import Any

import msgspec

from local.demo.endpoint import Json, ToolCall
from local.demo.tools import RESULT, Turns, call_id, next_call, texts_of

PIECE = 12  # characters of arguments in a streamed chunk


def asked_in_chat(body: Json) -> ToolCall | None:
    """Choose the tool that a chat completion calls."""
    tools = body.get("tools")
    choice = body.get("tool_choice")
    if not tools or choice == "none":
        return None
    offer = {each["function"]["name"]: each["function"].get("parameters") for each in tools}
    return next_call(_chat_turns(body["messages"]), offer, forced(choice))


def asked_in_responses(body: Json, turns: Turns) -> ToolCall | None:
    """Choose the tool that a response calls, of those that the client runs itself."""
    choice = body.get("tool_choice")
    functions = [each for each in body.get("tools") or () if each.get("type") == "function"]
    if not functions or choice == "none":
        return None
    return next_call(turns, {each["name"]: each.get("parameters") for each in functions}, forced(choice))


def forced(choice: Any) -> str | None:
    """Give the name of the tool that must be called, "" for any, None when none must."""
    if isinstance(choice, dict):
        return str((choice.get("function") or choice).get("name") or "")
    return "" if choice == "required" else None


def called_in_chat(tool: ToolCall | None) -> Json:
    """Write the call as fields of a message, which then has no content."""
    if tool is None:
        return {}
    function = {"name": tool.name, "arguments": arguments(tool)}
    return {
        "content": None,
        "tool_calls": [{"id": call_id("call"), "type": "function", "function": function}],
    }


def chunks_of_call(tool: ToolCall | None) -> Iterator[Json]:
    """Write the call as deltas: its name, and then its arguments in pieces."""
    if tool is None:
        return
    function = {"name": tool.name, "arguments": ""}
    yield {"tool_calls": [{"index": 0, "id": call_id("call"), "type": "function", "function": function}]}
    for piece in argument_pieces(tool):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def arguments(tool: ToolCall) -> str:
    """Write the arguments."""
    return msgspec.json.encode(tool.arguments).decode()


def argument_pieces(tool: ToolCall) -> Iterator[str]:
    """Write the arguments in pieces."""
    text = arguments(tool)
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def _chat_turns(messages: list[Json]) -> Turns:
    for message in messages:
        if message.get("role") == "tool":
            yield RESULT
        elif message.get("role") == "user":
            yield from texts_of(message.get("content"))
