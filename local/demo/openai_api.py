"""OpenAI's ways: its key, its error envelope, its headers, its usage object."""

from secrets import token_hex
from typing import Any, NoReturn

from starlette.datastructures import Headers

from local.demo.endpoint import Json, RawHeaders, RefusalError
from local.demo.usage import INPUT_CLASSES, OUTPUT_CLASSES, Counts

REASONING_MODELS = ("o1", "o3", "o4", "gpt-5", "gpt-6")
_TYPES = {429: "requests", 500: "server_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class OpenAIEndpoint:
    """What every endpoint of OpenAI's shares."""

    def authorize(self, headers: Headers) -> None:
        """Raise `RefusalError` without a bearer key."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise RefusalError("No API key: send it in the header Authorization: Bearer KEY", status=401)

    def error(self, status: int, message: str, param: str | None = None) -> Json:
        """Wrap an error."""
        kind = _TYPES.get(status, "invalid_request_error")
        return {"error": {"message": message, "type": kind, "param": param, "code": _CODES.get(status)}}

    def headers(self) -> RawHeaders:
        """Name the headers of every answer."""
        return [
            (b"x-request-id", b"req_" + token_hex(16).encode()),
            (b"openai-processing-ms", b"7"),
            (b"openai-version", b"2020-10-01"),
        ]


def required(body: Json, name: str) -> Any:
    """Give the parameter's value, or raise `RefusalError`."""
    if body.get(name) in (None, "", []):
        refuse(name, "it is required, and may not be empty")
    return body[name]


def refuse(name: str, why: str) -> NoReturn:
    """Blame a parameter."""
    raise RefusalError(f"The parameter {name}: {why}", param=name)


def token_limit(body: Json, *names: str) -> int | None:
    """Give the limit under the first of its names that is there, or raise `RefusalError`."""
    for name in names:
        limit = body.get(name)
        if limit is not None:
            if type(limit) is not int or limit < 1:
                refuse(name, "it must be a positive integer")
            return limit
    return None


def check_model(body: Json) -> None:
    """Raise `RefusalError` for a body without a model."""
    if not isinstance(required(body, "model"), str):
        refuse("model", "it must be a string")


def check_stream_options(body: Json) -> None:
    """Raise `RefusalError` for options of a stream that is none."""
    options = body.get("stream_options")
    if options is not None and not (isinstance(options, dict) and body.get("stream") is True):
        refuse("stream_options", "it must be an object, and is only allowed when stream is true")


def chat_usage(usage: Counts) -> Json:
    """Write a chat completion's usage object: totals that include their details."""
    prompt, completion = _sum(usage, INPUT_CLASSES), _sum(usage, OUTPUT_CLASSES)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": usage.get("cache_read", 0),
            "audio_tokens": usage.get("audio_in", 0),
            **_if_any(usage, cache_write_tokens="cache_write_5m", image_tokens="image_in"),
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.get("reasoning", 0),
            "audio_tokens": usage.get("audio_out", 0),
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _sum(usage: Counts, names: tuple[str, ...]) -> int:
    return sum(usage.get(name, 0) for name in names)


def _if_any(usage: Counts, **fields: str) -> Counts:
    # Only some models have these; the others' usage objects do not name them.
    return {field: usage[name] for field, name in fields.items() if usage.get(name)}
