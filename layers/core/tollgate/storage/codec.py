"""Python values to DynamoDB's typed JSON and back; numbers as Decimal or int, never float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tollgate.money import EXACT

Item = dict[str, Any]
Typed = dict[str, dict[str, Any]]


def typed(value: Any) -> dict[str, Any]:
    """One value in typed JSON. Raises TypeError for a float or any other type we do not store."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, Decimal):
        return {"N": str(EXACT.create_decimal(value))}
    if isinstance(value, Mapping):
        return {"M": {name: typed(part) for name, part in value.items()}}
    if isinstance(value, frozenset):
        return {"SS": sorted(value)}
    raise TypeError(f"DynamoDB items here hold no {type(value).__name__}")


def untyped(attribute: Mapping[str, Any]) -> Any:
    """One value back from typed JSON: whole numbers as int, others as Decimal."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return _number(value)
    if kind == "M":
        return from_item(value)
    if kind == "SS":
        return frozenset(value)
    return value


def to_item(values: Mapping[str, Any]) -> Typed:
    """A whole item in typed JSON."""
    return {name: typed(value) for name, value in values.items()}


def from_item(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """A whole item back from typed JSON."""
    return {name: untyped(attribute) for name, attribute in item.items()}


def _number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        return Decimal(text)
