"""POST /v1/chat/completions."""

import time
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import msgspec

from local.demo.bodies import JsonBody
from local.demo.endpoint import Call, Event, Generation, Json
from local.demo.openai_api import (
    REASONING_MODELS,
    OpenAIEndpoint,
    chat_usage,
    check_model,
    check_stream_options,
    refuse,
    required,
    token_limit,
)
from local.demo.openai_tools import asked_in_chat, called_in_chat, chunks_of_call
from local.demo.usage import (
    CACHE_MINIMUM,
    INPUT_CLASSES,
    OUTPUT_CLASSES,
    Counts,
    fingerprint,
    generated,
    prompt_tokens,
    whole_steps,
)

DONE = Event(b"data: [DONE]\n\n")
NO_PLACE_FOR = {"cache_write_1h", "image_out"}


class ChatCompletions(JsonBody, OpenAIEndpoint):
    """Chat completions, streamed and not."""

    path = "/chat/completions"
    cannot = frozenset({"failed"})
    reports = frozenset({*INPUT_CLASSES, *OUTPUT_CLASSES} - NO_PLACE_FOR)

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        messages = required(body, "messages")
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            refuse("messages", "it must be an array of objects")
        check_model(body)
        check_stream_options(body)
        if body.get("n") not in (None, 1):
            refuse("n", "the demo provider gives one choice")
        token_limit(body, *LIMITS)

    def generate(self, body: Json) -> Generation:
        """Read long prompts from the cache; answer with 5 to 40 tokens, some models after some thought."""
        seed = fingerprint(body["model"], body["messages"])
        prompt = prompt_tokens(body["messages"])
        cached = whole_steps(prompt) if prompt >= CACHE_MINIMUM else 0
        thought = 64 * (1 + seed // 64 % 4) if body["model"].startswith(REASONING_MODELS) else 0
        answer, cut_short = generated(5 + seed % 36, thought, token_limit(body, *LIMITS))
        usage = {"input": prompt - cached, "cache_read": cached, **answer}
        return Generation(usage, seed, cut_short, None if cut_short else asked_in_chat(body))

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        return chat_usage(usage)

    def answer(self, call: Call) -> Json:
        """Answer in one object."""
        message: Json = {
            "role": "assistant",
            "content": "".join(call.pieces),
            "refusal": None,
            "annotations": [],
            **called_in_chat(call.tool),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish_reason(call)}
        head = _head("chat.completion", call)
        return {**head, "choices": [choice], "usage": chat_usage(call.usage), **_TAIL}

    def events(self, call: Call) -> Iterator[Event]:
        """Answer in chunks: the role, the text, the finish, the usage if it was asked for."""
        asked = bool((call.body.get("stream_options") or {}).get("include_usage"))
        usage = chat_usage(call.usage) if asked and call.fault != "no_usage" else None
        early = usage if call.fault == "usage_in_last_choice" else None
        chunks = _Chunks({**_head("chat.completion.chunk", call), **_TAIL}, asked)
        yield chunks.choice({"role": "assistant", "content": "", "refusal": None})
        for piece in call.pieces:
            yield chunks.choice({"content": piece})
        for delta in chunks_of_call(call.tool):
            yield chunks.choice(delta)
        yield chunks.choice({}, _finish_reason(call), early)
        if usage and not early:
            yield from [chunks.usage(usage)] * (2 if call.fault == "duplicate_usage" else 1)
        yield DONE


class _Chunks:
    """The chunks of one stream; each has a `usage` field, if a null one, when usage was asked for."""

    def __init__(self, head: Json, asked: bool) -> None:
        self._head = head
        self._asked = asked

    def choice(self, delta: Json, finish_reason: str | None = None, usage: Json | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._event([choice], usage)

    def usage(self, usage: Json) -> Event:
        return self._event([], usage)

    def _event(self, choices: list[Json], usage: Json | None) -> Event:
        chunk: dict[str, Any] = {**self._head, "choices": choices}
        if self._asked:
            chunk["usage"] = usage
        return Event(b"data: %b\n\n" % msgspec.json.encode(chunk), usage is not None)


_TAIL = {"service_tier": "default", "system_fingerprint": "fp_demo"}
LIMITS = ("max_completion_tokens", "max_tokens")  # thought counts towards it; the second is its old name


def _head(kind: str, call: Call) -> Json:
    return {
        "id": f"chatcmpl-{token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": call.model,
    }


def _finish_reason(call: Call) -> str:
    if call.tool:
        return "tool_calls"
    return "length" if call.cut_short else "stop"
