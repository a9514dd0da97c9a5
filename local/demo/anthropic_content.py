"""A message's content: its blocks whole, and each block as the events that stream it."""

from typing import Any, NamedTuple

from local.demo import words
from local.demo.endpoint import Call, Json, ToolCall
from local.demo.openai_tools import argument_pieces
from local.demo.tools import call_id

_THOUGHT = words.tokens(7, 6)


class Block(NamedTuple):
    """One block: whole, as it begins, and the deltas between."""

    whole: Json
    begins: Json
    deltas: list[Json]


def blocks(call: Call) -> list[Block]:
    """Give a message's blocks: thought, searches, text, and the tool it calls."""
    found = [_thinking()] if call.usage.get("reasoning") and wants_thought(call.body) else []
    for _ in range(call.usage.get("web_searches", 0)):
        found += _search()
    if call.pieces or not (found or call.tool):
        found.append(_text(call.pieces))
    return [*found, _tool_use("tool_use", "toolu", call.tool)] if call.tool else found


def wants_thought(body: Json) -> bool:
    """Whether a request allows thinking."""
    thinking = body.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") in ("enabled", "adaptive")


def _text(pieces: list[str]) -> Block:
    deltas: list[Json] = [{"type": "text_delta", "text": piece} for piece in pieces]
    return Block({"type": "text", "text": "".join(pieces)}, {"type": "text", "text": ""}, deltas)


def _thinking() -> Block:
    signature = "ZGVtbyBwcm92aWRlcg=="
    deltas: list[Json] = [{"type": "thinking_delta", "thinking": piece} for piece in _THOUGHT]
    deltas.append({"type": "signature_delta", "signature": signature})
    whole = {"type": "thinking", "thinking": "".join(_THOUGHT), "signature": signature}
    return Block(whole, {"type": "thinking", "thinking": "", "signature": ""}, deltas)


def _tool_use(kind: str, prefix: str, tool: ToolCall) -> Block:
    head = {"type": kind, "id": call_id(prefix), "name": tool.name}
    deltas: list[Json] = [
        {"type": "input_json_delta", "partial_json": piece} for piece in ("", *argument_pieces(tool))
    ]
    return Block({**head, "input": tool.arguments}, {**head, "input": {}}, deltas)


def _search() -> list[Block]:
    use = _tool_use("server_tool_use", "srvtoolu", ToolCall("web_search", {"query": "old bridges"}))
    page: dict[str, Any] = {
        "type": "web_search_result",
        "url": "https://demo.invalid/bridges",
        "title": "Old bridges",
        "encrypted_content": "ZGVtbw==",
        "page_age": None,
    }
    found = {"type": "web_search_tool_result", "tool_use_id": use.whole["id"], "content": [page]}
    return [use, Block(found, found, [])]
