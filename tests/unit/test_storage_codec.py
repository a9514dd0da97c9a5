"""DynamoDB's typed JSON: what goes in comes out, to the last of 38 digits."""

from datetime import UTC, datetime
from decimal import Decimal, Inexact
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from tollgate.storage.codec import from_item, to_item, typed, untyped

digits = st.integers(-(10**38) + 1, 10**38 - 1)
numbers = st.builds(lambda whole, exponent: Decimal(whole).scaleb(exponent), digits, st.integers(-60, 60))
values = st.recursive(
    st.text() | st.booleans() | digits | numbers,
    lambda inner: st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=4))
def test_an_item_comes_back_as_it_went_in(item: dict[str, Any]) -> None:
    assert from_item(to_item(item)) == item


@given(values)
def test_a_value_is_what_aws_own_library_reads_it_as(value: Any) -> None:
    attribute: Any = typed(value)
    assert TypeDeserializer().deserialize(attribute) == value


@given(numbers)
def test_a_number_keeps_its_digits_and_its_kind(number: Decimal) -> None:
    back = untyped(typed(number))
    assert back == number
    assert not isinstance(back, float)


@pytest.mark.parametrize("text", ["1", "-7", "0", "12345678901234567890123456789012345678"])
def test_a_whole_number_comes_back_as_a_count(text: str) -> None:
    assert untyped({"N": text}) == int(text)
    assert isinstance(untyped({"N": text}), int)


@pytest.mark.parametrize("value", [1.5, None, [1], b"x", {1}, datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_we_do_not_store_is_refused_a_float_above_all(value: Any) -> None:
    with pytest.raises(TypeError, match="hold no"):
        typed(value)
    with pytest.raises(TypeError, match="hold no"):
        to_item({"usage": {"input": value}})


@pytest.mark.parametrize("text", ["1" * 39, "0." + "1" * 39, "1." + "0" * 37 + "1"])
def test_a_number_that_dynamodb_would_refuse_or_round_is_refused_before(text: str) -> None:
    with pytest.raises(Inexact):
        typed(Decimal(text))
