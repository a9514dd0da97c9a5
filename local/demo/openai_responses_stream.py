"""The events of a streamed response: https://platform.openai.com/docs/api-reference/responses-streaming."""

from collections.abc import Iterator
from itertools import count

from local.demo.endpoint import Call, Json
from local.demo.openai_response import unfinished
from local.demo.openai_tools import argument_pieces

_SEARCH_STEPS = ("in_progress", "searching", "completed")


def events(call: Call, response: Json) -> Iterator[Json]:
    """Give the events of a response, numbered; the last tells how it ended, with the usage."""
    numbers = count()
    for event in _events(call, response):
        yield {"type": event.pop("type"), "sequence_number": next(numbers), **event}


def _events(call: Call, response: Json) -> Iterator[Json]:
    begun = unfinished(response, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for place, item in enumerate(response["output"]):
        yield {"type": "response.output_item.added", "output_index": place, "item": _begun(item)}
        yield from _steps(call, item, {"item_id": item["id"], "output_index": place})
        yield {"type": "response.output_item.done", "output_index": place, "item": item}
    for _ in range(2 if call.fault == "duplicate_usage" else 1):
        yield {"type": f"response.{response['status']}", "response": response}


def _begun(item: Json) -> Json:
    blank: Json = {"status": "in_progress"} if "status" in item else {}
    empty: Json = {name: type(item[name])() for name in ("content", "arguments") if name in item}
    return {**item, **blank, **empty}


def _steps(call: Call, item: Json, where: Json) -> Iterator[Json]:
    kind = item["type"]
    if kind == "message":
        yield from _text(call, item, {**where, "content_index": 0})
    elif kind == "function_call":
        yield from _arguments(call, item, where)
    elif kind.endswith("_search_call"):
        for step in _SEARCH_STEPS:
            yield {"type": f"response.{kind}.{step}", **where}


def _text(call: Call, item: Json, where: Json) -> Iterator[Json]:
    part = item["content"][0]
    yield {"type": "response.content_part.added", **where, "part": {**part, "text": ""}}
    for piece in call.pieces:
        yield {"type": "response.output_text.delta", **where, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **where, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **where, "part": part}


def _arguments(call: Call, item: Json, where: Json) -> Iterator[Json]:
    kind = "response.function_call_arguments"
    for piece in argument_pieces(call.tool) if call.tool else ():
        yield {"type": f"{kind}.delta", **where, "delta": piece}
    yield {"type": f"{kind}.done", **where, "name": item["name"], "arguments": item["arguments"]}
