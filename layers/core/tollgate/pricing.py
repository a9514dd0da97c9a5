"""What a usage costs: exact decimals from a price book compiled from genai-prices, or from models.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, Inexact
from functools import lru_cache, reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tollgate.matching import Matcher, matcher
from tollgate.money import EXACT, ZERO, loads
from tollgate.records import USAGE_CLASSES, Usage

BOOK: Final = Path(__file__).parent / "prices.json"
_MILLION, _THOUSAND, _ONE = Decimal(1_000_000), Decimal(1000), Decimal(1)


class _Class(NamedTuple):
    """How a usage class is priced: the book's keys, the narrowest first, and the units a price is for."""

    keys: tuple[str, ...]
    per: Decimal = _MILLION


# A class without a price of its own costs what the tokens it is part of cost, as genai-prices has it.
_CLASSES: Final[Mapping[str, _Class]] = MappingProxyType(
    {
        "input": _Class(("input_text_mtok", "input_mtok")),
        "cache_read": _Class(("cache_read_mtok", "input_mtok")),
        "cache_write_5m": _Class(("cache_write_5m_mtok", "cache_write_mtok", "input_mtok")),
        "cache_write_1h": _Class(("cache_write_1h_mtok", "cache_write_mtok", "input_mtok")),
        "output": _Class(("output_text_mtok", "output_mtok")),
        "reasoning": _Class(("output_reasoning_mtok", "output_mtok")),
        "audio_in": _Class(("input_audio_mtok", "input_mtok")),
        "audio_out": _Class(("output_audio_mtok", "output_mtok")),
        "image_in": _Class(("input_image_mtok", "input_mtok")),
        "image_out": _Class(("output_image_mtok", "output_mtok")),
        "web_searches": _Class(("web_searches_kcount",), _THOUSAND),
        "file_searches": _Class(("storage_searches_kcount",), _THOUSAND),
        "code_executions": _Class(("code_executions_kcount",), _THOUSAND),
        "rerank_searches": _Class(("rerank_searches_kcount",), _THOUSAND),
        "images": _Class((), _ONE),
        "audio_seconds": _Class(("input_audio_hours", "audio_hours"), Decimal(3600)),
        "characters": _Class(("input_mchars",)),
    }
)
_TOKENS: Final = frozenset(USAGE_CLASSES[:10])


class UnknownPrice(LookupError):
    """A model, or a class of what it used, has no price."""


class Line(NamedTuple):
    """What one class of a usage costs: quantity times unit price, by `per`, is the amount in USD."""

    name: str
    quantity: int
    unit_price: Decimal
    per: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per `per` units, for `least` at least; over a threshold of prompt tokens, another rate for all."""

    base: Decimal
    per: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    least: int = 0

    def amount(self, count: int, prompt_tokens: int) -> Decimal:
        """The USD for so many units: at the rate of the last threshold that the prompt is over."""
        amount = EXACT.multiply(self.rate(prompt_tokens), max(count, self.least))
        try:
            return EXACT.divide(amount, self.per)
        except Inexact:  # an hour's price by the second need not end: 28 digits of it are kept
            return amount / self.per

    def rate(self, prompt_tokens: int) -> Decimal:
        """The USD for `per` units, by the size of the prompt."""
        over = (rate for start, rate in reversed(self.tiers) if prompt_tokens > start)
        return next(over, self.base)

    def line(self, name: str, count: int, amount: Decimal, prompt_tokens: int) -> Line:
        """How an amount came about."""
        return Line(name, max(count, self.least), self.rate(prompt_tokens), self.per, amount)


@dataclass(frozen=True, slots=True)
class Price:
    """The rates of one model at a moment, those of other ways of being served, and the book's version."""

    rates: Mapping[str, Rate]
    version: str
    variants: tuple[tuple[Mapping[str, str], Mapping[str, Rate]], ...] = field(default=())

    def cost(self, usage: Usage, served: Mapping[str, str] = MappingProxyType({})) -> Decimal:
        """The exact USD of a usage; `served` says how, such as {"service_tier": "flex"}.

        Raises UnknownPrice when the usage has a class without a rate, or was served in a way without rates.
        """
        return reduce(EXACT.add, self.amounts(usage, served).values(), ZERO)

    def amounts(self, usage: Usage, served: Mapping[str, str] = MappingProxyType({})) -> dict[str, Decimal]:
        """The exact USD of each class of a usage. Raises UnknownPrice."""
        if missing := self.missing(usage, served):
            raise UnknownPrice(f"no price for {', '.join(missing)}")
        rates = self._rates(served)
        prompt = usage.prompt_tokens
        return {name: rates[name].amount(count, prompt) for name, count in usage.counts().items()}

    def lines(self, usage: Usage, served: Mapping[str, str] = MappingProxyType({})) -> list[Line]:
        """The cost of a usage, class by class. Raises UnknownPrice."""
        rates, counts = self._rates(served), usage.counts()
        return [
            rates[name].line(name, counts[name], amount, usage.prompt_tokens)
            for name, amount in self.amounts(usage, served).items()
        ]

    def missing(self, usage: Usage, served: Mapping[str, str] = MappingProxyType({})) -> list[str]:
        """The classes of a usage that have no rate. Raises UnknownPrice for a way of being served without."""
        rates = self._rates(served)
        return [name for name in usage.counts() if name not in rates]

    def serves(self, served: Mapping[str, str]) -> bool:
        """Whether there are rates for a way of being served."""
        return any(when == served for when, _ in self.variants)

    def ways(self, asked: Mapping[str, Any]) -> list[Mapping[str, Rate]]:
        """The standard rates, and those of every way of being served that a request asks for."""
        wanted = [rates for when, rates in self.variants if all(asked.get(k) == v for k, v in when.items())]
        return [self.rates, *wanted]

    def _rates(self, served: Mapping[str, str]) -> Mapping[str, Rate]:
        if not served:
            return self.rates
        for when, rates in self.variants:
            if when == served:
                return rates
        raise UnknownPrice(f"no price for {served}")


class _Priced(NamedTuple):
    id: str
    matches: Matcher
    model: Mapping[str, Any]


class PriceBook:
    """The compiled prices, looked up by provider and model name."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        self.version: str = book["version"]
        self._models: list[Mapping[str, Any]] = book["models"]
        self._fallbacks: Mapping[str, list[str]] = book.get("fallbacks", {})
        self._of = lru_cache(maxsize=32)(self._provider)
        self._at = lru_cache(maxsize=256)(self._find)

    def price(self, provider: str, model: str, moment: datetime) -> Price:
        """The price of a model at a moment, if need be its maker's. Raises UnknownPrice without any."""
        return self._at(provider, model, moment.astimezone(UTC).replace(second=0, microsecond=0))

    def models_of(self, provider: str) -> list[str]:
        """The ids of a provider's priced models."""
        return [priced.id for priced in self._of(provider)]

    def _provider(self, provider: str) -> list[_Priced]:
        return [_Priced(m["id"], matcher(m["match"]), m) for m in self._models if m["provider"] == provider]

    def _find(self, provider: str, model: str, minute: datetime) -> Price:
        name = model.lower()
        for priced in self._of(provider):
            if priced.matches(name):
                return _price(priced.model, minute, self.version)
        for maker in self._fallbacks.get(provider, ()):
            for priced in self._of(maker):
                if priced.matches(name):  # at the maker's standard price: its tiers are its own
                    return _price({**priced.model, "variants": ()}, minute, self.version)
        raise UnknownPrice(f"no price for model {model!r} of {provider}")


@lru_cache(maxsize=1)
def shipped_book() -> PriceBook:
    """The book this release was built with."""
    return PriceBook(loads(BOOK.read_bytes()))


def own_price(rates: Mapping[str, Decimal], version: str) -> Price:
    """The price a deployment set: USD per million tokens, or per single unit. Raises ValueError."""
    if unknown := sorted(set(rates) - set(USAGE_CLASSES)):
        raise ValueError(f"unknown price classes {', '.join(unknown)}; known: {', '.join(USAGE_CLASSES)}")
    if odd := [name for name, value in rates.items() if not _chargeable(Decimal(value))]:
        raise ValueError(f"the price of {', '.join(odd)} must be from 0 to 1000000 with up to 12 decimals")
    own = {name: Rate(Decimal(value), _MILLION if name in _TOKENS else _ONE) for name, value in rates.items()}
    for name, (keys, _) in _CLASSES.items():
        broader = "input" if "input_mtok" in keys else "output" if "output_mtok" in keys else ""
        if name not in own and broader in own:
            own[name] = own[broader]
    return Price(own, version)


def _chargeable(value: Decimal) -> bool:
    """Whether any count at this price has a cost of at most 38 digits."""
    return value.is_finite() and 0 <= value <= _MILLION and value == round(value, 12)


def _price(model: Mapping[str, Any], minute: datetime, version: str) -> Price:
    holding = [period for period in model["periods"] if _holds(period, minute)]
    standard = (holding or model["periods"][:1])[-1]["rates"]
    variants: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for variant in model.get("variants", ()):
        if _holds(variant, minute):
            when = tuple(sorted(variant["when"].items()))
            variants[when] = {**variant["rates"], **variants.get(when, {})}
    least = model.get("minimums", {})
    others = tuple((dict(when), _by_class({**standard, **rates}, least)) for when, rates in variants.items())
    return Price(_by_class(standard, least), version, others)


def _holds(priced: Mapping[str, Any], minute: datetime) -> bool:
    if "from" in priced and priced["from"] > f"{minute:%Y-%m-%d}":
        return False
    if "hours" not in priced:
        return True
    start, end = priced["hours"]
    now = f"{minute:%H:%M}"
    return bool(start <= now < end if start <= end else now >= start or now < end)


def _by_class(rates: Mapping[str, Any], least: Mapping[str, int]) -> dict[str, Rate]:
    found: dict[str, Rate] = {}
    for name, (keys, per) in _CLASSES.items():
        key = next((key for key in keys if key in rates), None)
        if key is not None:
            found[name] = replace(_rate(rates[key], per), least=least.get(name, 0))
    return found


def _rate(value: Any, per: Decimal) -> Rate:
    if isinstance(value, str):
        return Rate(Decimal(value), per)
    tiers = tuple((start, Decimal(price)) for start, price in value["tiers"])
    return Rate(Decimal(value["base"]), per, tiers)
