"""What is set aside for a conversation: its prompt and all it may generate, each at its dearest price."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import demanding
from tests.builders import chat_body
from tests.demanding import DEFAULT, cost, priced, shipped, tokens
from tollgate.endpoints.table import CHAT, COMPLETIONS, COUNT_TOKENS, MESSAGES, MODERATIONS, RESPONSES
from tollgate.money import dumps, loads
from tollgate.records import Demand

WORDS = "barley " * 1000
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
part_types = st.sampled_from(["text", "image", "image_url", "input_audio", "file", "document", "tool_use"])
parts = st.dictionaries(st.sampled_from(["type", "text", "source", "image_url", "data"]), json_values) | (
    st.builds(lambda kind, more: {**more, "type": kind}, part_types, st.dictionaries(st.text(), json_values))
)


def said(text: str = "Hi", **fields: Any) -> dict[str, Any]:
    return chat_body(messages=[{"role": "user", "content": text}], **fields)


def per_million(rate: str, count: int) -> Decimal:
    return Decimal(rate) * count / 1_000_000


def more(body: dict[str, Any], **fields: Any) -> Decimal:
    """What fields add to what a body demands."""
    return cost({**body, **fields}) - cost(body)


def test_the_limit_is_held_at_the_dearest_price_of_an_answer() -> None:
    assert more(said(max_tokens=1000), max_tokens=3000) == per_million("12", 2000)
    assert tokens(said(max_tokens=3000)) - tokens(said(max_tokens=1000)) == 2000


def test_every_choice_is_held() -> None:
    assert more(said(max_tokens=1000), n=3) == per_million("12", 2000)


def test_choices_that_are_thrown_away_are_held_too_and_every_prompt_is_answered() -> None:
    body = {"model": "house", "prompt": "Hi", "max_tokens": 1000}
    one = tokens(body, COMPLETIONS)
    assert tokens({**body, "best_of": 4, "n": 2}, COMPLETIONS) - one == 3000
    assert tokens({**body, "prompt": ["Hi", "Ho", "Ha"]}, COMPLETIONS) - one > 2000
    assert tokens({**body, "prompt": [1, 2, 3]}, COMPLETIONS) - one < 10


@pytest.mark.parametrize(
    ("known", "held"),
    [
        ({"max_output_tokens": 64_000}, 64_000),
        ({"max_output_tokens": 64_000, "held_output_tokens": 25_000}, 25_000),
        ({"max_output_tokens": 4_096, "held_output_tokens": 25_000}, 4_096),
        ({"held_output_tokens": 25_000}, 25_000),
        ({}, DEFAULT),
    ],
)
def test_without_a_limit_the_models_own_is_held_or_the_cap_that_was_set(
    known: dict[str, Any], held: int
) -> None:
    assert tokens(said(), **known) - tokens(said(max_tokens=1), **known) == held - 1
    assert tokens(said(n=2), **known) - tokens(said(max_tokens=1), **known) == 2 * held - 1


@pytest.mark.parametrize(
    ("model", "held"),
    [("gpt-4o", 16_384), ("gpt-4.1-mini", 32_768), ("gpt-5", 25_000), ("o3", 25_000), ("gpt-4", 8_192)],
)
def test_the_shipped_models_say_what_they_generate_at_most(model: str, held: int) -> None:
    without = demanding.of(CHAT, dumps(said()), shipped(CHAT, model)).tokens
    assert without - demanding.of(CHAT, dumps(said(max_tokens=1)), shipped(CHAT, model)).tokens == held - 1


def test_a_limit_of_the_clients_is_held_whole() -> None:
    assert tokens(said(max_tokens=50_000), held_output_tokens=25_000) > 50_000


def test_a_prompt_is_held_by_its_length() -> None:
    short, long = said(max_tokens=1), said(WORDS, max_tokens=1)
    assert 1000 <= tokens(long) - tokens(short) < 3000
    assert cost(long) - cost(short) == per_million("1.25", tokens(long) - tokens(short))


def test_a_prompt_is_never_held_at_less_than_it_would_be_booked_at_by_estimate() -> None:
    assert tokens(said(" " * 40_000, max_tokens=1)) >= 10_000


def claude(*content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": list(content)}]
    return {"model": "claude-opus-4-8", "max_tokens": 1, "messages": messages, **fields}


def part(**fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": WORDS, **fields}


FIVE_MINUTES = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


@pytest.mark.parametrize(
    ("body", "rate"),
    [
        (claude(part()), "1"),
        (claude(part(**FIVE_MINUTES)), "1.25"),
        (claude(part(**HOUR)), "2"),
        (claude(part(), **HOUR), "2"),
        (claude(part(), system=[part(**HOUR)]), "2"),
        (claude(part(), tools=[{"name": "weather", "input_schema": {}, **FIVE_MINUTES}]), "1.25"),
        (claude({"type": "image", "source": {"type": "url", "url": "https://x"}, **HOUR}), "3"),
        (claude({"type": "tool_result", "content": [part(**FIVE_MINUTES)]}), "1.25"),
    ],
)
def test_a_prompt_that_claude_is_to_cache_is_held_at_the_price_of_writing_it(
    body: dict[str, Any], rate: str
) -> None:
    prompt = tokens(body, MESSAGES) - 1
    held = cost(body, MESSAGES) - per_million("12", 1)
    assert held <= per_million(rate, prompt)
    assert held > per_million(rate, prompt) * Decimal("0.9")


@pytest.mark.parametrize(
    "picture",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "x" * 10**6}},
        {"type": "input_image", "image_url": "data:image/png;base64," + "x" * 10**6, "detail": "high"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x" * 10**6}},
    ],
)
def test_a_picture_is_held_as_the_largest_that_a_model_looks_at_not_as_text(picture: dict[str, Any]) -> None:
    body = chat_body(messages=[{"role": "user", "content": [picture]}], max_tokens=1)
    assert 4_784 <= tokens(body) < 5_000
    assert cost(body) > per_million("3", 4_784)


def sound(data: str) -> dict[str, Any]:
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    return chat_body(messages=[{"role": "user", "content": [part]}], max_tokens=1)


def test_a_sound_is_held_by_its_length_at_the_price_of_sound() -> None:
    wav = "UklGRgAAAABXQVZFZm10IBAAAAABAAEAwF0AAIC7AAACABAAZGF0YQAAAAA"  # its header: 48,000 bytes a second
    minute = wav + "A" * (60 * 48_000 * 4 // 3 - len(wav))
    assert 600 <= tokens(sound(minute)) < 800
    assert per_million("40", 600) <= cost(sound(minute)) < per_million("40", 700)
    assert tokens(sound("A" * 10**6)) > tokens(sound(wav + "A" * 10**6))


def test_a_document_is_held_by_its_pages_and_one_that_is_only_named_as_if_it_had_twenty() -> None:
    def sent(**source: str) -> int:
        return tokens(claude({"type": "document", "source": source}), MESSAGES)

    pages = sent(type="base64", media_type="application/pdf", data="JVBERi0xLjcK" + "A" * 400_000)
    assert 10 * 2_500 < pages < 100 * 5_000
    assert sent(type="file", file_id="file_1") > 20 * 2_500
    assert sent(type="text", media_type="text/plain", data=WORDS) < 6_000


def test_an_answer_in_sound_or_pictures_is_held_at_their_price_where_it_was_asked_for() -> None:
    spoken = cost(said(max_tokens=1000, modalities=["text", "audio"]))
    assert spoken - cost(said(max_tokens=1000)) >= per_million("68", 1000)
    drawn = cost(said(max_tokens=1000), model="house-image")
    assert drawn - cost(said(max_tokens=1000)) == per_million("18", 1000)


def test_the_tools_of_a_provider_are_held_with_their_fees() -> None:
    searches = more(said(max_tokens=1), tools=[{"type": "web_search_20250305", "max_uses": 8}])
    assert searches > 8 * Decimal("0.01") + per_million("1", 8 * 8_000)
    assert more(said(max_tokens=1), tools=[{"type": "web_search"}]) > 5 * Decimal("0.01")
    assert more(said(max_tokens=1), tools=[{"type": "file_search"}]) > 5 * Decimal("0.0025")
    assert more(said(max_tokens=1), web_search_options={}) > Decimal("0.01")
    assert more(said(max_tokens=1), tools=[{"type": "function", "function": {}}]) < Decimal("0.001")


@pytest.mark.parametrize(
    ("endpoint", "model", "fields", "times"),
    [
        (CHAT, "gpt-5", {"service_tier": "priority"}, "2"),
        (CHAT, "gpt-5", {"service_tier": "flex"}, "1"),
        (CHAT, "gpt-5", {"service_tier": "golden"}, "1"),
        (MESSAGES, "claude-opus-4-8", {"speed": "fast"}, "2"),
        (MESSAGES, "claude-opus-4-8", {"inference_geo": "us"}, "1.1"),
        (MESSAGES, "claude-opus-4-8", {"inference_geo": "us", "speed": "fast"}, "2.2"),
    ],
)
def test_a_dearer_way_of_being_served_is_held_when_it_was_asked_for(
    endpoint: Any, model: str, fields: dict[str, str], times: str
) -> None:
    deployment = shipped(endpoint, model)
    body = said(model=model, max_tokens=100_000)
    plain = demanding.of(endpoint, dumps(body), deployment).cost
    asked = demanding.of(endpoint, dumps(body | fields), deployment).cost
    assert asked / plain == pytest.approx(Decimal(times), abs=Decimal("0.01"))


def test_a_long_prompt_is_held_at_the_price_of_long_ones() -> None:
    deployment = shipped(MESSAGES, "claude-sonnet-4-5")
    held = demanding.of(MESSAGES, dumps(claude(part(text="barley " * 200_000))), deployment)
    assert held.cost > per_million("6", 200_000)


@pytest.mark.parametrize("endpoint", [COUNT_TOKENS, MODERATIONS])
def test_what_is_free_demands_nothing(endpoint: Any) -> None:
    model = "claude-opus-4-8" if endpoint is COUNT_TOKENS else "omni-moderation-latest"
    body = {**said(model=model), "input": "Hi"}
    assert demanding.of(endpoint, dumps(body), shipped(endpoint, model)) == Demand(Decimal(0), 0)


def test_what_has_no_price_demands_tokens_only() -> None:
    assert cost(said(), price=None) == 0
    assert tokens(said(), price=None) > DEFAULT


@given(st.lists(parts), json_values, json_values)
def test_any_body_has_a_demand_of_at_least_what_an_estimate_is_booked_at(
    content: list[Any], field: Any, tools: Any
) -> None:
    body = said(max_tokens=field, tools=tools, n=field, modalities=field, system=content)
    body |= {"messages": [{"role": "user", "content": content}, field], "input": content, "prompt": [tools]}
    for endpoint in (CHAT, RESPONSES, MESSAGES, COMPLETIONS):
        body = loads(dumps(body))
        demanded = demanding.of(endpoint, dumps(body), priced())
        assert demanded.tokens >= endpoint.input_tokens(body) + endpoint.output_tokens(body)
        assert demanded.cost > 0


def test_a_body_nested_as_deeply_as_can_be_read_has_a_demand() -> None:
    nested: Any = "Hi"
    for _ in range(400):
        nested = [{"content": nested}]
    assert tokens(chat_body(messages=nested)) > DEFAULT
