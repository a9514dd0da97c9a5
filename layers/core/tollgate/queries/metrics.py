"""Sums as LiteLLM's SpendMetrics and the totals of its metadata (reference 3.4)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tollgate.money import ZERO
from tollgate.records import Usage

Metrics = dict[str, int | Decimal]

# What LiteLLM also reports and this gateway does not do: always zero.
_ABSENT: Final = (
    "flat_cost",
    "ptu_hours",
    "compression_saved_tokens",
    "compression_savings_spend",
    "prompt_caching_savings_spend",
    "gateway_injected_caching_savings_spend",
    "autorouter_savings_spend",
)


def spend_metrics(sums: Mapping[str, int | Decimal]) -> Metrics:
    """The metrics of one counter. `spend` is what we charge, in USD; `prompt_tokens` include cached ones."""
    usage = Usage.of(sums)  # type: ignore[arg-type]  # token classes are whole numbers
    return {
        "spend": sums.get("charge", ZERO),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_creation,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "successful_requests": sums.get("successful_requests", 0),
        "failed_requests": sums.get("failed_requests", 0),
        "api_requests": sums.get("api_requests", 0),
        "total_response_time_ms": sums.get("response_time_ms", 0),
        "timed_requests": sums.get("timed_requests", 0),
        **dict.fromkeys(_ABSENT, 0),
    }


def totals(sums: Mapping[str, int | Decimal]) -> Metrics:
    """The metrics of everything asked for, under the names LiteLLM's metadata gives them."""
    return {f"total_{name.removeprefix('total_')}": value for name, value in spend_metrics(sums).items()}


def classic(sums: Mapping[str, int | Decimal]) -> Metrics:
    """The nine metrics that LiteLLM has had from the beginning."""
    found = spend_metrics(sums)
    return {name: found[name] for name in CLASSIC}


CLASSIC: Final = (
    "spend",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "total_tokens",
    "successful_requests",
    "failed_requests",
    "api_requests",
)
METRICS: Final = tuple(spend_metrics({}))
