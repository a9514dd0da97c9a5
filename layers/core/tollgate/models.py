"""models.yaml: which provider serves a model, under what name, at what price."""

import os
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tollgate.errors import UnknownModel, UnpricedModel
from tollgate.pricing import Price, PriceBook, UnknownPrice, own_price, shipped_book

SHIPPED: Final = Path(__file__).parent / "models.yaml"
_MAX_NAME: Final = 128  # names are part of counter keys, which DynamoDB bounds at 1,024 bytes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(_Strict):
    """Where a provider is and which environment variable holds its key."""

    base_url: str
    base_url_env: str = ""
    prefix: str = ""
    key: str = ""
    priced_as: str = ""  # the provider of the price book, when it is not this one's name

    def url(self, path: str) -> str:
        """The URL of an endpoint such as `/chat/completions`."""
        base = os.environ.get(self.base_url_env) or self.base_url
        return f"{base.rstrip('/')}{self.prefix}{path}"

    def key_reference(self) -> str:
        """The key, or a reference to it; empty for a provider that needs none."""
        return os.environ.get(self.key, "") if self.key else ""


class Model(_Strict):
    """One entry: an alias or a pattern, and what serves it."""

    name: str = Field(min_length=1)
    provider: str
    model: str = ""
    prices: dict[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """What serves a request: provider, upstream model, and its price (None when it may go without)."""

    model_group: str
    model: str
    provider_name: str
    provider: Provider
    price: Price | None


class Models(_Strict):
    """The whole file. Raises ValueError for a model of a provider that is not listed."""

    providers: dict[str, Provider]
    models: list[Model]
    version: str = ""

    @model_validator(mode="after")
    def _providers_exist(self) -> "Models":
        for model in self.models:
            if model.provider not in self.providers:
                raise ValueError(
                    f"model {model.name!r} names provider {model.provider!r}, which is not listed"
                )
            own_price(model.prices or {}, "")
        return self

    def deployment(self, name: object, moment: datetime, *, allow_unpriced: bool = False) -> Deployment:
        """What serves a model at a moment. Raises UnknownModel, UnpricedModel."""
        entry = self._entry(name)
        upstream = entry.model or str(name)
        return Deployment(
            model_group=str(name),
            model=upstream,
            provider_name=entry.provider,
            provider=self.providers[entry.provider],
            price=self._price(entry, upstream, moment, allow_unpriced=allow_unpriced),
        )

    def names(self, book: PriceBook) -> list[str]:
        """Every model that can be asked for by name; patterns are spelled out from the price book."""
        found = [m.name for m in self.models if "*" not in m.name]
        for entry in self.models:
            if "*" in entry.name:
                priced = book.models_of(self._priced_as(entry))
                found += [name for name in priced if fnmatchcase(name, entry.name)]
        return list(dict.fromkeys(found))

    def _entry(self, name: object) -> Model:
        if not isinstance(name, str) or not name:
            raise UnknownModel(
                "The request names no model: set `model` to one that `/v1/models` lists.", param="model"
            )
        exact = next((m for m in self.models if m.name == name), None)
        entry = exact or next((m for m in self.models if fnmatchcase(name, m.name)), None)
        if entry is None or len(name) > _MAX_NAME or not (name.isascii() and name.isprintable()):
            raise UnknownModel(
                f"Invalid model name passed in model={name[:_MAX_NAME]}. "
                "Call `/v1/models` to view available models for your key.",
                param="model",
            )
        return entry

    def _price(self, entry: Model, upstream: str, moment: datetime, *, allow_unpriced: bool) -> Price | None:
        if entry.prices is not None:
            return own_price(entry.prices, self.version)
        try:
            return shipped_book().price(self._priced_as(entry), upstream, moment)
        except UnknownPrice as error:
            if allow_unpriced:
                return None
            raise UnpricedModel(
                f"The call was not made: {error}, so its cost could not be known. "
                "Set `prices` for it in models.yaml, or ALLOW_UNPRICED=true to book it without a cost.",
                param="model",
            ) from None

    def _priced_as(self, entry: Model) -> str:
        return self.providers[entry.provider].priced_as or entry.provider


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
