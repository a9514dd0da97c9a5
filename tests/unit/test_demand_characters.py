"""Tokens from characters: never fewer than real tokenizers make of ordinary text, and not many times more."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollgate.demand.characters import CLAUDE, OTHERS, Weights, tokens

MEASURED: Final = json.loads((Path(__file__).parent / "measured_tokens.json").read_text())["texts"]
FAMILIES: Final = [("claude", CLAUDE), ("others", OTHERS)]
ORDINARY: Final = ("English", "instructions", "Python", "JavaScript", "JSON", "German", "Chinese", "a table")
FRAME: Final = 6  # tokens; every message is given some for what is around its text


@pytest.mark.parametrize(("family", "weights"), FAMILIES)
@pytest.mark.parametrize("measured", MEASURED, ids=lambda measured: measured["name"])
def test_a_text_is_given_what_the_hungriest_tokenizer_makes_of_it(
    measured: dict[str, Any], family: str, weights: Weights
) -> None:
    assert tokens([measured["text"]], weights) + FRAME >= measured[family]


@pytest.mark.parametrize(("family", "weights"), FAMILIES)
def test_ordinary_text_is_not_given_much_more(family: str, weights: Weights) -> None:
    ordinary = [measured for measured in MEASURED if measured["name"] in ORDINARY]
    given_tokens = sum(tokens([measured["text"]], weights) for measured in ordinary)
    assert given_tokens < 1.6 * sum(measured[family] for measured in ordinary)


@given(st.lists(st.text()))
def test_any_text_can_be_counted_and_more_text_is_never_less(texts: list[str]) -> None:
    for weights in (CLAUDE, OTHERS):
        whole = tokens(texts, weights)
        assert whole >= tokens(texts[1:], weights) >= 0
        assert whole <= 3 * sum(len(text) + 1 for text in texts)


def test_half_a_surrogate_counts_as_something() -> None:
    assert tokens(["\ud83d"], OTHERS) > 0


def test_no_text_has_no_tokens() -> None:
    assert tokens([], CLAUDE) == 0
    assert tokens([""], CLAUDE) == 0
