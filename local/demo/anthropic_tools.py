"""Tools as messages have them: what is on offer, what is called, and what the conversation said of it."""

from collections.abc import Iterator

from local.demo.endpoint import Json, ToolCall
from local.demo.tools import RESULT, Turns, next_call, searches, texts_of

_SERVER_SIDE = "web_search_"  # tools of a type that begins so are run by the provider


def asked_in_messages(body: Json) -> ToolCall | None:
    """Choose the tool that a message calls, of those that the client runs itself."""
    choice = body.get("tool_choice") or {}
    own = [each for each in body.get("tools") or () if not _searches(each)]
    if not own or choice.get("type") == "none":
        return None
    forced = str(choice.get("name") or "") if choice.get("type") in ("any", "tool") else None
    return next_call(
        _turns(body["messages"]), {each["name"]: each.get("input_schema") for each in own}, forced
    )


def searched_in_messages(body: Json) -> int:
    """Count the web searches that a message makes."""
    offered = any(_searches(each) for each in body.get("tools") or ())
    return searches(_turns(body["messages"])) if offered else 0


def _searches(tool: Json) -> bool:
    return str(tool.get("type")).startswith(_SERVER_SIDE)


def _turns(messages: list[Json]) -> Turns:
    for message in messages:
        if message.get("role") == "user":
            yield from _of_message(message.get("content"))


def _of_message(content: object) -> Iterator[str | None]:
    if not isinstance(content, list):
        yield from texts_of(content)
        return
    for part in content:
        if isinstance(part, dict) and part.get("type") == "tool_result":
            yield RESULT
        else:
            yield from texts_of([part])
