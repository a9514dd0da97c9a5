"""POST /v1/messages and POST /v1/messages/count_tokens."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import msgspec

from local.demo.anthropic_api import AnthropicEndpoint, check_prompt, message_usage, refuse, running_usage
from local.demo.anthropic_content import blocks, wants_thought
from local.demo.anthropic_tools import asked_in_messages, searched_in_messages
from local.demo.bodies import JsonBody, NotStreamed
from local.demo.endpoint import Call, Event, Generation, Json
from local.demo.usage import CACHE_MINIMUM, Counts, fingerprint, generated, prompt_tokens, whole_steps


class Messages(JsonBody, AnthropicEndpoint):
    """Messages, streamed and not."""

    path = "/messages"
    cannot = frozenset({"usage_in_last_choice", "failed"})
    reports = frozenset(
        {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "web_searches"}
    )

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what Anthropic would refuse."""
        check_prompt(body)
        if type(body.get("max_tokens")) is not int or body["max_tokens"] < 1:
            refuse("max_tokens", "a positive integer is required")

    def generate(self, body: Json) -> Generation:
        """Of a prompt marked for the cache, read a half and write a quarter; answer with 5 to 40 tokens."""
        seed = fingerprint(body["model"], body["messages"])
        thought = 16 * (1 + seed // 64 % 4) if wants_thought(body) else 0
        answer, cut_short = generated(5 + seed % 36, thought, body["max_tokens"])
        usage = {**_cached(body, _prompt(body)), **answer, "web_searches": searched_in_messages(body)}
        return Generation(usage, seed, cut_short, None if cut_short else asked_in_messages(body))

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        return message_usage(usage)

    def answer(self, call: Call) -> Json:
        """Answer in one object."""
        content = [block.whole for block in blocks(call)]
        return _message(call, content, _stop_reason(call), message_usage(call.usage))

    def events(self, call: Call) -> Iterator[Event]:
        """Answer in events; the first carries the input's usage and the last but one the whole."""
        yield _event(type="message_start", message=_opening(call))
        for place, block in enumerate(blocks(call)):
            yield _event(type="content_block_start", index=place, content_block=block.begins)
            if not place:
                yield _event(type="ping")
            for delta in block.deltas:
                yield _event(type="content_block_delta", index=place, delta=delta)
            yield _event(type="content_block_stop", index=place)
        yield from [_closing(call)] * (2 if call.fault == "duplicate_usage" else 1)
        yield _event(type="message_stop")


class CountTokens(NotStreamed, JsonBody, AnthropicEndpoint):
    """The count of a prompt's tokens: it spends nothing, so it has no usage."""

    path = "/messages/count_tokens"
    cannot = frozenset({"error_with_usage", "no_usage", "failed"})
    reports: frozenset[str] = frozenset()

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what Anthropic would refuse."""
        check_prompt(body)

    def generate(self, body: Json) -> Generation:  # noqa: ARG002 - the endpoints' common shape
        """Generate nothing."""
        return Generation({})

    def report(self, usage: Counts) -> Json:
        """Write a usage object, though no answer of this endpoint has one."""
        return message_usage(usage)

    def answer(self, call: Call) -> Json:
        """Answer with the count."""
        return {"input_tokens": _prompt(call.body)}


def _prompt(body: Json) -> int:
    system = [{"content": body["system"]}] if body.get("system") else []
    return prompt_tokens([*system, *body["messages"]])


def _cached(body: Json, prompt: int) -> Counts:
    # A prompt is cached only where it says so.
    marks = msgspec.json.encode(body) if prompt >= CACHE_MINIMUM else b""
    if b'"cache_control"' not in marks:
        return {"input": prompt}
    read, written = whole_steps(prompt // 2), whole_steps(prompt // 4)
    lifetime = "cache_write_1h" if b'"ttl":"1h"' in marks else "cache_write_5m"
    return {"input": prompt - read - written, "cache_read": read, lifetime: written}


def _message(call: Call, content: list[Json], stop_reason: str | None, usage: Json) -> Json:
    return {
        "id": f"msg_{token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def _opening(call: Call) -> Json:
    so_far = {"output": min(1, call.usage.get("output", 0)), "reasoning": 0, "web_searches": 0}
    usage = message_usage({**call.usage, **so_far})
    message = _message(call, [], None, usage)
    if call.fault == "no_usage":
        del message["usage"]
    return message


def _closing(call: Call) -> Event:
    delta = {"stop_reason": _stop_reason(call), "stop_sequence": None}
    if call.fault == "no_usage":
        return _event(type="message_delta", delta=delta)
    event = _event(type="message_delta", delta=delta, usage=running_usage(call.usage))
    return event._replace(completes_usage=True)


def _stop_reason(call: Call) -> str:
    if call.tool:
        return "tool_use"
    return "max_tokens" if call.cut_short else "end_turn"


def _event(**fields: Any) -> Event:
    return Event(b"event: %b\ndata: %b\n\n" % (fields["type"].encode(), msgspec.json.encode(fields)))
