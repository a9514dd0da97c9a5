"""Records of the ledger as LiteLLM's rows (reference 4.2). Money is USD, exact; moments are UTC."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tollgate.money import ZERO, loads
from tollgate.queries.budget_table import text_of
from tollgate.queries.log_reading import Record, entry_of
from tollgate.queries.question import tells_cost
from tollgate.records import Entry, SpendEvent

# LiteLLM's names of what is called, by path.
_CALL_TYPES: Final[Mapping[str, str]] = {
    "/chat/completions": "acompletion",
    "/completions": "atext_completion",
    "/embeddings": "aembedding",
    "/responses": "aresponses",
    "/messages": "anthropic_messages",
    "/messages/count_tokens": "acount_tokens",
    "/images/generations": "aimage_generation",
    "/images/edits": "aimage_edit",
    "/audio/speech": "aspeech",
    "/audio/transcriptions": "atranscription",
    "/audio/translations": "atranslation",
    "/moderations": "amoderation",
    "/rerank": "arerank",
}
# What LiteLLM also keeps and this gateway does not.
_ABSENT: Final = (
    "team_id",
    "organization_id",
    "requester_ip_address",
    "mcp_namespaced_tool_name",
    "agent_id",
)
OPEN: Final = "open"
# What CSV shows of a row: what is one value.
COLUMNS: Final = (
    "request_id",
    "startTime",
    "endTime",
    "status",
    "end_user",
    "api_key",
    "call_type",
    "model",
    "model_group",
    "custom_llm_provider",
    "spend",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "request_duration_ms",
    "session_id",
    "litellm_call_id",
)


def row(record: Record, may: frozenset[str] | None) -> dict[str, Any]:
    """One row, for who may read these customers, None for all.

    `status` is `open` while the call is under way, and nothing is spent yet.
    """
    entry = entry_of(record)
    return {
        "request_id": entry.request_id,
        "call_type": _CALL_TYPES.get(entry.endpoint, entry.endpoint),
        "api_key": entry.key_id,
        **_used(record),
        "startTime": text_of(entry.started_at),
        "completionStartTime": _first_byte(record),
        "model": entry.model,
        "model_id": "",
        "model_group": entry.model_group,
        "custom_llm_provider": entry.provider,
        "api_base": "",
        "user": entry.customer_id,
        "end_user": entry.customer_id,
        "metadata": _metadata(record, may),
        "cache_hit": "False",
        "cache_key": "",
        "request_tags": list(entry.tags),
        **dict.fromkeys(_ABSENT),
        "session_id": entry.session_id or None,
        "litellm_call_id": entry.call_id or entry.request_id,
        "messages": {},
        "response": {},
        "proxy_server_request": {},
    }


def _used(record: Record) -> dict[str, Any]:
    if not isinstance(record, SpendEvent):
        counts = dict.fromkeys(("total_tokens", "prompt_tokens", "completion_tokens"), 0)
        return {"spend": ZERO, **counts, "endTime": None, "request_duration_ms": None, "status": OPEN}
    prompt, completion = record.usage.prompt_tokens, record.usage.completion_tokens
    return {
        "spend": record.charge,
        "total_tokens": prompt + completion,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "endTime": text_of(record.closed_at),
        "request_duration_ms": duration(record),
        "status": record.status,
    }


def _first_byte(record: Record) -> str | None:
    """When the first bytes of the answer came; as LiteLLM, so that both tell the time to the first token."""
    if not isinstance(record, SpendEvent) or record.first_byte_ms is None:
        return None
    return text_of(record.entry.started_at + timedelta(milliseconds=record.first_byte_ms))


def duration(event: SpendEvent) -> int:
    """How long a call took, in milliseconds: as timed, or from its beginning to its closing."""
    if event.duration_ms is not None:
        return event.duration_ms
    return int((event.closed_at - event.entry.started_at).total_seconds() * 1000)


def _metadata(record: Record, may: frozenset[str] | None) -> dict[str, Any]:
    entry = entry_of(record)
    return {
        "user_api_key": entry.key_id,
        "spend_logs_metadata": loads(entry.spend_logs_metadata) if entry.spend_logs_metadata else None,
        "litellm_call_id": entry.call_id or entry.request_id,
        "attempted_fallbacks": entry.attempt - 1,
        "original_model_group": entry.model_group,
        "stream": entry.stream,
        "would_block": entry.would_block or None,
        **(_closed(record, may) if isinstance(record, SpendEvent) else {"status": OPEN}),
    }


def _closed(event: SpendEvent, may: frozenset[str] | None) -> dict[str, Any]:
    """How a call ended; `usage_object` has every class that the provider charges for."""
    failed = event.status == "failure"
    return {
        "status": event.status,
        "usage_object": event.usage.counts(),
        "error_information": _error(event) if failed else None,
        "ending": event.ending,
        "http_status": event.http_status or None,
        **({"cost": event.cost, "price_version": event.price_version or None} if tells_cost(may) else {}),
        "service_tier": event.tier or None,
        "estimated": event.estimated or None,
        "unpriced": event.unpriced,
    }


def _error(event: SpendEvent) -> dict[str, Any]:
    code = str(event.http_status) if event.http_status else ""
    return {"error_code": code, "error_class": event.ending, "error_message": None}


def entry_times(entry: Entry) -> dict[str, Any]:
    """When a call began, and the reporting day it is booked on."""
    return {"started_at": text_of(entry.started_at), "day": entry.day}
