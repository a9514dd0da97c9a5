"""POST /v1/completions: the text completions of old, which vLLM and others still serve."""

import time
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import msgspec

from local.demo.bodies import JsonBody
from local.demo.endpoint import Call, Event, Generation, Json
from local.demo.openai_api import (
    OpenAIEndpoint,
    chat_usage,
    check_model,
    check_stream_options,
    refuse,
    required,
    token_limit,
)
from local.demo.openai_chat import DONE
from local.demo.usage import Counts, fingerprint, generated, text_tokens

LIMIT = 16  # tokens, unless the request has a limit of its own; OpenAI's default


class Completions(JsonBody, OpenAIEndpoint):
    """Text completions, streamed and not."""

    path = "/completions"
    cannot = frozenset({"failed"})
    reports = frozenset({"input", "output"})

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        check_model(body)
        prompt = required(body, "prompt")
        if not isinstance(prompt, str) and not _is_tokens(prompt):
            refuse("prompt", "the demo provider takes one, a string or an array of tokens")
        check_stream_options(body)
        token_limit(body, "max_tokens")

    def generate(self, body: Json) -> Generation:
        """Answer with 5 to 40 tokens, of which most requests leave room for 16."""
        seed = fingerprint(body["model"], body["prompt"])
        prompt = text_tokens(body["prompt"]) if isinstance(body["prompt"], str) else len(body["prompt"])
        answer, cut_short = generated(5 + seed % 36, 0, token_limit(body, "max_tokens") or LIMIT)
        return Generation({"input": prompt, **answer}, seed, cut_short)

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        counted = chat_usage(usage)
        return {name: counted[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}

    def answer(self, call: Call) -> Json:
        """Answer in one object."""
        choice = _choice("".join(call.pieces), _finish_reason(call))
        return {**_head(call), "choices": [choice], "usage": self.report(call.usage)}

    def events(self, call: Call) -> Iterator[Event]:
        """Answer in chunks: the text, the finish, the usage if it was asked for."""
        asked = bool((call.body.get("stream_options") or {}).get("include_usage"))
        usage = self.report(call.usage) if asked and call.fault != "no_usage" else None
        early = usage if call.fault == "usage_in_last_choice" else None
        head = {**_head(call), **({"usage": None} if asked else {})}
        for piece in call.pieces:
            yield _event({**head, "choices": [_choice(piece)]})
        yield _event({**head, "choices": [_choice("", _finish_reason(call))]}, early)
        if usage and not early:
            last = _event({**head, "choices": []}, usage)
            yield from [last] * (2 if call.fault == "duplicate_usage" else 1)
        yield DONE


def _is_tokens(prompt: Any) -> bool:
    return isinstance(prompt, list) and all(type(each) is int for each in prompt)


def _head(call: Call) -> Json:
    return {
        "id": f"cmpl-{token_hex(12)}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": call.model,
    }


def _choice(text: str, finish_reason: str | None = None) -> Json:
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": finish_reason}


def _finish_reason(call: Call) -> str:
    return "length" if call.cut_short else "stop"


def _event(chunk: Json, usage: Json | None = None) -> Event:
    body = {**chunk, "usage": usage} if usage else chunk
    return Event(b"data: %b\n\n" % msgspec.json.encode(body), usage is not None)
