"""Lambda's event filter patterns: which stream records a mapping lets through.

A pattern mirrors the record's shape; a list at its leaf holds the values or rules of which one must match.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

_ABSENT: Final = object()
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def passes(patterns: Sequence[Mapping[str, Any]], record: Mapping[str, Any]) -> bool:
    """Whether a record matches a pattern, or there is none. Raises ValueError for an unknown rule."""
    return not patterns or any(_matches(pattern, record) for pattern in patterns)


def _matches(pattern: Mapping[str, Any], value: Any) -> bool:
    parts = value if isinstance(value, Mapping) else {}
    for name, wanted in pattern.items():
        found = parts.get(name, _ABSENT)
        matched = _matches(wanted, found) if isinstance(wanted, Mapping) else _any(wanted, found)
        if not matched:
            return False
    return True


def _any(rules: Sequence[Any], value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_rule(rule, one) for rule in rules for one in values)


def _rule(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return value is not _ABSENT and type(value) is type(rule) and bool(value == rule)
    ((name, argument),) = rule.items()
    if name == "exists":
        # Only leaves exist: an attribute's `{"N": …}` is a branch.
        return (value is not _ABSENT and not isinstance(value, Mapping)) is argument
    if value is _ABSENT:
        return False
    match name:
        case "prefix":
            return isinstance(value, str) and value.startswith(argument)
        case "anything-but":
            return value not in (argument if isinstance(argument, list) else [argument])
        case "numeric":
            return _numeric(argument, value)
    raise ValueError(f"unknown rule {name!r} in an event filter pattern")


def _numeric(argument: Sequence[Any], value: Any) -> bool:
    # DynamoDB's own numbers are strings in a record, and numeric rules do not see them (as on Lambda).
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return all(_COMPARISONS[symbol](value, bound) for symbol, bound in pairs)
