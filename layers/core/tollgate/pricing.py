"""What a usage costs: exact decimals from a price book compiled from genai-prices, or from models.yaml."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from tollgate.money import EXACT, ZERO, loads
from tollgate.records import USAGE_CLASSES, Usage

BOOK: Final = Path(__file__).parent / "prices.json"
_PER: Final = Decimal(1_000_000)
# A class without a price of its own costs what the tokens it is part of cost.
_FALLBACK: Final = {
    **dict.fromkeys(("cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in"), "input"),
    **dict.fromkeys(("reasoning", "audio_out", "image_out"), "output"),
}


class UnknownPrice(LookupError):
    """A model, or a class of its tokens, has no price."""


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens; over a threshold of prompt tokens, another rate for all of them."""

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def at(self, prompt_tokens: int) -> Decimal:
        """The rate for a request of so many prompt tokens: of the last threshold it is over."""
        return next((rate for start, rate in reversed(self.tiers) if prompt_tokens > start), self.base)


@dataclass(frozen=True, slots=True)
class Price:
    """The rates of one model, with the version of the book they stand in."""

    rates: Mapping[str, Rate]
    version: str

    def cost(self, usage: Usage) -> Decimal:
        """The exact USD of a usage. Raises UnknownPrice when it has tokens of a class without a rate."""
        prompt = usage.prompt_tokens
        with localcontext(EXACT):
            amounts = [self._rate(name).at(prompt) * count / _PER for name, count in usage.counts().items()]
            return sum(amounts, ZERO).normalize()

    def _rate(self, name: str) -> Rate:
        rate = self.rates.get(name) or self.rates.get(_FALLBACK.get(name, name))
        if rate is None:
            raise UnknownPrice(f"no price for {name} tokens")
        return rate


class _PricedModel(NamedTuple):
    provider: str
    id: str
    matches: Callable[[str], bool]
    periods: list[dict[str, Any]]


class PriceBook:
    """The compiled prices, looked up by provider and model name."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        self.version: str = book["version"]
        self._models = [
            _PricedModel(m["provider"], m["id"], _matcher(m["match"]), m["periods"]) for m in book["models"]
        ]
        self._on = lru_cache(maxsize=256)(self._find)

    def price(self, provider: str, model: str, moment: datetime) -> Price:
        """The price of a model at a moment. Raises UnknownPrice when the book has none."""
        return self._on(provider, model, moment.astimezone(UTC).strftime("%Y-%m-%d"))

    def models_of(self, provider: str) -> list[str]:
        """The ids of a provider's priced models."""
        return [model.id for model in self._models if model.provider == provider]

    def _find(self, provider: str, model: str, day: str) -> Price:
        name = model.lower()
        for priced in self._models:
            if priced.provider == provider and priced.matches(name):
                current = next(period for period in reversed(priced.periods) if period["from"] <= day)
                return Price(_rates(current["rates"]), self.version)
        raise UnknownPrice(f"no price for model {model!r} of {provider}")


@lru_cache(maxsize=1)
def shipped_book() -> PriceBook:
    """The book this release was built with."""
    return PriceBook(loads(BOOK.read_bytes()))


def own_price(rates: Mapping[str, Decimal], version: str) -> Price:
    """The price a deployment set, in USD per million tokens by class. Raises ValueError for any other."""
    if unknown := sorted(set(rates) - set(USAGE_CLASSES)):
        raise ValueError(f"unknown price classes {', '.join(unknown)}; known: {', '.join(USAGE_CLASSES)}")
    if odd := [name for name, value in rates.items() if not _chargeable(Decimal(value))]:
        raise ValueError(f"the price of {', '.join(odd)} must be from 0 to 1000000 with up to 12 decimals")
    return Price({name: Rate(Decimal(value)) for name, value in rates.items()}, version)


def _chargeable(value: Decimal) -> bool:
    """Whether any count at this price has a cost of at most 38 digits."""
    return value.is_finite() and 0 <= value <= _PER and value == round(value, 12)


def _rates(compiled: Mapping[str, Any]) -> dict[str, Rate]:
    return {name: _rate(value) for name, value in compiled.items()}


def _rate(value: Any) -> Rate:
    if isinstance(value, str):
        return Rate(Decimal(value))
    return Rate(Decimal(value["base"]), tuple((start, Decimal(price)) for start, price in value["tiers"]))


def _matcher(rule: Mapping[str, Any]) -> Callable[[str], bool]:
    ((kind, value),) = rule.items()
    if kind in ("or", "and"):
        parts = [_matcher(part) for part in value]
        combine = any if kind == "or" else all
        return lambda name: combine(part(name) for part in parts)
    if kind == "regex":
        return re.compile(value).search  # type: ignore[return-value]  # a match is truthy
    wanted = value.lower()
    return {
        "equals": lambda name: name == wanted,
        "starts_with": lambda name: name.startswith(wanted),
        "ends_with": lambda name: name.endswith(wanted),
        "contains": lambda name: wanted in name,
    }[kind]
