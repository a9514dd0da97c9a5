"""Usage classes from Anthropic's Messages API, where cache reads and writes stand beside the input tokens.

https://docs.claude.com/en/api/messages (fields of `usage`) and
https://docs.claude.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
"""

from collections.abc import Mapping
from typing import Any

from tollgate.records import Usage
from tollgate.usage.reading import STANDARD, Reading, count, faults, mapping, served_as, split


def messages(answer: Mapping[str, Any]) -> Reading | None:
    """A message, or the usage of a stream put together."""
    reported = mapping(answer.get("usage"))
    if count(reported.get("input_tokens")) is None and count(reported.get("output_tokens")) is None:
        return None
    writes, write_fault = _cache_writes(reported)
    details = mapping(reported.get("output_tokens_details"))
    made, made_fault = split(
        reported.get("output_tokens", 0), {"reasoning": details.get("thinking_tokens")}, "output"
    )
    sent, sent_fault = split(reported.get("input_tokens", 0), {}, "input")
    read = {"cache_read": count(reported.get("cache_read_input_tokens")) or 0}
    searches = count(mapping(reported.get("server_tool_use")).get("web_search_requests")) or 0
    usage = Usage.of({**sent, **read, **writes, **made, "web_searches": searches})
    return Reading(usage, faults(sent_fault, write_fault, made_fault), _served(reported))


def counted(_: Mapping[str, Any]) -> Reading | None:
    """Counting tokens is free (https://docs.claude.com/en/docs/build-with-claude/token-counting)."""
    return Reading(Usage())


def _cache_writes(reported: Mapping[str, object]) -> tuple[dict[str, int], str]:
    """Writes by lifetime; those the split leaves over live for five minutes, the default."""
    lifetimes = mapping(reported.get("cache_creation"))
    total = reported.get("cache_creation_input_tokens")
    if count(total) is None:
        total = sum(count(value) or 0 for value in lifetimes.values())
    return split(total, {"cache_write_1h": lifetimes.get("ephemeral_1h_input_tokens")}, "cache_write_5m")


def _served(reported: Mapping[str, object]) -> Mapping[str, str]:
    if reported.get("speed") == "fast":
        return {"speed": "fast"}
    if reported.get("service_tier") == "batch":
        return {"processing": "batch"}
    return served_as(reported) if reported.get("service_tier") != "priority" else STANDARD
