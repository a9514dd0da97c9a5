"""What a provider's report of usage amounts to, and the arithmetic that keeps its classes disjoint."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from tollgate.records import Usage

_DIGITS: Final = 12  # no call uses a trillion of anything
STANDARD: Final[Mapping[str, str]] = MappingProxyType({})
_ORDINARY_TIERS: Final = ("", "auto", "default", "standard", "on_demand")  # the last is Groq's


class Reading(NamedTuple):
    """A usage, what was wrong with its report ("" when nothing was), how it was served, and its price.

    `billed` is what the provider itself says it charges for the call, in USD; None when it does not say.
    """

    usage: Usage
    fault: str = ""
    served: Mapping[str, str] = STANDARD
    billed: Decimal | None = None


def count(value: object) -> int | None:
    """A count of tokens or calls, or None for anything that is none; 3.0 is 3."""
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _DIGITS:
        value = int(value) if value == value.to_integral_value() else None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < 10**_DIGITS else None  # type: ignore[operator, return-value]


def first(*values: object) -> object:
    """The first value that is not None."""
    return next((value for value in values if value is not None), None)


def mapping(value: object) -> Mapping[str, object]:
    """An object's fields; none for anything else."""
    return value if isinstance(value, Mapping) else {}


def split(whole: object, parts: Mapping[str, object], rest: str) -> tuple[dict[str, int], str]:
    """A reported whole in disjoint classes: its parts, and the rest; and what was wrong with it.

    Parts that do not fit are cut to what is left, so that no class is negative and the sum is the whole.
    """
    total, fault = count(whole), ""
    left = total or 0
    counts: dict[str, int] = {}
    for name, reported in parts.items():
        if reported is None:
            continue
        counts[name] = min(count(reported) or 0, left)
        left -= counts[name]
        if counts[name] != reported:
            fault = f"{name} tokens contradict the total"
    counts[rest] = left
    return counts, fault if total is not None else "a total is missing"


def served_as(body: Mapping[str, object]) -> Mapping[str, str]:
    """The service tier of an answer, when it is not the ordinary one."""
    tier = body.get("service_tier")
    return {"service_tier": tier} if isinstance(tier, str) and tier not in _ORDINARY_TIERS else STANDARD


def faults(*found: str) -> str:
    """What was wrong, in one line."""
    return "; ".join(filter(None, found))
