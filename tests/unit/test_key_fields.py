"""What a body about keys may say, and how long things last."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tests.builders import NOON
from tollgate.management.expiry import UnknownDuration, after
from tollgate.management.key_fields import KeyFields, KeyRegeneration, KeyUpdate, SomeKeys


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (KeyFields, {"scopes": ["root"]}, "scopes"),
        (KeyFields, {"scopes": []}, "scopes"),
        (KeyFields, {"scopes": "proxy"}, "scopes"),
        (KeyFields, {"scopes": ["usage:read:"]}, "scopes"),
        (KeyFields, {"scopes": ["usage:read:" + "x" * 257]}, "scopes"),
        (KeyFields, {"duration": "soon"}, "duration"),
        (KeyFields, {"duration": "1201mo"}, "duration"),
        (KeyFields, {"duration": 30}, "duration"),
        (KeyFields, {"expires": "tomorrow"}, "expires"),
        (KeyFields, {"key_alias": "x" * 257}, "key_alias"),
        (KeyFields, {"customer_id": "x" * 257}, "customer_id"),
        (KeyFields, {"models": ["gpt 4"]}, "models"),
        (KeyFields, {"max_budget": -1}, "max_budget"),
        (KeyFields, {"metadata": {"a": "x" * 2048}}, "metadata"),
        (KeyFields, {"metadata": []}, "metadata"),
        (KeyUpdate, {}, "key"),
        (KeyUpdate, {"key": ""}, "key"),
        (KeyRegeneration, {"key": "sk-a", "grace_period": "-1h"}, "grace_period"),
        (SomeKeys, {"keys": ["sk-a"] * 21}, "keys"),
    ],
)
def test_bad_values_are_told_by_their_field(model: type[BaseModel], body: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    assert {fault["loc"][0] for fault in refused.value.errors()} == {field}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (KeyFields, {"duration": "1d", "expires": "2030-01-01T00:00:00Z"}),
        (KeyFields, {"max_budget": 1, "budget_id": "gold"}),
        (SomeKeys, {}),
        (SomeKeys, {"keys": [], "key_aliases": []}),
        (SomeKeys, {"keys": ["sk-a"], "key_aliases": ["a"]}),
    ],
)
def test_what_does_not_go_together_is_refused(model: type[BaseModel], body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Set either"):
        model.model_validate(body)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30s", (2026, 1, 31, 12, 0, 30)),
        ("15m", (2026, 1, 31, 12, 15)),
        ("12h", (2026, 2, 1)),
        ("30d", (2026, 3, 2, 12)),
        ("1w", (2026, 2, 7, 12)),
        ("1mo", (2026, 2, 28, 12)),
        ("12mo", (2027, 1, 31, 12)),
        ("25MO", (2028, 2, 29, 12)),
        ("0d", (2026, 1, 31, 12)),
    ],
)
def test_a_duration_counts_from_a_moment(text: str, moment: tuple[int, ...]) -> None:
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert after(start, text) == datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("text", ["", "-1", "permanent"])
def test_without_an_end(text: str) -> None:
    assert after(NOON, text) is None
    assert KeyFields(duration=text or None).end(NOON) is None


@given(st.text(max_size=8))
def test_any_other_text_is_refused_or_a_moment_from_then_on(text: str) -> None:
    try:
        found = after(NOON, text)
    except UnknownDuration:
        return
    assert found is None or found >= NOON


@given(st.integers(0, 99_999), st.sampled_from(["s", "m", "h", "d", "w"]))
def test_longer_ends_later(count: int, unit: str) -> None:
    sooner, later = after(NOON, f"{count // 2}{unit}"), after(NOON, f"{count}{unit}")
    assert sooner is not None
    assert later is not None
    assert sooner <= later
