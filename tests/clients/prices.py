"""What the providers publish as their prices, typed in by hand: the costs are worked out again from these.

USD. Tokens and characters by the million; searches by the thousand, pictures each, sound by the hour.
OpenAI: https://platform.openai.com/docs/pricing. Anthropic: https://docs.claude.com/en/docs/about-claude/pricing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

_SEARCHES: Final = {"web_searches": "10"}


def _claude(rate: str, spoken: str) -> Mapping[str, str]:
    """A Claude model: a cache read is a tenth of the input, writes one and a quarter and two times it."""
    base = Decimal(rate)
    cache = {"cache_read": base / 10, "cache_write_5m": base * 5 / 4, "cache_write_1h": base * 2}
    spelled = {name: str(amount) for name, amount in cache.items()}
    return {"input": rate, **spelled, "output": spoken, "reasoning": spoken, **_SEARCHES}


PUBLISHED: Final[Mapping[str, Mapping[str, str]]] = {
    "gpt-4o": {"input": "2.5", "cache_read": "1.25", "output": "10", **_SEARCHES},
    "gpt-4o-mini": {"input": "0.15", "cache_read": "0.075", "output": "0.6", **_SEARCHES},
    "gpt-5-mini": {"input": "0.25", "cache_read": "0.025", "output": "2", "reasoning": "2", **_SEARCHES},
    "gpt-3.5-turbo-instruct": {"input": "1.5", "output": "2"},
    "text-embedding-3-small": {"input": "0.02"},
    "gpt-image-1": {"input": "5", "image_in": "10", "image_out": "40"},
    "dall-e-3": {"images": "0.04"},
    "tts-1": {"characters": "15"},
    "gpt-4o-mini-tts": {"input": "0.6", "audio_out": "12"},
    "gpt-4o-transcribe": {"input": "2.5", "audio_in": "6", "output": "10"},
    "whisper-1": {"audio_seconds": "0.36"},
    "rerank-v3.5": {"rerank_searches": "2"},
    "claude-opus-4-8": _claude("5", "25"),
    "claude-haiku-4-5": _claude("1", "5"),
    "claude-haiku-4-5-20251001": _claude("1", "5"),
}
_UNITS: Final = {"images": 1, "web_searches": 1000, "rerank_searches": 1000, "audio_seconds": 3600}


def published_cost(model: str, usage: Mapping[str, int]) -> Decimal:
    """What the provider charges for a usage, in exact USD; what uses nothing needs no price."""
    prices = PUBLISHED[model] if usage else {}
    amounts = (Decimal(prices[name]) * count / _UNITS.get(name, 1_000_000) for name, count in usage.items())
    return sum(amounts, Decimal(0))
