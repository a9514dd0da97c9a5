"""What a response puts out: thought, searches, and then a text or the call of a tool."""

from secrets import token_hex

from local.demo.endpoint import Call, Json, ToolCall
from local.demo.openai_tools import arguments
from local.demo.tools import call_id

QUERY = "old bridges"


def output(call: Call) -> list[Json]:
    """Give the output's items, as they are when all is done."""
    items = [_reasoning()] if call.usage.get("reasoning") else []
    items += [_web_search() for _ in range(call.usage.get("web_searches", 0))]
    items += [_file_search() for _ in range(call.usage.get("file_searches", 0))]
    if call.tool:
        items.append(_function_call(call.tool))
    elif call.pieces:
        items.append(_message(call))
    return items


def _reasoning() -> Json:
    return {"id": f"rs_{token_hex(24)}", "type": "reasoning", "summary": []}


def _web_search() -> Json:
    action = {"type": "search", "query": QUERY}
    return {"id": f"ws_{token_hex(24)}", "type": "web_search_call", "status": "completed", "action": action}


def _file_search() -> Json:
    found = {"queries": [QUERY], "results": None}
    return {"id": f"fs_{token_hex(24)}", "type": "file_search_call", "status": "completed", **found}


def _function_call(tool: ToolCall) -> Json:
    return {
        "id": f"fc_{token_hex(24)}",
        "type": "function_call",
        "status": "completed",
        "call_id": call_id("call"),
        "name": tool.name,
        "arguments": arguments(tool),
    }


def _message(call: Call) -> Json:
    text = {"type": "output_text", "text": "".join(call.pieces), "annotations": [], "logprobs": []}
    return {
        "id": f"msg_{token_hex(24)}",
        "type": "message",
        "status": "incomplete" if call.cut_short else "completed",
        "role": "assistant",
        "content": [text],
    }
