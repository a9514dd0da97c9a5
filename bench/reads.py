"""What reads of the store cost by DynamoDB's rules; MiniStack says the same of each, whatever it read.

A query is charged for what it looks at, not for what a filter, a projection or a count leaves of it: such a
query is asked again without them, and the items are weighed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bench import rules
from tollgate.storage.codec import from_item
from tollgate.storage.database import Database

_HIDING: Final = ("FilterExpression", "ProjectionExpression", "Select")
_GIVEN: Final = ("ExpressionAttributeNames", "ExpressionAttributeValues")


class Exchange(NamedTuple):
    """One operation: when it was sent and answered, in seconds of one clock, and both bodies."""

    sent: float
    answered: float
    operation: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    size: int  # bytes of the answer


def in_sequence(exchanges: Sequence[Exchange]) -> int:
    """The longest chain of exchanges of which each was sent when the one before was answered."""
    depths: list[tuple[float, int]] = []  # when each was answered, and how many stand in its chain
    for one in sorted(exchanges, key=lambda exchange: exchange.sent):
        before = (depth for answered, depth in depths if answered <= one.sent)
        depths.append((one.answered, 1 + max(before, default=0)))
    return max((depth for _, depth in depths), default=0)


async def read_units(database: Database, exchanges: Sequence[Exchange]) -> float:
    """The read units of operations, which must still find what they found."""
    return sum([await _units(database, one) for one in exchanges])


async def _units(database: Database, one: Exchange) -> float:
    match one.operation:
        case "GetItem":
            return _read([one.answer.get("Item", {})], one.request)
        case "BatchGetItem":
            return sum(_batch(one))
        case "Query":
            return await _query(database, one)
    raise ValueError(f"no rule for {one.operation}")


def _batch(one: Exchange) -> Iterator[float]:
    """Every key is read for itself, also one that is not there."""
    for table, asked in one.request["RequestItems"].items():
        items = one.answer["Responses"].get(table, [])
        missing = len(asked["Keys"]) - len(items)
        yield from (_read([item], asked) for item in [*items, *[{}] * missing])


async def _query(database: Database, one: Exchange) -> float:
    if not any(name in one.request for name in _HIDING):
        return _read(one.answer["Items"], one.request)
    items, _ = await database.page(_bare(one.request))
    return rules.read_units(sum(map(rules.item_size, items)), consistent=_consistent(one.request))


def _bare(request: Mapping[str, Any]) -> dict[str, Any]:
    """A query without what hides items, and without the names and values that only this used."""
    used = set(re.findall(r"[#:]\w+", request["KeyConditionExpression"]))
    bare = {name: value for name, value in request.items() if name not in _HIDING}
    for given in _GIVEN:
        if kept := {name: value for name, value in bare.pop(given, {}).items() if name in used}:
            bare[given] = kept
    return bare


def _read(items: Sequence[Mapping[str, Any]], request: Mapping[str, Any]) -> float:
    size = sum(rules.item_size(from_item(item)) for item in items)
    return rules.read_units(size, consistent=_consistent(request))


def _consistent(request: Mapping[str, Any]) -> bool:
    return bool(request.get("ConsistentRead", False))
