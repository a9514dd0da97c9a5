"""What providers publish and genai-prices does not have (yet), each with its source: for compile_prices."""

from decimal import Decimal
from typing import Any

Entry = dict[str, Any]

# Rates that are missing, so that dearer tokens or calls would cost what text costs, or nothing.
RATES: dict[tuple[str, str], dict[str, str]] = {
    # https://platform.openai.com/docs/pricing, audio tokens of the preview models
    ("openai", "gpt-4o-audio-preview"): {"input_audio_mtok": "40", "output_audio_mtok": "80"},
    ("openai", "gpt-4o-mini-audio-preview"): {"input_audio_mtok": "10", "output_audio_mtok": "20"},
    # https://platform.openai.com/docs/pricing#built-in-tools: a search for every chat of a search model
    ("openai", "gpt-5-search-api"): {"web_searches_kcount": "10"},
    ("openai", "gpt-4o-search-preview"): {"web_searches_kcount": "25"},
    ("openai", "gpt-4o-mini-search-preview"): {"web_searches_kcount": "25"},
}

# A provider bills at least so many units for a call: https://console.groq.com/docs/speech-to-text
MINIMUMS = {
    ("groq", "whisper-large-v3"): {"audio_seconds": 10},
    ("groq", "whisper-large-v3-turbo"): {"audio_seconds": 10},
}

# Every Claude since Opus 4.6 can be kept in the US, for 1.1 times the price of every token:
# https://platform.claude.com/docs/en/about-claude/pricing#data-residency-pricing
US_ONLY = Decimal("1.1")
BEFORE_US_ONLY = (
    *("claude-v1", "claude-2", "claude-3-haiku", "claude-3-sonnet", "claude-3-opus-latest"),
    *("claude-3-5-haiku-latest", "claude-3-5-sonnet", "claude-3-7-sonnet-latest", "claude-opus-4-0"),
    *("claude-sonnet-4-0", "claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"),
)


def corrected(entry: Entry) -> Entry:
    """An entry of the book, with what is missing from it."""
    key = (entry["provider"], entry["id"])
    if more := RATES.get(key):
        periods = [{**period, "rates": {**period["rates"], **more}} for period in entry["periods"]]
        entry = {**entry, "periods": periods}
    if key in MINIMUMS:
        entry = {**entry, "minimums": MINIMUMS[key]}
    found = [*entry.get("variants", ()), *_variants(entry)]
    return {**entry, "variants": found} if found else entry


def split_off(entries: list[Entry]) -> list[Entry]:
    """The entries, with those of models that share another's and do not cost the same before them."""
    shared = next(e for e in entries if (e["provider"], e["id"]) == ("openai", "gpt-4o-mini"))
    search = {"match": {"starts_with": "gpt-4o-mini-search-preview"}, "id": "gpt-4o-mini-search-preview"}
    return [corrected({"provider": "openai", **search, "periods": shared["periods"]}), *entries]


def _variants(entry: Entry) -> list[Entry]:
    if entry["provider"] == "groq":  # the price of on demand: https://console.groq.com/docs/flex-processing
        return [{"when": {"service_tier": "flex"}, "rates": {}}]
    if entry["provider"] == "anthropic" and entry["id"] not in BEFORE_US_ONLY:
        return [_us_only(priced) for priced in (*reversed(entry["periods"]), *entry.get("variants", ()))]
    return []


def _us_only(priced: Entry) -> Entry:
    when = {**priced.get("when", {}), "inference_geo": "us"}
    rates = {key: _times(rate) for key, rate in priced["rates"].items() if key.endswith("_mtok")}
    return {**priced, "when": when, "rates": rates}


def _times(rate: Any) -> Any:
    if isinstance(rate, str):
        return f"{(Decimal(rate) * US_ONLY).normalize():f}"
    return {"base": _times(rate["base"]), "tiers": [[start, _times(price)] for start, price in rate["tiers"]]}
