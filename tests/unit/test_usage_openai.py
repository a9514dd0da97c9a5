"""Token classes are disjoint: together they are what the provider reported, however odd the report."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import usage_report
from tollgate.money import dumps
from tollgate.records import USAGE_CLASSES, Usage
from tollgate.usage import openai
from tollgate.usage.reading import count
from tollgate.usage.sse import parsed

counts = st.integers(0, 10**6)
numbers = st.integers(-10, 10) | st.integers(10**11, 10**45) | st.decimals(allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)
parts = ["cached_tokens", "cache_write_tokens", "audio_tokens", "reasoning_tokens", "text_tokens"]
details = st.none() | json_values | st.dictionaries(st.sampled_from(parts), json_values | counts)
junk = st.fixed_dictionaries(
    {},
    optional={
        "prompt_tokens": json_values | counts,
        "completion_tokens": json_values | counts,
        "total_tokens": json_values,
        "prompt_tokens_details": details,
        "completion_tokens_details": details,
    },
)


def read(reported: Any) -> tuple[Usage, str] | None:
    """The usage of a chat that reports so, and what was wrong with the report."""
    found = openai.chat({"model": "gpt-4o-mini", "usage": reported})
    return found and (found.usage, found.fault)


@given(
    st.builds(
        Usage,
        input=counts,
        cache_read=counts,
        cache_write_5m=counts,
        audio_in=counts,
        output=counts,
        reasoning=counts,
        audio_out=counts,
    )
)
def test_the_classes_of_a_consistent_report_are_its_parts_and_sum_up_to_its_totals(usage: Usage) -> None:
    sent = {
        "cached_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write_5m,
        "audio_tokens": usage.audio_in,
        "text_tokens": usage.input,
    }
    made = {"reasoning_tokens": usage.reasoning, "audio_tokens": usage.audio_out}
    prompt, completion = sum(sent.values()), sum(made.values()) + usage.output
    found = read(usage_report(prompt, completion, prompt_tokens_details=sent, completion_tokens_details=made))
    assert found == (usage, "")
    assert (usage.prompt_tokens, usage.completion_tokens) == (prompt, completion)


@given(junk)
def test_no_report_whatever_makes_a_class_negative_or_their_sum_more_than_was_reported(
    reported: dict[str, Any],
) -> None:
    if (found := read(reported)) is None:
        return
    usage, _ = found
    prompt, completion, total = (
        count(reported.get(f"{of}_tokens")) or 0 for of in ("prompt", "completion", "total")
    )
    assert all(getattr(usage, name) >= 0 for name in USAGE_CLASSES)
    assert usage.prompt_tokens in (prompt, total - completion)
    assert usage.completion_tokens in (completion, total - prompt)


@given(junk)
def test_what_is_stored_of_a_report_always_fits_the_ledger(reported: dict[str, Any]) -> None:
    if found := read(reported):
        assert all(number < 10**15 for number in found[0].counts().values())


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (usage_report(10, 5), Usage(input=10, output=5)),
        (usage_report(10, 0, completion_tokens=0), Usage(input=10)),
        (
            usage_report(10, 5, prompt_tokens_details=None, completion_tokens_details={}),
            Usage(input=10, output=5),
        ),
        (
            usage_report(10, 5, prompt_tokens_details={"cached_tokens": 0, "audio_tokens": None}),
            Usage(input=10, output=5),
        ),
        (
            usage_report(2006, 300, prompt_tokens_details={"cached_tokens": 1920}),
            Usage(input=86, cache_read=1920, output=300),
        ),
    ],
)
def test_reports_as_openai_sends_them_are_read_without_fault(
    reported: dict[str, Any], expected: Usage
) -> None:
    assert read(reported) == (expected, "")


@pytest.mark.parametrize(
    ("reported", "expected", "fault"),
    [
        (
            usage_report(10, 5, prompt_tokens_details={"cached_tokens": 25}),
            Usage(cache_read=10, output=5),
            "cache_read tokens contradict the total",
        ),
        (
            usage_report(10, 5, completion_tokens_details={"reasoning_tokens": 3, "audio_tokens": 4}),
            Usage(input=10, reasoning=3, audio_out=2),
            "audio_out tokens contradict the total",
        ),
        (
            usage_report(10, 5, prompt_tokens_details={"cached_tokens": -1}),
            Usage(input=10, output=5),
            "cache_read tokens contradict the total",
        ),
        ({"prompt_tokens": 10}, Usage(input=10), "a total is missing"),
        ({"prompt_tokens": 10, "completion_tokens": "5"}, Usage(input=10), "a total is missing"),
        ({"prompt_tokens": 10, "completion_tokens": True}, Usage(input=10), "a total is missing"),
        ({"prompt_tokens": 10, "completion_tokens": 10**40}, Usage(input=10), "a total is missing"),
    ],
)
def test_a_report_that_contradicts_itself_is_cut_to_its_totals_and_says_so(
    reported: dict[str, Any], expected: Usage, fault: str
) -> None:
    assert read(reported) == (expected, fault)


@pytest.mark.parametrize(
    "reported",
    [None, {}, [], "usage", 12, {"total_tokens": 3}, {"prompt_tokens": -1}, {"prompt_tokens": None}],
)
def test_what_holds_no_total_is_no_usage(reported: Any) -> None:
    assert read(reported) is None


@pytest.mark.parametrize("body", [None, [], "text", 3, {}, {"usage": None}])
def test_an_answer_without_a_usage_object_has_none(body: Any) -> None:
    assert openai.chat(parsed(dumps(body))) is None
