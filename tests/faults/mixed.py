"""Calls of every kind, made by clients of whom some hang up: each is decided by its number alone."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import httpx2

from tests.clients.stack import KEY

HANG_UPS: Final = 0.25  # of the calls
SOUND: Final = bytes(90_000)
PICTURE: Final = b"\x89PNG\r\n\x1a\n not much of a picture"
WORDS: Final = (
    "mill",
    "bridge",
    "barley",
    "ledger",
    "naïve",
    "weighs",
    "at",
    "dawn",
    "and",
    "counts",
    "carts",
)
CACHED: Final = {"type": "text", "text": "m" * 9000, "cache_control": {"type": "ephemeral"}}
SEARCH: Final = {"type": "web_search_20250305", "name": "web_search"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: a form when it has files; `leaves_after` is None for a client that stays to the end."""

    path: str
    body: Json
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    leaves_after: float | None = None  # seconds, or below zero so many events


def asked(number: int) -> Asked:
    """The call of a number."""
    dice = Random(number)
    text = " ".join(dice.choices(WORDS, k=dice.randint(3, 60)))
    kinds = list(_kinds(text, {"stream": dice.random() < 0.5}, dice))
    call = dice.choice(kinds)
    if dice.random() >= HANG_UPS:
        return call
    return _leaving(call, dice)


def _kinds(text: str, stream: Json, dice: Random) -> Iterator[Asked]:
    yield from _openai(text, stream, dice)
    yield from _anthropic(text, stream)
    yield from _media(text, stream)
    yield Asked("/embeddings", {"model": "text-embedding-3-small", "input": text})
    yield Asked("/moderations", {"input": text})
    yield Asked("/rerank", {"model": "rerank-v3.5", "query": text, "documents": ["a", "b"] * 75})


def _openai(text: str, stream: Json, dice: Random) -> Iterator[Asked]:
    messages = [{"role": "user", "content": text}]
    limit = {"max_completion_tokens": dice.randint(1, 400)} if dice.random() < 0.3 else {}
    asking = {"stream_options": {"include_usage": True}} if stream["stream"] and dice.random() < 0.5 else {}
    for model in ("gpt-4o-mini", "gpt-5-mini"):
        yield Asked("/chat/completions", {"model": model, "messages": messages, **stream, **asking, **limit})
        yield Asked("/responses", {"model": model, "input": text, **stream})
    searching = {"input": f"search the web: {text}", "tools": [{"type": "web_search"}]}
    yield Asked("/responses", {"model": "gpt-4o", **searching, **stream})
    yield Asked(
        "/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": text, "max_tokens": 30, **stream}
    )


def _anthropic(text: str, stream: Json) -> Iterator[Asked]:
    plain = {"model": "claude-opus-4-8", "max_tokens": 2000, "messages": [{"role": "user", "content": text}]}
    yield Asked("/messages", {**plain, **stream})
    yield Asked("/messages", {**plain, "system": [CACHED], **stream})
    yield Asked("/messages", {**plain, "thinking": {"type": "adaptive"}, **stream})
    searching = [{"role": "user", "content": f"search the web: {text}"}]
    yield Asked("/messages", {**plain, "messages": searching, "tools": [SEARCH], **stream})
    yield Asked("/messages/count_tokens", {"model": plain["model"], "messages": plain["messages"]})


def _media(text: str, stream: Json) -> Iterator[Asked]:
    picture = {"image": ("mill.png", PICTURE, "image/png")}
    sound = {"file": ("mill.mp3", SOUND, "audio/mpeg")}
    streamed = {"stream": "true"} if stream["stream"] else {}
    sse = {"stream_format": "sse"} if stream["stream"] else {}
    yield Asked("/images/generations", {"model": "gpt-image-1", "prompt": text, "quality": "low", **stream})
    yield Asked("/images/generations", {"model": "dall-e-3", "prompt": text})
    yield Asked("/images/edits", {"model": "gpt-image-1", "prompt": text, **streamed}, picture)
    yield Asked("/audio/speech", {"model": "tts-1", "voice": "alloy", "input": text})
    yield Asked("/audio/speech", {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": text, **sse})
    yield Asked("/audio/transcriptions", {"model": "gpt-4o-transcribe", **streamed}, sound)
    yield Asked("/audio/transcriptions", {"model": "whisper-1", "response_format": "verbose_json"}, sound)
    yield Asked("/audio/transcriptions", {"model": "whisper-1", "response_format": "srt"}, sound)
    yield Asked("/audio/translations", {"model": "whisper-1"}, sound)


def _leaving(call: Asked, dice: Random) -> Asked:
    """The same call, answered slowly enough to be left: before the first byte, or amid the rest."""
    if call.body.get("stream") in (True, "true") or "stream_format" in call.body:
        demo: Json = {"slow_chunk_s": 0.02}
        after = float(-dice.randint(1, 12))
    else:
        demo, after = {"slow_first_byte_s": 0.05}, dice.uniform(0.001, 0.05)
    slow: Any = json.dumps(demo) if call.files else demo
    return Asked(call.path, {**call.body, "demo": slow}, call.files, after)


async def make(call: Asked, client: httpx2.AsyncClient) -> None:
    """Make a call, and leave when it says so; what the answer is does not matter here."""
    headers = {"x-api-key" if "/messages" in call.path else "authorization": _key(call.path)}
    sent: Json = {"data": call.body, "files": call.files} if call.files else {"json": call.body}
    with suppress(httpx2.TransportError, TimeoutError):
        async with asyncio.timeout(call.leaves_after if (call.leaves_after or -1) > 0 else None):
            async with client.stream("POST", f"/v1{call.path}", headers=headers, **sent) as answer:
                await _read(answer, int(-(call.leaves_after or 0)))


async def _read(answer: httpx2.Response, most: int) -> None:
    events = 0
    async for data in answer.aiter_raw():
        events += data.count(b"\n\n")
        if 0 < most <= events:
            return


def _key(path: str) -> str:
    return KEY if "/messages" in path else f"Bearer {KEY}"
