"""What DynamoDB charges for writes and reads, by its own rules, from the items themselves.

Sizes and units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
Indexes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (write considerations)
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

_UNIT: Final = 1024  # bytes
_IN_TRANSACTION: Final = 2
_READ_UNIT: Final = 4096  # bytes


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def write_units(size: int, *, transaction: bool = False) -> int:
    """Units to write an item whose larger version, before or after, has so many bytes."""
    units = max(1, -(-size // _UNIT))
    return units * _IN_TRANSACTION if transaction else units


def read_units(size: int, *, consistent: bool) -> float:
    """Units to read so many bytes in one go; an eventually consistent read is half of a consistent one."""
    units = max(1, -(-size // _READ_UNIT))
    return units if consistent else units / 2


def index_write_units(index_item: Mapping[str, Any]) -> int:
    """Units to write an item of an index, which is due only when what it holds is new or changes."""
    return write_units(item_size(index_item))


def _size(value: Any) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, int | Decimal):
        return _number(Decimal(value))
    if isinstance(value, Mapping):  # three bytes, and one more for each of its members
        return 3 + len(value) + item_size(value)
    if isinstance(value, frozenset):
        return sum(map(_size, value))
    raise TypeError(f"no size for {type(value).__name__}")


def _number(value: Decimal) -> int:
    """One byte, and one for every two digits, without zeros in front or behind."""
    digits = len(value.normalize().as_tuple().digits)
    return 1 + -(-digits // 2) + (1 if value < 0 else 0)
