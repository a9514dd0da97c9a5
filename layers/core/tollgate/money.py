"""Exact numbers in and out of JSON and DynamoDB: a Decimal never meets a float."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any

import msgspec

ZERO = Decimal(0)

# DynamoDB's N holds 38 significant digits and refuses more; we refuse before it does.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
EXACT = Context(prec=38, traps=[Inexact, InvalidOperation, Overflow])

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def add(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """An exact sum, of counts or of money. Raises decimal.Inexact beyond 38 digits."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(left, right)


def loads(data: bytes | str) -> Any:
    """Parse strict JSON, with every non-integer number as a Decimal that keeps its digits.

    Raises msgspec.DecodeError for anything RFC 8259 does not allow (NaN, trailing text, bad UTF-8), and for
    what no parser holds: a thousand levels of nesting, an exponent beyond every Decimal.
    """
    try:
        return _decoder.decode(data)
    except (ArithmeticError, RecursionError, UnicodeError):
        raise msgspec.DecodeError("not UTF-8, nested too deeply, or a number out of range") from None


def dumps(value: Any) -> bytes:
    """Write compact JSON, with Decimals as numbers that keep their digits."""
    return _encoder.encode(value)


def plain(amount: Decimal) -> str:
    """An amount in digits, without exponent and without trailing zeros: for headers and people."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
