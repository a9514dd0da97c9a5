"""Whatever a provider reports: nothing crashes or is negative, and what contradicts itself is counted."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import answers, chat_body, completion, sse, streamed, streams
from tests.calling import booked, call, only, read
from tests.conftest import Metrics
from tests.fakes import FakeProvider
from tests.stack import Stack
from tollgate.endpoints.endpoint import Asked
from tollgate.endpoints.table import CHAT, ENDPOINTS
from tollgate.money import dumps
from tollgate.records import Usage
from tollgate.usage.sse import EventStream

_NAMES = (
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
        "input_token_details",
        "cached_tokens",
        "audio_tokens",
        "reasoning_tokens",
        "text_tokens",
        "image_tokens",
    ),
    *(
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "ephemeral_1h_input_tokens",
    ),
    *(
        "server_tool_use",
        "web_search_requests",
        "service_tier",
        "speed",
        "type",
        "object",
        "response",
        "message",
    ),
    *(
        "meta",
        "billed_units",
        "search_units",
        "data",
        "duration",
        "choices",
        "x_groq",
        "cost",
        "output",
        "action",
    ),
)
_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**3), 10**6)
    | st.sampled_from(
        [10**40, -(10**40), 1.5, -0.0, 3.0, 1e300, "", "12", "flex", "duration", "message_delta"]
    )
)
REPORTS = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6),
    max_leaves=25,
)
ANSWERS = st.dictionaries(st.sampled_from(_NAMES), REPORTS, max_size=6)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
@given(answer=ANSWERS)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_report_breaks_a_reader_or_is_negative(endpoint: Any, answer: dict[str, Any]) -> None:
    parsed = json.loads(dumps(answer))
    readings = [endpoint.read(parsed)]
    if endpoint.meter is not None:
        stream = EventStream(endpoint.meter(Asked({"stream_options": {"include_usage": True}})))
        raw = dumps(answer)
        assert b"".join([*stream.feed(sse(raw)), stream.flush()]) == sse(raw)
        readings.append(stream.meter.reading)
    for reading in filter(None, readings):
        assert all(isinstance(n, int) and 0 < n < 10**16 for n in reading.usage.counts().values())


CONTRADICTIONS = [
    (
        {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 11}},
        Usage(cache_read=10, output=5),
    ),
    (
        {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": -3}},
        Usage(input=10, output=5),
    ),
    (
        {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": "4"}},
        Usage(input=10, output=5),
    ),
    ({"prompt_tokens": 10, "completion_tokens": -5}, None),
    ({"prompt_tokens": "10", "completion_tokens": 5}, None),
    ({"completion_tokens": 5}, None),
]


@pytest.mark.parametrize(("report", "usage"), CONTRADICTIONS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_report_that_contradicts_itself_is_clamped_marked_and_counted(
    stack: Stack, metrics: Metrics, report: dict[str, Any], usage: Usage | None, stream: bool
) -> None:
    provider = FakeProvider(streams(streamed("hi", usage=report)) if stream else answers(completion(report)))
    await read(await call(stack.gateway(provider), CHAT, chat_body(stream=stream)))
    event = only(stack)
    assert event.estimated
    assert event.ending == "finished"
    assert event.usage == usage or usage is None
    assert all(n > 0 for n in event.usage.counts().values())
    assert metrics() == {"ContradictoryUsage": 1}


async def test_a_report_that_is_right_is_not_counted(stack: Stack, metrics: Metrics) -> None:
    gateway = stack.gateway(FakeProvider(answers(completion()), streams(streamed("hi"))))
    await call(gateway, CHAT, chat_body())
    await read(await call(gateway, CHAT, chat_body(stream=True)))
    assert len(booked(stack)) == 2
    assert metrics() == {}
