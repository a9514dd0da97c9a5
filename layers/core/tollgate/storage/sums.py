"""The sums that every counter keeps, what they are called in the table, and how they are added up.

An item is billed by its bytes, and names are bytes: written out they were two fifths of a counter
(docs/decisions/0026-short-counters.md).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tollgate.money import add
from tollgate.storage.codec import Item

_STORED: Final = {
    "cost": "c",
    "charge": "p",
    "input": "i",
    "cache_read": "cr",
    "cache_write_5m": "w5",
    "cache_write_1h": "w1",
    "audio_in": "ai",
    "image_in": "ii",
    "output": "o",
    "reasoning": "r",
    "audio_out": "ao",
    "image_out": "io",
    "web_searches": "ws",
    "file_searches": "fs",
    "code_executions": "ce",
    "rerank_searches": "rs",
    "images": "im",
    "audio_seconds": "as",
    "characters": "ch",
    "api_requests": "n",
    "successful_requests": "s",
    "failed_requests": "f",
    "response_time_ms": "ms",
    "timed_requests": "t",
}
SUMS: Final = tuple(_STORED)
Sums = dict[str, int | Decimal]


def stored(sums: Mapping[str, int | Decimal]) -> dict[str, int | Decimal]:
    """Sums by their names in the table."""
    return {_STORED[name]: value for name, value in sums.items()}


def sums_in(item: Item) -> Sums:
    """The sums of an item of the table, money as Decimal."""
    sums: Sums = {name: item[short] for name, short in _STORED.items() if short in item}
    return sums | {name: Decimal(sums[name]) for name in ("cost", "charge") if name in sums}


def merge(left: Mapping[str, int | Decimal], right: Mapping[str, int | Decimal]) -> Sums:
    """The sum of two counters, sum by sum. Raises decimal.Inexact rather than round."""
    return {name: add(left.get(name, 0), right.get(name, 0)) for name in {**left, **right}}


def collect(into: Sums, sums: Mapping[str, int | Decimal]) -> None:
    """Add sums to others in place, for adding up many. Raises decimal.Inexact rather than round."""
    for name, value in sums.items():
        known = into.get(name)
        into[name] = value if known is None else add(known, value)
