"""Single values of limits as the API takes them: money, counts, durations, names of models.

Each refusal names the field, what is wrong with its value, and what is right.
"""

from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from tollgate import windows
from tollgate.money import ZERO, plain

MONEY: Final = "money"
DURATION: Final = "duration"
_DECIMALS: Final = 12
_MOST: Final = 10**12
_MOST_NAME: Final = 128  # as models.yaml takes it: names are part of counters' keys
_YEARS: Final = range(1970, 9999)
_SHOWN: Final = 64  # characters of a bad value that are told back


def _money(value: object, info: ValidationInfo) -> Decimal | None:
    """USD from an integer, a JSON number or a text such as "0.10"; None stands for no limit."""
    if value is None:
        return None
    amount = _decimal(value)
    if amount is None or not amount.is_finite() or amount < 0:
        raise _refused(info, "must be a non-negative finite number", value)
    if amount > _MOST:
        raise _refused(info, f"must be at most {_MOST}", value)
    if not amount:
        return ZERO
    # Looked at before it is written out: 1e-999999999 would be a gigabyte.
    text = plain(amount) if amount.adjusted() >= -_DECIMALS else ""
    if not text or len(text.partition(".")[2]) > _DECIMALS:
        raise _refused(info, f"must have at most {_DECIMALS} decimals", value)
    return Decimal(text)


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and not (value.isascii() and "_" not in value):
        return None  # Python would read both
    try:
        return Decimal(value)
    except DecimalException:
        return None


def _refused(info: ValidationInfo, rule: str, value: object) -> PydanticCustomError:
    told = {"field": info.field_name or "value", "rule": rule, "received": str(value)[:_SHOWN]}
    return PydanticCustomError(MONEY, "{field} {rule}. Received: {received}", told)


def _count(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer, not a boolean")
    return value


def _duration(value: object) -> object:
    """A duration as it was written, if it is one; null and "" stand for a lifetime."""
    if value is None:
        return ""
    if isinstance(value, str) and value.strip():
        _canonical(value)
    return value.strip() if isinstance(value, str) else value


def _canonical(text: str) -> None:
    try:
        windows.duration(text[:_SHOWN])
    except windows.UnknownDuration as error:
        raise PydanticCustomError(DURATION, "{reason}", {"reason": str(error)}) from None


def _utc(moment: datetime | None) -> datetime | None:
    """Without an offset it is UTC, as in LiteLLM. At either end of the calendar, UTC has no such year."""
    if moment is None:
        return None
    if moment.year not in _YEARS:
        raise PydanticCustomError("instant", "Input should be in a year from 1970 to 9998")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _model_name(text: str) -> str:
    if (
        not 0 < len(text) <= _MOST_NAME
        or not (text.isascii() and text.isprintable())
        or set(text) & {",", " "}
    ):
        reason = (
            f"a model's name, or a pattern such as gpt-4*, has 1 to {_MOST_NAME} printable ASCII characters "
            "and neither commas nor spaces"
        )
        raise PydanticCustomError("model_name", "{reason}. Received: {received}", _told(reason, text))
    return text


def _told(reason: str, text: str) -> dict[str, Any]:
    return {"reason": reason, "received": text[:_SHOWN]}


_SHOWN_AS: Final = [{"type": "number", "minimum": 0, "maximum": _MOST}, {"type": "string"}, {"type": "null"}]

Money = Annotated[Decimal | None, BeforeValidator(_money), WithJsonSchema({"anyOf": _SHOWN_AS})]
Amount = Annotated[Decimal, BeforeValidator(_money), WithJsonSchema({"anyOf": _SHOWN_AS[:2]})]
Count = Annotated[Annotated[int, Field(ge=0, le=_MOST)] | None, BeforeValidator(_count)]
Duration = Annotated[
    str, BeforeValidator(_duration), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})
]
Instant = Annotated[datetime | None, AfterValidator(_utc)]
ModelName = Annotated[str, AfterValidator(_model_name)]
