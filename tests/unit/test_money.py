"""Money is exact in both directions; nothing passes through a float."""

import json
from decimal import Decimal, Inexact, localcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollgate.money import EXACT, add, dumps, loads, plain

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=18)


@given(amounts)
def test_an_amount_keeps_every_digit_through_json(amount: Decimal) -> None:
    assert loads(dumps(amount)) == amount
    assert json.loads(dumps({"cost": amount}), parse_float=Decimal, parse_int=Decimal) == {"cost": amount}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | amounts, st.lists, max_leaves=5))
def test_a_body_read_and_written_again_is_the_same_body(value: Any) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    "text", [b"1.10", b"0.1000000000000000055511151231257827", b"12345678901234567890.123456789", b"1E-7"]
)
def test_a_number_is_written_with_the_digits_it_came_with(text: bytes) -> None:
    assert dumps(loads(text)) == text


def test_no_number_becomes_a_float() -> None:
    assert [type(value) for value in loads(b"[1, 1.0, 1e2, 123456789012345678901234567890]")] == [
        int,
        Decimal,
        Decimal,
        int,
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b"Infinity",
        b"[1] 2",
        b'"\xff"',
        b'{"a": 01}',
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1e99999999999999999999",
        b"9" * 5000,
    ],
)
def test_what_is_no_json_is_one_kind_of_error(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        loads(text)


@given(amounts)
def test_an_amount_is_shown_without_exponent_and_without_trailing_zeros(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert not (text.endswith("0") and "." in text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("0.000", "0"), ("1E+3", "1000"), ("1E-9", "0.000000001"), ("2.50", "2.5"), ("100", "100")],
)
def test_an_amount_is_plain_digits(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.lists(amounts, max_size=20), st.randoms())
def test_a_sum_is_the_same_in_any_order(spent: list[Decimal], shuffle: Any) -> None:
    def total(parts: list[Decimal]) -> Decimal | int:
        found: Decimal | int = 0
        for part in parts:
            found = add(found, part)
        return found

    shuffled = [*spent]
    shuffle.shuffle(shuffled)
    with localcontext(prec=100):
        assert total(spent) == total(shuffled) == sum(spent)


def test_a_sum_that_would_have_to_be_rounded_is_refused() -> None:
    with pytest.raises(Inexact):
        add(Decimal(10) ** 30, Decimal("0.0000000001"))
    with pytest.raises(Inexact):
        EXACT.create_decimal("1" * 39)
    assert add(10**40, 1) == 10**40 + 1  # counts are whole
