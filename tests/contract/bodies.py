"""What calls are made of: the fields that the gateway reads, each as it is right; schemathesis errs alone."""

import json
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

CUSTOMERS: Final = ("acme", "broke", "slow", "out", "unseen")  # see tests/contract/proxy.py

_TEXT: Final[Json] = {"type": "string"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0, "maximum": 10**7}
_BYTES: Final[Json] = {"type": "string", "format": "binary"}
_OBJECT: Final[Json] = {"type": "object"}
_PART: Final[Json] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["text", "image_url", "input_audio", "input_text", "file", "tool_result"]},
        "text": _TEXT,
        "image_url": {"anyOf": [_TEXT, {"type": "object", "properties": {"url": _TEXT}}]},
        "content": {"anyOf": [_TEXT, {"type": "array", "items": _OBJECT}]},
    },
}
_MESSAGE: Final[Json] = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": ["user", "assistant", "system", "tool"]},
        "content": {"anyOf": [_TEXT, {"type": "array", "items": _PART, "maxItems": 2}]},
    },
}
_MESSAGES: Final[Json] = {"type": "array", "minItems": 1, "maxItems": 2, "items": _MESSAGE}
_TEXTS: Final[Json] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": 3}, _MESSAGES]}
_FIELDS: Final[Json] = {
    "messages": _MESSAGES,
    **dict.fromkeys(("input", "prompt", "query", "documents", "instructions", "system"), _TEXTS),
    **dict.fromkeys(("max_tokens", "max_output_tokens", "n"), _COUNT),
    **dict.fromkeys(("metadata", "stream_options", "thinking"), _OBJECT),
    "tools": {"type": "array", "items": _OBJECT, "maxItems": 2},
    "stream": {"type": "boolean"},
    **dict.fromkeys(("file", "image"), _BYTES),
    "user": {"enum": list(CUSTOMERS)},
}
# By endpoint: a model that speaks it, and the fields that the gateway reads there.
_CALLS: Final[Mapping[str, tuple[str, str]]] = {
    "/v1/chat/completions": ("gpt-4o-mini", "messages max_tokens n tools stream stream_options metadata"),
    "/v1/completions": ("gpt-3.5-turbo-instruct", "prompt max_tokens n stream stream_options"),
    "/v1/embeddings": ("text-embedding-3-small", "input"),
    "/v1/responses": ("gpt-4o-mini", "input instructions max_output_tokens tools stream"),
    "/v1/messages": ("claude-sonnet-4-5", "messages system max_tokens tools thinking stream metadata"),
    "/v1/messages/count_tokens": ("claude-sonnet-4-5", "messages system tools"),
    "/v1/images/generations": ("gpt-image-1", "prompt n stream"),
    "/v1/images/edits": ("gpt-image-1", "prompt image n"),
    "/v1/audio/speech": ("gpt-4o-mini-tts", "input instructions stream"),
    "/v1/audio/transcriptions": ("whisper-1", "file prompt stream"),
    "/v1/audio/translations": ("whisper-1", "file prompt"),
    "/v1/moderations": ("omni-moderation-latest", "input"),
    "/v1/rerank": ("rerank-v3.5", "query documents"),
}


def _models(model: str) -> Json:
    return {"enum": [model, "gpt-4o", "claude-sonnet-4-5", "anthropic.claude-sonnet-4-5", "no-such-model"]}


_ANSWER: Final[Json] = {
    "type": "object",
    "required": ["model", "usage"],
    "properties": {
        "model": _models("gpt-4o-mini"),
        "object": {"enum": ["chat.completion", "response", "list"]},
        "usage": {
            "type": "object",
            "required": ["prompt_tokens", "completion_tokens"],
            "properties": dict.fromkeys(("prompt_tokens", "completion_tokens", "input_tokens"), _COUNT),
        },
    },
}
_COSTS: Final[Json] = {
    "model": _models("gpt-4o-mini"),
    "messages": _MESSAGES,
    "completion_response": _ANSWER,
    **dict.fromkeys(("input_tokens", "output_tokens", "num_requests_per_day"), _COUNT),
}


def with_fields(document: Json) -> Json:
    """A document whose bodies have the fields that the gateway reads."""
    told = json.loads(json.dumps(document))
    for path, operations in told["paths"].items():
        for operation in operations.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                body["schema"] = _described(path, body["schema"])
    return dict(told)


def _described(path: str, schema: Json) -> Json:
    if path in ("/spend/calculate", "/cost/estimate"):
        return schema | {"properties": _COSTS}
    model, names = _CALLS.get(path, ("gpt-4o-mini", ""))
    fields = {"model": _models(model)} | {name: _FIELDS[name] for name in (*names.split(), "user")}
    return schema | {"properties": fields, "required": ["model", "user", *schema.get("required", ())]}
