from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.accuracy import replay
from tests.accuracy.corpus import Case, cases
from tollgate.money import EXACT
from tollgate.records import USAGE_CLASSES

CORPUS = cases()
MODELS = {case.endpoint: case for case in CORPUS if case.provider == "openai"} | {
    case.provider: case for case in CORPUS if case.provider in ("anthropic", "openrouter", "cohere")
}
NAMES = [
    *(
        "usage",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "input_tokens",
        "output_tokens",
        "seconds",
    ),
    *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"),
    *(
        "cached_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "audio_tokens",
        "image_tokens",
        "text_tokens",
    ),
    *("cache_creation", "ephemeral_1h_input_tokens", "cache_creation_input_tokens", "iterations", "type"),
    *("cache_read_input_tokens", "server_tool_use", "web_search_requests", "cost", "cost_in_usd_ticks"),
    *("choices", "x_groq", "output", "action", "tool_usage", "data", "meta", "billed_units", "search_units"),
    *("duration", "service_tier", "speed", "inference_geo", "model", "prompt_audio_seconds", "is_byok"),
]
numbers = st.integers(-3, 300_000) | st.integers(10**11, 10**45) | st.decimals(allow_nan=False)
plain = st.none() | st.booleans() | numbers | st.sampled_from(["", "7", "flex", "fast", "us", "compaction"])
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=40,
)
reports = st.dictionaries(st.sampled_from(NAMES), numbers | values, max_size=12)
answers = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)


@pytest.mark.parametrize("case", MODELS.values(), ids=MODELS)
@given(answer=answers, report=reports)
def test_no_report_crashes_or_bills_less_than_nothing(
    case: Case, answer: dict[str, Any], report: dict[str, Any]
) -> None:
    for odd in (answer, {**answer, "usage": report}):
        reading = replay.endpoint_of(case).read(odd)
        if reading is not None:
            cost = replay.priced(case, reading).cost
            assert EXACT.create_decimal(cost) >= Decimal(0)
            assert all(getattr(reading.usage, name) >= 0 for name in USAGE_CLASSES)
