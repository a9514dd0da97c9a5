"""POST /v1/responses."""

from collections.abc import Iterator
from typing import Any

import msgspec

from local.demo.bodies import JsonBody
from local.demo.endpoint import Call, Event, Generation, Json
from local.demo.openai_api import (
    REASONING_MODELS,
    OpenAIEndpoint,
    check_model,
    refuse,
    required,
    token_limit,
)
from local.demo.openai_output import output
from local.demo.openai_response import finished, message_items, response_usage, unfinished
from local.demo.openai_responses_stream import events
from local.demo.openai_stored import Stored
from local.demo.openai_tools import asked_in_responses
from local.demo.tools import RESULT, Turns, searches, texts_of
from local.demo.usage import CACHE_MINIMUM, Counts, fingerprint, generated, prompt_tokens, whole_steps

SEARCHES = {"web_search": "web_searches", "file_search": "file_searches"}


class Responses(JsonBody, OpenAIEndpoint):
    """Responses, streamed and not; they are stored unless `store` is false."""

    path = "/responses"
    cannot = frozenset({"usage_in_last_choice"})
    reports = frozenset(
        {"input", "cache_read", "cache_write_5m", "output", "reasoning", "web_searches", "file_searches"}
    )

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse; put the conversation so far before the input."""
        check_model(body)
        given = required(body, "input")
        if not isinstance(given, str | list):
            refuse("input", "it must be a string or an array")
        token_limit(body, "max_output_tokens")
        before = self._stored.conversation(body.get("previous_response_id"))
        body["input"] = [*before, *message_items(given)]

    def generate(self, body: Json) -> Generation:
        """Read long prompts from the cache; answer with 5 to 40 tokens, some models after some thought."""
        seed = fingerprint(body["model"], body["input"])
        prompt = prompt_tokens([{"content": body["instructions"]}] if body.get("instructions") else [])
        prompt += prompt_tokens(body["input"])
        cached = whole_steps(prompt) if prompt >= CACHE_MINIMUM else 0
        thought = 64 * (1 + seed // 64 % 4) if body["model"].startswith(REASONING_MODELS) else 0
        answer, cut_short = generated(5 + seed % 36, thought, token_limit(body, "max_output_tokens"))
        usage = {"input": prompt - cached, "cache_read": cached, **answer, **_searched(body)}
        tool = None if cut_short else asked_in_responses(body, _turns(body["input"]))
        return Generation(usage, seed, cut_short, tool)

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        return response_usage(usage)

    def answer(self, call: Call) -> Json:
        """Answer in one object; in the background, with a promise of one."""
        response = finished(call, output(call))
        self._stored.keep(call.body, response)
        return unfinished(response, "queued") if call.body.get("background") is True else response

    def events(self, call: Call) -> Iterator[Event]:
        """Answer in events."""
        response = finished(call, output(call))
        self._stored.keep(call.body, response)
        for fields in events(call, response):
            yield _event(fields, completes=bool(fields.get("response", {}).get("usage")))


def _searched(body: Json) -> Counts:
    kinds = [str(tool.get("type")) for tool in body.get("tools") or ()]
    asked = searches(_turns(body["input"]))
    offered = {name: any(kind.startswith(tool) for kind in kinds) for tool, name in SEARCHES.items()}
    return {name: asked if offer else 0 for name, offer in offered.items()}


def _turns(items: list[Json]) -> Turns:
    for item in items:
        if item.get("type") == "function_call_output":
            yield RESULT
        elif item.get("role") == "user":
            yield from texts_of(item.get("content"))


def _event(fields: dict[str, Any], *, completes: bool) -> Event:
    data = b"event: %b\ndata: %b\n\n" % (fields["type"].encode(), msgspec.json.encode(fields))
    return Event(data, completes)
