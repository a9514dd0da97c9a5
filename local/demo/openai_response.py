"""The response object: as it is when all is done, and before."""

import time
from secrets import token_hex
from typing import Any

from local.demo.endpoint import Call, Json
from local.demo.usage import Counts

_ECHOED: Json = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
_FAILED = {"code": "server_error", "message": "The model failed after it had begun to answer"}


def finished(call: Call, output: list[Json]) -> Json:
    """Write a response when all is done, well or not."""
    status = _status(call)
    response = {
        "id": f"resp_{token_hex(24)}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": _FAILED if status == "failed" else None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "model": call.model,
        "output": output,
        **{name: call.body.get(name, usual) for name, usual in _ECHOED.items()},
        "service_tier": "default",
    }
    return response if call.fault == "no_usage" else {**response, "usage": response_usage(call.usage)}


def unfinished(response: Json, status: str) -> Json:
    """Write a response that is still on its way."""
    blank: Json = {"error": None, "incomplete_details": None, "output": [], "usage": None}
    return {**response, **blank, "status": status}


def response_usage(usage: Counts) -> Json:
    """Write the usage object: totals that include their details. Searches are in the output, not here."""
    written, thought = usage.get("cache_write_5m", 0), usage.get("reasoning", 0)
    sent = usage.get("input", 0) + usage.get("cache_read", 0) + written
    made = usage.get("output", 0) + thought
    details = {"cached_tokens": usage.get("cache_read", 0)}
    return {
        "input_tokens": sent,
        "input_tokens_details": details | ({"cache_write_tokens": written} if written else {}),
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": sent + made,
    }


def message_items(given: Any) -> list[Json]:
    """Give the input as items, whichever way it was given."""
    return [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given


def _status(call: Call) -> str:
    if call.fault == "failed":
        return "failed"
    return "incomplete" if call.cut_short else "completed"
