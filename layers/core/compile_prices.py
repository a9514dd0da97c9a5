"""Compile the price book of the providers we speak to from genai-prices: `make prices`.

Importing genai-prices with all its data costs 0.85 s of a cold start; the book it is compiled to is one JSON
file whose hash is its version. Prices keep genai-prices' own keys and are text, so that no digit is lost.
"""

import json
import sys
from decimal import Decimal
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data import providers

import price_corrections

BOOK = Path(__file__).parent / "tollgate" / "prices.json"
PROVIDERS = (
    *("openai", "azure", "anthropic", "aws", "google", "mistral", "groq", "x-ai", "deepseek", "openrouter"),
    *("cohere", "voyageai"),
)


def rates(price: types.ModelPrice) -> dict[str, Any]:
    """The prices that are set, by genai-prices' key."""
    return {key: rate(value) for key, value in vars(price).items() if value is not None}


def rate(value: Decimal | types.TieredPrices) -> Any:
    """A price, or a base and its thresholds: over `start` input tokens, all tokens cost `price`."""
    if isinstance(value, types.TieredPrices):
        tiers = [[tier.start, str(tier.price)] for tier in value.tiers]
        return {"base": str(value.base), "tiers": tiers}
    return str(value)


def periods(model: types.ModelInfo) -> list[dict[str, Any]]:
    """The prices of a model; the last one whose condition holds applies."""
    if isinstance(model.prices, types.ModelPrice):
        return [{"rates": rates(model.prices)}]
    return [{**condition(part.constraint), "rates": rates(part.prices)} for part in model.prices]


def variants(model: types.ModelInfo) -> list[dict[str, Any]]:
    """Other prices for other ways of being served; for each key the first that applies sets it."""
    return [
        {**condition(variant.constraint), "when": variant.when, "rates": rates(variant.prices)}
        for variant in model.price_variants or ()
    ]


def condition(constraint: Any) -> dict[str, Any]:
    """When a price holds: from a UTC day on, or in some hours of each UTC day."""
    if isinstance(constraint, types.StartDateConstraint):
        return {"from": constraint.start_date.isoformat()}
    if isinstance(constraint, types.TimeOfDateConstraint):
        return {"hours": [f"{constraint.start_time:%H:%M}", f"{constraint.end_time:%H:%M}"]}
    return {}


def match(clause: Any) -> dict[str, Any]:
    """A matching rule as JSON, such as {"equals": "x"} or {"or": [...]}."""
    ((name, value),) = vars(clause).items()
    parts = [match(part) for part in value] if name in ("or_", "and_") else value
    return {name.rstrip("_"): parts}


def compiled(provider: types.Provider, model: types.ModelInfo) -> dict[str, Any]:
    """One model of the book."""
    entry = {"provider": provider.id, "id": model.id, "match": match(model.match), "periods": periods(model)}
    found = variants(model)
    return price_corrections.corrected({**entry, "variants": found} if found else entry)


def fallbacks() -> dict[str, list[str]]:
    """Whose prices hold for the models of another that a provider serves, such as OpenAI's on Azure."""
    others = {p.id: [o for o in p.fallback_model_providers or () if o in PROVIDERS] for p in providers}
    return {provider: found for provider, found in others.items() if provider in PROVIDERS and found}


def book() -> dict[str, Any]:
    """The whole book, its version the hash of its models."""
    models = [
        compiled(provider, model)
        for provider in providers
        if provider.id in PROVIDERS
        for model in provider.models
        if any(period["rates"] for period in periods(model))
    ]
    models = price_corrections.split_off(models)
    prices = {"fallbacks": fallbacks(), "models": models}
    digest = sha256(json.dumps(prices, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:16], "source": f"genai-prices {version('genai-prices')}", **prices}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """One line for each model whose price came, went or changed."""
    before = {(m["provider"], m["id"]): _prices(m) for m in old.get("models", [])}
    after = {(m["provider"], m["id"]): _prices(m) for m in new["models"]}
    lines = [f"+ {'/'.join(key)}" for key in after.keys() - before.keys()]
    lines += [f"- {'/'.join(key)}" for key in before.keys() - after.keys()]
    lines += [
        f"~ {'/'.join(k)}: {before[k]} -> {after[k]}" for k in after if before.get(k, after[k]) != after[k]
    ]
    return sorted(lines)


def _prices(model: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in model.items() if key not in ("provider", "id", "match")}


def main() -> None:
    """Write the book and print what changed."""
    old = json.loads(BOOK.read_text()) if BOOK.exists() else {}
    new = book()
    text = ",\n".join(json.dumps(model, separators=(",", ":")) for model in new["models"])
    head = ",\n".join(
        f"{json.dumps(key)}:{json.dumps(new[key])}" for key in ("version", "source", "fallbacks")
    )
    BOOK.write_text(f'{{{head},\n"models":[\n{text}\n]}}\n')
    lines = "\n".join(changes(old, new)) or "no price changed"
    sys.stdout.write(f"{lines}\n{len(new['models'])} models, version {new['version']}\n")


if __name__ == "__main__":
    main()
