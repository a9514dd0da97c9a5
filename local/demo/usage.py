"""How many tokens a call uses: a function of what was asked, so that anyone can predict it."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

Counts = dict[str, int]

# Spelled out rather than taken from tollgate.records: a yardstick shares nothing with what it measures.
INPUT_CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in")
OUTPUT_CLASSES = ("output", "reasoning", "audio_out", "image_out")
# Not in the usage object: these are counted in the answer itself, so that an error has none of them.
PIECES = ("web_searches", "file_searches", "rerank_searches", "images", "characters")

CACHE_MINIMUM = 1024  # tokens; shorter prompts are not cached
CACHE_STEP = 128  # tokens
TOKENS_PER_MESSAGE = 3


def fingerprint(*parts: Any) -> int:
    """Make a number of what was asked: the same for the same question, streamed or not, whoever asks."""
    return int.from_bytes(blake2b(msgspec.json.encode(parts), digest_size=8).digest())


def text_tokens(text: str) -> int:
    """Count four characters to the token, rounded up."""
    return _tokens(len(text))


def _tokens(characters: int) -> int:
    return -(-characters // 4)


def prompt_tokens(messages: Sequence[dict[str, Any]]) -> int:
    """Count the tokens of the messages' text; pictures, sound and tools count nothing."""
    return sum(_tokens(_characters(message.get("content"))) + TOKENS_PER_MESSAGE for message in messages)


def _characters(content: Any) -> int:
    if isinstance(content, str):
        return len(content)
    if isinstance(content, list):
        return sum(_characters(part) for part in content)
    if isinstance(content, dict):
        return _characters(content.get("text")) + _characters(content.get("content"))
    return 0


def whole_steps(tokens: int) -> int:
    """Round tokens down to what the cache holds: whole steps."""
    return tokens // CACHE_STEP * CACHE_STEP


def generated(output: int, reasoning: int, limit: int | None) -> tuple[Counts, bool]:
    """Fit what is generated into the limit, thought before spoken; whether that cut it short comes second."""
    room = output + reasoning if limit is None else limit
    thought = min(reasoning, room)
    spoken = min(output, room - thought)
    return {"output": spoken, "reasoning": thought}, thought + spoken < output + reasoning
