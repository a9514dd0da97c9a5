"""A call's demand in portions: so many units, each of the dearest of the classes that it may be booked as."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, Final, NamedTuple

from tollgate.money import EXACT, ZERO
from tollgate.pricing import Price, Rate
from tollgate.records import USAGE_CLASSES, Usage

_TOKENS: Final = frozenset(USAGE_CLASSES[:10])
_PROMPT: Final = frozenset(
    {"input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in"}
)


class Portion(NamedTuple):
    """Units of a usage class, or of any of several."""

    units: int
    classes: tuple[str, ...]


def of_usage(usage: Usage) -> list[Portion]:
    """A usage, class by class."""
    return [Portion(count, (name,)) for name, count in usage.counts().items()]


def tokens_in(portions: Iterable[Portion]) -> int:
    """The tokens among the portions."""
    return sum(units for units, classes in portions if _TOKENS.issuperset(classes))


def dearest(portions: list[Portion], price: Price, body: Mapping[str, Any]) -> Decimal:
    """The USD of all portions, in the dearest way that a body lets the provider serve it.

    What has no price costs nothing here, as it does when it is booked.
    """
    return max(_cost(portions, rates) for rates in price.ways(body))


def _cost(portions: list[Portion], rates: Mapping[str, Rate]) -> Decimal:
    prompt = sum(units for units, classes in portions if _PROMPT.issuperset(classes))
    return reduce(EXACT.add, (_amount(portion, rates, prompt) for portion in portions if portion.units), ZERO)


def _amount(portion: Portion, rates: Mapping[str, Rate], prompt: int) -> Decimal:
    """At the rate of the estimated prompt, or of a short one where that is dearer."""
    found = [rates[name] for name in portion.classes if name in rates]
    amounts = [rate.amount(portion.units, length) for rate in found for length in (0, prompt)]
    return max(amounts, default=ZERO)
