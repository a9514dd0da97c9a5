"""Estimates: only for calls whose usage nobody reported, and never without saying how."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import chat_body, entry
from tollgate.money import dumps, loads
from tollgate.records import Usage
from tollgate.usage import estimate

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def said(*contents: Any) -> dict[str, Any]:
    return chat_body(messages=[{"role": "user", "content": content} for content in contents])


def test_four_characters_are_a_token_and_a_message_costs_three_more() -> None:
    assert estimate.messages(said("x" * 400)) == 103
    assert estimate.messages(said("x" * 400, "x" * 401)) == 103 + 104
    assert estimate.messages(said("")) == 3


def test_text_in_parts_counts_as_the_same_text_whole() -> None:
    parts = [{"type": "text", "text": "x" * 200}, {"type": "text", "text": "x" * 200}]
    assert estimate.messages(said(parts)) == estimate.messages(said("x" * 400))


def test_an_image_counts_as_one_in_high_detail_however_long_its_url() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "x" * 100_000}}
    assert estimate.messages(said([image])) == 3 + 765


def test_tools_are_part_of_the_prompt() -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    assert estimate.messages({**said("hi"), "tools": [tool]}) == estimate.messages(said("hi")) + 21


@given(json_values, json_values)
def test_a_body_of_any_shape_gets_an_estimate_that_is_not_negative(messages: Any, tools: Any) -> None:
    body = loads(dumps({"messages": messages, "tools": tools, "max_tokens": tools}))
    assert estimate.messages(body) >= 0
    assert estimate.output_limit(body) >= 0


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"max_tokens": 50}, 50),
        ({"max_completion_tokens": 60}, 60),
        ({"max_completion_tokens": 60, "max_tokens": 50}, 60),
        ({"max_completion_tokens": None, "max_tokens": 50}, 50),
        ({"max_tokens": 50, "n": 3}, 150),
        ({"max_tokens": 50, "n": None}, 50),
        ({"max_tokens": 50, "n": "3"}, 50),
        ({"max_tokens": 50, "n": 0}, 50),
        ({}, 0),
        ({"max_tokens": None}, 0),
        ({"max_tokens": -1}, 0),
        ({"max_tokens": True}, 0),
        ({"max_tokens": "50"}, 0),
    ],
)
def test_the_output_limit_is_what_the_client_let_the_provider_generate(
    fields: dict[str, Any], limit: int
) -> None:
    assert estimate.output_limit(chat_body(**fields)) == limit


@pytest.mark.parametrize("fields", [{"max_tokens": 10**40}, {"max_tokens": 10**6, "n": 10**40}])
def test_a_limit_beyond_every_model_is_kept_to_what_the_ledger_can_hold(fields: dict[str, Any]) -> None:
    assert 10**6 <= estimate.output_limit(chat_body(**fields)) < 10**9


def test_an_unanswered_call_is_booked_with_its_prompt_and_all_it_was_allowed_to_generate() -> None:
    usage, how = estimate.unanswered(entry(input_estimate=12, output_limit=100), 1000)
    assert usage == Usage(input=12, output=100)
    assert "the request's limit" in how
    usage, how = estimate.unanswered(entry(input_estimate=12, output_limit=0), 1000)
    assert usage == Usage(input=12, output=1000)
    assert "1000 by setting" in how


def test_a_call_dropped_without_a_byte_is_booked_with_its_prompt_alone() -> None:
    assert estimate.unstarted(entry(input_estimate=12))[0] == Usage(input=12)


def test_an_answer_that_broke_off_is_booked_with_the_text_that_came() -> None:
    assert estimate.cut(entry(input_estimate=12), 401)[0] == Usage(input=12, output=101)
