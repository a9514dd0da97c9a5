"""Compile the price book of the providers we speak to from genai-prices: `make prices`.

Importing genai-prices with all its data costs 0.85 s of a cold start; the book it is compiled to is one JSON
file whose hash is its version. Prices are USD per million tokens, as text, so that no digit is lost.
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

BOOK = Path(__file__).parent / "tollgate" / "prices.json"
PROVIDERS = ("openai", "anthropic")

# Our class ← the price keys that may set it, the most specific first: genai-prices bills a token at the
# price of the narrowest unit that has one.
CLASSES = {
    "input": ("input_text_mtok", "input_mtok"),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_text_mtok", "output_mtok"),
    "reasoning": ("output_reasoning_mtok", "output_mtok"),
    "audio_in": ("input_audio_mtok", "input_mtok"),
    "audio_out": ("output_audio_mtok", "output_mtok"),
    "image_in": ("input_image_mtok", "input_mtok"),
    "image_out": ("output_image_mtok", "output_mtok"),
}


def rates(price: types.ModelPrice) -> dict[str, Any]:
    """The price of each of our classes, where one is known."""
    found: dict[str, Any] = {}
    for name, keys in CLASSES.items():
        value = next((v for key in keys if (v := getattr(price, key, None)) is not None), None)
        if value is not None:
            found[name] = rate(value)
    return found


def rate(value: Decimal | types.TieredPrices) -> Any:
    """A price, or a base and its thresholds: over `start` input tokens, all tokens cost `price`."""
    if isinstance(value, types.TieredPrices):
        tiers = [[tier.start, str(tier.price)] for tier in value.tiers]
        return {"base": str(value.base), "tiers": tiers}
    return str(value)


def periods(model: types.ModelInfo) -> list[dict[str, Any]]:
    """The prices of a model with the UTC day each starts; a model priced by the hour keeps its first."""
    if isinstance(model.prices, types.ModelPrice):
        return [{"from": "", "rates": rates(model.prices)}]
    found = [{"from": "", "rates": rates(model.prices[0].prices)}]
    for conditional in model.prices:
        if isinstance(conditional.constraint, types.StartDateConstraint):
            start = conditional.constraint.start_date.isoformat()
            found.append({"from": start, "rates": rates(conditional.prices)})
    return found


def match(clause: Any) -> dict[str, Any]:
    """A matching rule as JSON, such as {"equals": "x"} or {"or": [...]}."""
    ((name, value),) = vars(clause).items()
    parts = [match(part) for part in value] if name in ("or_", "and_") else value
    return {name.rstrip("_"): parts}


def book() -> dict[str, Any]:
    """The whole book, its version the hash of its models."""
    models = [
        {"provider": provider.id, "id": model.id, "match": match(model.match), "periods": priced}
        for provider in providers
        if provider.id in PROVIDERS
        for model in provider.models
        for priced in [periods(model)]
        if any(period["rates"] for period in priced)
    ]
    digest = sha256(json.dumps(models, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:16], "source": f"genai-prices {version('genai-prices')}", "models": models}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """One line for each model whose price came, went or changed."""
    before = {(m["provider"], m["id"]): m["periods"] for m in old.get("models", [])}
    after = {(m["provider"], m["id"]): m["periods"] for m in new["models"]}
    lines = [f"+ {'/'.join(key)}" for key in after.keys() - before.keys()]
    lines += [f"- {'/'.join(key)}" for key in before.keys() - after.keys()]
    lines += [
        f"~ {'/'.join(k)}: {before[k]} -> {after[k]}" for k in after if before.get(k, after[k]) != after[k]
    ]
    return sorted(lines)


def main() -> None:
    """Write the book and print what changed."""
    old = json.loads(BOOK.read_text()) if BOOK.exists() else {}
    new = book()
    text = ",\n".join(json.dumps(model, separators=(",", ":")) for model in new["models"])
    head = f'"version":"{new["version"]}",\n"source":"{new["source"]}"'
    BOOK.write_text(f'{{{head},\n"models":[\n{text}\n]}}\n')
    lines = "\n".join(changes(old, new)) or "no price changed"
    sys.stdout.write(f"{lines}\n{len(new['models'])} models, version {new['version']}\n")


if __name__ == "__main__":
    main()
