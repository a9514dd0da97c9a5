"""models.yaml: which deployments serve a model, in which order, under what name, at what price."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import Field, model_validator

from tollgate.endpoints.endpoint import Endpoint
from tollgate.endpoints.table import CONVERSING, COUNT_TOKENS, ENDPOINTS
from tollgate.errors import NotSpoken, UnknownModel, UnpricedModel
from tollgate.pricing import Price, PriceBook, UnknownPrice, own_price, shipped_book
from tollgate.providers import Provider, Strict

SHIPPED: Final = Path(__file__).parent / "models.yaml"
_MAX_NAME: Final = 128  # names are part of counter keys, which DynamoDB bounds at 1,024 bytes


class Model(Strict):
    """One deployment of a model: an alias or a pattern, and what serves it."""

    name: str = Field(min_length=1)
    provider: str
    model: str = ""
    weight: int = Field(default=1, gt=0)
    fallbacks: tuple[str, ...] = ()
    price_of: str = ""  # the model of the price book that it is, when the book does not know its name
    prices: dict[str, Decimal] | None = None
    max_output_tokens: int = Field(default=0, ge=0)  # the most it generates at once; 0: not known
    held_output_tokens: int = Field(default=0, ge=0)  # held of that for a call without a limit; 0: all


@dataclass(frozen=True, slots=True)
class Deployment:
    """What serves a request: provider, upstream model, and its price (None when it may go without)."""

    model_group: str
    model: str
    provider_name: str
    provider: Provider
    price: Price | None
    free: bool = False
    bills: bool = False  # whether the cost that its answers report is what is charged
    max_output_tokens: int = 0  # the most it generates at once; 0: not known
    held_output_tokens: int = 0  # held of that for a call that sets no limit; 0: all


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a model, at an endpoint, at a moment."""

    model: object
    endpoint: Endpoint
    moment: datetime
    allow_unpriced: bool = False


class Models(Strict):
    """The whole file. Raises ValueError for a model of a provider that is not listed."""

    providers: dict[str, Provider]
    models: list[Model]
    version: str = ""

    @model_validator(mode="after")
    def _providers_exist(self) -> "Models":
        for model in self.models:
            if model.provider not in self.providers:
                raise ValueError(f"model {model.name!r} names unlisted provider {model.provider!r}")
            own_price(model.prices or {}, "")
            if unserved := [name for name in model.fallbacks if not self._named(name)]:
                raise ValueError(f"model {model.name!r} falls back on {unserved[0]!r}, which no entry serves")
        return self

    def deployments(self, wish: Wish) -> list[Deployment]:
        """What may serve a wish, in the order to try it. Raises UnknownModel, NotSpoken, UnpricedModel.

        The deployments of a model come by weighted chance, its fallbacks' after them.
        """
        entries = _shuffled(self._entries(wish.model))
        fallbacks = dict.fromkeys(name for entry in entries for name in entry.fallbacks if name != wish.model)
        for name in fallbacks:
            entries += _shuffled(self._entries(name))
        speaking = [e for e in entries if self._speaks(e, wish.endpoint)]
        if not speaking:
            raise self._not_spoken(wish, entries)
        return [self._deployment(entry, wish) for entry in speaking]

    def names(self, book: PriceBook) -> list[str]:
        """Every model that can be asked for by name; patterns are spelled out from the price book."""
        found = [m.name for m in self.models if "*" not in m.name]
        for entry in self.models:
            if "*" in entry.name:
                found += self._spelled_out(entry, book)
        return list(dict.fromkeys(found))

    def _spelled_out(self, entry: Model, book: PriceBook) -> list[str]:
        now = datetime.now(UTC)
        # "regional." is the book's word for a model of Bedrock in a region of one's own.
        priced = [name.removeprefix("regional.") for name in book.models_of(self._priced_as(entry))]
        return [name for name in priced if fnmatchcase(name, entry.name) and self.serves(name, now)]

    def serves(self, name: str, moment: datetime) -> bool:
        """Whether a model can be asked for: its name is an entry's own, or fits a pattern and has a price."""
        entry = next(iter(self._named(name)), None)
        if entry is None or "*" not in entry.name or entry.prices is not None:
            return entry is not None
        try:
            shipped_book().price(self._priced_as(entry), entry.price_of or entry.model or name, moment)
        except UnknownPrice:
            return False
        return True

    def calculated(self, wish: Wish) -> Deployment:
        """The deployment that a calculation is for, the first listed. Raises UnknownModel, UnpricedModel."""
        return self._deployment(self._entries(wish.model)[0], wish)

    def providers_for(self, endpoint: Endpoint) -> list[Provider]:
        """The providers of models that speak an endpoint and can be called, in the order they are listed."""
        used = {entry.provider for entry in self.models}
        found = [provider for name, provider in self.providers.items() if name in used]
        return [p for p in found if not p.missing and p.speaks(endpoint.path, endpoint.dialect)]

    def _entries(self, name: object) -> list[Model]:
        if not isinstance(name, str) or not name:
            raise UnknownModel(
                "The request names no model: set `model` to one that `/v1/models` lists.", param="model"
            )
        found = self._named(name)
        if not found or len(name) > _MAX_NAME or not (name.isascii() and name.isprintable()):
            raise UnknownModel(
                f"Invalid model name passed in model={name[:_MAX_NAME]}. "
                "Call `/v1/models` to view available models for your key.",
                param="model",
            )
        return [m.model_copy(update={"model": m.model or name}) for m in found]

    def _named(self, name: str) -> list[Model]:
        """The entries of a name: its own, or else of the first pattern that it fits."""
        found = [m for m in self.models if m.name == name]
        return found or [m for m in self.models if fnmatchcase(name, m.name)][:1]

    def _speaks(self, entry: Model, endpoint: Endpoint) -> bool:
        return self.providers[entry.provider].speaks(endpoint.path, endpoint.dialect)

    def _not_spoken(self, wish: Wish, entries: list[Model]) -> NotSpoken:
        """Translating between formats would begin here: the model is known, its providers speak another."""
        names = list(dict.fromkeys(entry.provider for entry in entries))
        spoken = [e for e in ENDPOINTS if any(self._speaks(entry, e) for entry in entries)]
        alike = [e for e in spoken if e in CONVERSING] if wish.endpoint in (*CONVERSING, COUNT_TOKENS) else []
        paths = " or ".join(f"/v1{endpoint.path}" for endpoint in alike or spoken)
        return NotSpoken(
            f"{wish.model} is served by {' and '.join(names)}, which does not speak /v1{wish.endpoint.path}; "
            f"call {paths or 'another model'} instead.",
            param="model",
        )

    def _deployment(self, entry: Model, wish: Wish) -> Deployment:
        return Deployment(
            model_group=str(wish.model),
            model=entry.model,
            provider_name=entry.provider,
            provider=self.providers[entry.provider],
            price=None if wish.endpoint.free else self._price(entry, wish),
            free=wish.endpoint.free,
            bills=self.providers[entry.provider].bills and entry.prices is None,
            max_output_tokens=entry.max_output_tokens,
            held_output_tokens=entry.held_output_tokens,
        )

    def _price(self, entry: Model, wish: Wish) -> Price | None:
        if entry.prices is not None:
            return own_price(entry.prices, self.version)
        try:
            name = entry.price_of or entry.model
            return shipped_book().price(self._priced_as(entry), name, wish.moment)
        except UnknownPrice as error:
            if wish.allow_unpriced:
                return None
            raise UnpricedModel(
                f"The call was not made: {error}, so its cost could not be known. "
                "Set `prices` or `price_of` for it in models.yaml, or ALLOW_UNPRICED=true to book it without "
                "a cost.",
                param="model",
            ) from None

    def _priced_as(self, entry: Model) -> str:
        return self.providers[entry.provider].priced_as or entry.provider


def _shuffled(entries: list[Model]) -> list[Model]:
    """The entries in an order of chance, heavier ones more often first."""
    left, order = list(entries), []
    while len(left) > 1:
        (chosen,) = random.choices(left, [entry.weight for entry in left])  # noqa: S311 - spreading load
        left.remove(chosen)
        order.append(chosen)
    return order + left


@lru_cache(maxsize=4)
def load_models(path: str = "") -> Models:
    """The models of a file, by default the shipped one. Raises pydantic.ValidationError for a bad one."""
    text = Path(path or SHIPPED).read_text()
    return Models.model_validate({**_parse(text), "version": sha256(text.encode()).hexdigest()[:16]})


def _parse(text: str) -> dict[str, Any]:
    parsed = yaml.load(text, _ExactLoader)  # noqa: S506 - a SafeLoader that keeps the digits of prices
    if not isinstance(parsed, dict):
        raise ValueError("models.yaml must be a mapping with `providers` and `models`")  # noqa: TRY004 - bad content
    return parsed


class _ExactLoader(yaml.SafeLoader):
    """YAML's numbers with a point become Decimals."""


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(str(loader.construct_scalar(node)))
    except ArithmeticError:
        return Decimal("NaN")  # .inf, 1:30.5 and the like: no price, as the model will say


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _exact)
