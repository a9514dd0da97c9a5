"""Usage classes from Anthropic's Messages API, where cache reads and writes stand beside the input tokens.

https://docs.claude.com/en/api/messages (fields of `usage`) and
https://docs.claude.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
"""

from collections.abc import Mapping
from typing import Any

from tollgate.records import Usage
from tollgate.usage.reading import STANDARD, Reading, count, faults, first, mapping, served_as, split


def messages(answer: Mapping[str, Any]) -> Reading | None:
    """A message, or the usage of a stream put together."""
    reported = mapping(answer.get("usage"))
    if count(reported.get("input_tokens")) is None and count(reported.get("output_tokens")) is None:
        return None
    usage, fault = _usage(reported)
    for round_ in _beside(reported):
        more, more_fault = _usage(round_)
        usage, fault = usage.plus(more), faults(fault, more_fault, _another_model(round_))
    return Reading(usage, fault, _served(reported))


def _beside(reported: Mapping[str, object]) -> list[Mapping[str, object]]:
    """What is billed beside the usage's own counts: compactions of the context, and an advisor's rounds.

    https://platform.claude.com/docs/en/build-with-claude/compaction (sum over `iterations`)
    """
    rounds = reported.get("iterations")
    found = [mapping(item) for item in rounds] if isinstance(rounds, list) else []
    return [item for item in found if item.get("type") in ("compaction", "advisor_message")]


def _another_model(round_: Mapping[str, object]) -> str:
    return f"tokens of {round_.get('model')} at this model's price" if "model" in round_ else ""


def _usage(reported: Mapping[str, object]) -> tuple[Usage, str]:
    writes, write_fault = _cache_writes(reported)
    details = mapping(reported.get("output_tokens_details"))
    made, made_fault = split(
        reported.get("output_tokens", 0), {"reasoning": details.get("thinking_tokens")}, "output"
    )
    sent, sent_fault = split(reported.get("input_tokens", 0), {}, "input")
    read, read_fault = split(first(reported.get("cache_read_input_tokens"), 0), {}, "cache_read")
    searches = count(mapping(reported.get("server_tool_use")).get("web_search_requests")) or 0
    usage = Usage.of({**sent, **read, **writes, **made, "web_searches": searches})
    return usage, faults(sent_fault, read_fault, write_fault, made_fault)


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
    """Fast, batched, in the US only, each at a price of its own; the priority tier's is the standard one."""
    tier = reported.get("service_tier")
    ways = {"inference_geo": "us"} if reported.get("inference_geo") == "us" else {}
    if reported.get("speed") == "fast":
        return {**ways, "speed": "fast"}
    if tier == "batch":
        return {**ways, "processing": "batch"}
    return {**ways, **(served_as(reported) if tier != "priority" else STANDARD)}
