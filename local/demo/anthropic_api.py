"""Anthropic's ways: its key, its error envelope, its headers, its usage object."""

from secrets import token_hex
from typing import NoReturn

from starlette.datastructures import Headers

from local.demo.endpoint import Json, RawHeaders, RefusalError
from local.demo.usage import Counts

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    429: "rate_limit_error",
    500: "api_error",
}


class AnthropicEndpoint:
    """What every endpoint of Anthropic's shares."""

    def authorize(self, headers: Headers) -> None:
        """Raise `RefusalError` without a key, or without the version of the API that is meant."""
        bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not (headers.get("x-api-key", "").strip() or bearer):
            raise RefusalError("x-api-key: the header is required", status=401)
        if not headers.get("anthropic-version"):
            raise RefusalError("anthropic-version: the header is required")

    def error(self, status: int, message: str, param: str | None = None) -> Json:
        """Wrap an error; the envelope has no place for the parameter, so the message begins with it."""
        text = f"{param}: {message}" if param else message
        return {
            "type": "error",
            "error": {"type": _TYPES[status], "message": text},
            "request_id": _request_id(),
        }

    def headers(self) -> RawHeaders:
        """Name the headers of every answer."""
        return [(b"request-id", _request_id().encode())]


def check_prompt(body: Json) -> None:
    """Raise `RefusalError` for a prompt that Anthropic would refuse."""
    if not isinstance(body.get("model"), str) or not body["model"]:
        refuse("model", "a string is required")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(each, dict) for each in messages):
        refuse("messages", "at least one message is required")


def refuse(name: str, why: str) -> NoReturn:
    """Blame a parameter."""
    raise RefusalError(why, param=name)


def message_usage(usage: Counts) -> Json:
    """Write a message's usage object; its input is without what was read from the cache or written to it."""
    return {
        **running_usage(usage),
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.get("cache_write_5m", 0),
            "ephemeral_1h_input_tokens": usage.get("cache_write_1h", 0),
        },
        "service_tier": "standard",
    }


def running_usage(usage: Counts) -> Json:
    """Write a `message_delta`'s usage object: cumulative, and without the cache writes' lifetimes."""
    thought, searches = usage.get("reasoning", 0), usage.get("web_searches", 0)
    return {
        "input_tokens": usage.get("input", 0),
        "cache_creation_input_tokens": usage.get("cache_write_5m", 0) + usage.get("cache_write_1h", 0),
        "cache_read_input_tokens": usage.get("cache_read", 0),
        "output_tokens": usage.get("output", 0) + thought,
        **({"output_tokens_details": {"thinking_tokens": thought}} if thought else {}),
        **({"server_tool_use": {"web_search_requests": searches}} if searches else {}),
    }


def _request_id() -> str:
    return f"req_{token_hex(12)}"
