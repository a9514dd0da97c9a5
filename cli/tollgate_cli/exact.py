"""JSON whose numbers keep every digit: a Decimal never meets a float."""

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def loads(data: bytes | str) -> Any:
    """Parse JSON, every non-integer number as a Decimal. Raises ValueError."""
    try:
        return _decoder.decode(data)
    except (ArithmeticError, RecursionError):
        raise ValueError("nested too deeply, or a number out of range") from None


def dumps(value: Any) -> bytes:
    """Write compact JSON, Decimals as numbers."""
    return _encoder.encode(value)


def indented(value: Any) -> bytes:
    """Write JSON for people, in UTF-8."""
    return msgspec.json.format(dumps(value), indent=2)


def plain(amount: Decimal) -> str:
    """An amount in digits, without exponent and without trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
