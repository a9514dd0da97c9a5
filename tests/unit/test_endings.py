"""Every way in which a call can end: what is booked, how it is marked, and what the client sees."""

import asyncio
import json
from dataclasses import replace
from io import StringIO
from typing import Any

import httpx2
import pytest

from tests.builders import (
    answers,
    chat_body,
    chunk,
    completion,
    decoded,
    sse,
    streamed,
    streams,
    usage_report,
)
from tests.calling import KEY, booked, call, only, read, streaming
from tests.fakes import Chunks, FakeProvider, Respond
from tests.stack import Stack
from tollgate.closing import Closing
from tollgate.endpoints.table import CHAT, COUNT_TOKENS, EMBEDDINGS, MESSAGES, RESPONSES
from tollgate.errors import HungUp, UpstreamTimeout
from tollgate.models import load_models
from tollgate.money import ZERO
from tollgate.records import Usage
from tollgate.relay import drained
from tollgate.settings import ReconcileSettings
from tollgate.usage.chat_stream import ChatMeter

CHATTING = chat_body(stream=True)
ANSWERING = {"model": "gpt-4o", "input": "x" * 40, "stream": True}
CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "x" * 40}]}
TEXT = "x" * 400
REPORT = {"input_tokens": 20, "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 10}}
DELTA = {"type": "response.output_text.delta", "delta": TEXT}
BEGUN = {
    "type": "message_start",
    "message": {"usage": {"input_tokens": 20, "cache_read_input_tokens": 5, "output_tokens": 1}},
}
SAID = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": TEXT}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def json_pieces(*pieces: Any, kind: str = "application/json") -> Respond:
    return lambda _: httpx2.Response(200, headers={"content-type": kind}, stream=Chunks(pieces))


def ended(response: dict[str, Any] | None = None, kind: str = "completed") -> dict[str, Any]:
    return {
        "type": f"response.{kind}",
        "response": {"object": "response", "status": kind, "usage": REPORT, **(response or {})},
    }


# ---------------------------------------------------------------- terminal events


@pytest.mark.parametrize("kind", ["completed", "incomplete", "cancelled"])
@pytest.mark.parametrize("spaced", [False, True])
async def test_every_terminal_event_of_a_response_carries_its_usage(
    stack: Stack, kind: str, spaced: bool
) -> None:
    separators = (", ", ": ") if spaced else (",", ":")
    events = [json.dumps(e, separators=separators).encode() for e in (DELTA, ended(kind=kind))]
    content = sse(*events)
    assert (
        await read(await call(stack.gateway(FakeProvider(streams(content))), RESPONSES, ANSWERING)) == content
    )
    event = only(stack)
    assert (event.ending, event.status, event.estimated) == ("finished", "success", "")
    assert event.usage == Usage(input=20, output=20, reasoning=10)


async def test_a_response_that_failed_is_a_failure_with_what_it_used(stack: Stack) -> None:
    content = sse(DELTA, ended(kind="failed"))
    await read(await call(stack.gateway(FakeProvider(streams(content))), RESPONSES, ANSWERING))
    event = only(stack)
    assert (event.ending, event.status, event.estimated) == ("upstream_error", "failure", "")
    assert event.usage == Usage(input=20, output=20, reasoning=10)


@pytest.mark.parametrize(
    ("endpoint", "body", "content", "usage"),
    [
        (CHAT, CHATTING, sse(chunk(TEXT), {"error": {"message": "no"}}), Usage(input=10, output=100)),
        (RESPONSES, ANSWERING, sse(DELTA, ended({"usage": None}, "failed")), Usage(input=10, output=100)),
        (RESPONSES, ANSWERING, sse(DELTA, {"type": "error", "message": "no"}), Usage(input=10, output=100)),
        (
            MESSAGES,
            {**CLAUDE, "stream": True},
            sse(BEGUN, SAID, OVERLOADED),
            Usage(input=20, cache_read=5, output=100),
        ),
    ],
)
async def test_an_error_in_the_stream_is_booked_by_what_came_before_it(
    stack: Stack, endpoint: Any, body: Any, content: bytes, usage: Usage
) -> None:
    provider = FakeProvider(streams(content))
    assert (
        await read(await call(stack.gateway(provider), endpoint, body)) == content
    )  # nothing is added to it
    event = only(stack)
    assert (event.ending, event.status, event.usage) == ("upstream_error", "failure", usage)
    assert "output: text received / 4" in event.estimated


@pytest.mark.parametrize(
    ("endpoint", "body", "pieces", "usage"),
    [
        (CHAT, CHATTING, [sse(chunk(TEXT))], Usage(input=10, output=100)),
        (RESPONSES, ANSWERING, [sse(DELTA)], Usage(input=10, output=100)),
        (MESSAGES, {**CLAUDE, "stream": True}, [sse(BEGUN, SAID)], Usage(input=20, cache_read=5, output=100)),
        (MESSAGES, {**CLAUDE, "stream": True}, [b"event: ping\n\n"], Usage(input=13)),
        (CHAT, CHATTING, [sse(chunk(TEXT))[:200]], Usage(input=10, output=25)),
        (CHAT, CHATTING, [b": OPENROUTER PROCESSING\n\n"], Usage(input=10)),
        (CHAT, CHATTING, [], Usage(input=10)),
    ],
)
async def test_a_stream_that_is_cut_is_booked_by_what_came(
    stack: Stack, endpoint: Any, body: Any, pieces: list[bytes], usage: Usage
) -> None:
    """With an error of the connection, or by an end that comes too soon."""
    cut = httpx2.ReadError("gone")
    provider = FakeProvider(streams(*pieces, cut), streams(*pieces))
    gateway = stack.gateway(provider)
    for _ in range(2):
        content = await read(await call(gateway, endpoint, body))
        assert content.endswith(b"}\n\n")
        assert "The provider broke the stream off." in str(
            decoded(content)[-1]
        )  # and no half event garbles it
    for event in booked(stack):
        assert (event.ending, event.status, event.usage) == ("upstream_cut", "failure", usage)
        assert event.estimated


async def test_a_stream_that_is_cut_after_its_last_word_was_whole(stack: Stack) -> None:
    provider = FakeProvider(streams(streamed("hi"), httpx2.ReadError("gone")))
    content = await read(await call(stack.gateway(provider), CHAT, CHATTING))
    assert content.endswith(b"data: [DONE]\n\n")
    assert (only(stack).ending, only(stack).estimated) == ("finished", "")


async def test_a_stream_that_we_fail_to_read_ends_with_an_error_and_is_booked(
    stack: Stack, log: StringIO
) -> None:
    class Faulty(ChatMeter):
        def see(self, event: bytes, payload: bytes) -> bytes:
            if b"there" in payload:
                raise LookupError("a fault of ours")
            return super().see(event, payload)

    endpoint = replace(CHAT, meter=lambda _: Faulty(asked=False))
    provider = FakeProvider(streams(streamed("x" * 40, "there")))
    content = await read(await call(stack.gateway(provider), endpoint, CHATTING))
    assert b'"error"' in content
    event = only(stack)
    assert (event.ending, event.status, event.usage.input) == ("gateway_error", "failure", 10)
    assert "a fault of ours" in log.getvalue()


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("status", [400, 429, 500, 307])
async def test_an_error_is_booked_with_the_usage_it_reports_and_else_with_none(
    stack: Stack, status: int
) -> None:
    told = {"error": {"message": "no"}}
    provider = FakeProvider(answers(told, status), answers({**told, "usage": usage_report(10, 5)}, status))
    gateway = stack.gateway(provider)
    for _ in range(2):
        assert (await call(gateway, CHAT, chat_body())).status == status
    without, reported = booked(stack)
    assert {e.ending for e in booked(stack)} == {"upstream_error"}
    assert (without.usage, without.cost, without.estimated) == (Usage(), ZERO, "")
    assert (reported.usage, reported.estimated, reported.http_status) == (
        Usage(input=10, output=5),
        "",
        status,
    )
    assert reported.cost > 0


async def test_an_error_that_says_it_is_a_stream_comes_whole(stack: Stack) -> None:
    provider = FakeProvider(streams(b'data: {"error":{}}\n\n', status=503))
    answer = await call(stack.gateway(provider), CHAT, CHATTING)
    assert (answer.status, answer.body) == (503, b'data: {"error":{}}\n\n')
    assert only(stack).ending == "upstream_error"


# ---------------------------------------------------------------- no usage, zero usage, odd places


async def test_an_answer_without_usage_is_estimated_from_its_text_alone(stack: Stack) -> None:
    body = completion({}, choices=[{"message": {"content": TEXT, "tool_calls": [{"arguments": "y" * 40}]}}])
    provider = FakeProvider(answers(body), answers(json.dumps(body, indent=2).encode()))
    gateway = stack.gateway(provider)
    for _ in range(2):
        await call(gateway, CHAT, chat_body())
    for event in booked(stack):
        assert (event.usage, event.ending) == (Usage(input=10, output=110), "finished")
        assert event.estimated == "no usage reported; input: request size / 4; output: text received / 4"


async def test_embeddings_without_usage_have_no_output(stack: Stack) -> None:
    provider = FakeProvider(answers({"data": [{"embedding": [0.1] * 1536}]}))
    await call(stack.gateway(provider), EMBEDDINGS, {"model": "text-embedding-3-small", "input": "x" * 400})
    assert (only(stack).usage, only(stack).unpriced) == (Usage(input=100), False)


async def test_a_report_of_nothing_is_not_believed_when_there_was_an_answer(stack: Stack) -> None:
    nothing = usage_report(0, 0)
    said = completion(nothing, choices=[{"message": {"content": TEXT}}])
    silent = completion(nothing, choices=[{"message": {"content": ""}}])
    provider = FakeProvider(answers(said), streams(streamed(TEXT, usage=nothing)), answers(silent))
    gateway = stack.gateway(provider)
    await call(gateway, CHAT, chat_body())
    await read(await call(gateway, CHAT, CHATTING))
    await call(gateway, CHAT, chat_body())
    whole, stream, empty = booked(stack)
    assert whole.usage == stream.usage == Usage(input=10, output=100)
    assert whole.estimated
    assert stream.estimated
    assert (empty.usage, empty.estimated, empty.ending) == (Usage(), "", "finished")


async def test_usage_that_comes_twice_counts_once(stack: Stack) -> None:
    last = chunk(None, usage=usage_report(10, 5))
    content = sse(chunk("hi", usage=None), last, last, b"[DONE]")
    await read(await call(stack.gateway(FakeProvider(streams(content))), CHAT, CHATTING))
    assert only(stack).usage == Usage(input=10, output=5)


async def test_a_response_in_the_background_is_booked_by_all_it_may_generate(stack: Stack) -> None:
    queued: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "status": "queued",
        "output": [],
        "usage": None,
    }
    provider = FakeProvider(answers(queued))
    gateway = stack.gateway(provider)
    body = {"model": "gpt-4o", "input": "x" * 40, "background": True}
    await call(gateway, RESPONSES, {**body, "max_output_tokens": 77})
    await call(gateway, RESPONSES, body)
    limited, unlimited = booked(stack)
    assert (limited.usage, unlimited.usage) == (Usage(input=10, output=77), Usage(input=10, output=1000))
    assert limited.estimated.startswith("answered in the background; ")


async def test_a_failed_response_in_one_piece_is_a_failure(stack: Stack) -> None:
    provider = FakeProvider(answers({"object": "response", "status": "failed", "usage": REPORT}))
    await call(stack.gateway(provider), RESPONSES, {"model": "gpt-4o", "input": "hi"})
    event = only(stack)
    assert (event.ending, event.status, event.usage.output) == ("upstream_error", "failure", 20)


# ---------------------------------------------------------------- bodies that are not what they say they are


async def test_events_that_say_they_are_json_are_read_all_the_same(stack: Stack) -> None:
    content = streamed("hi")
    answer = await call(stack.gateway(FakeProvider(answers(content))), CHAT, CHATTING)
    assert await read(answer) == content
    assert (only(stack).ending, only(stack).usage) == ("nonsense", Usage(input=10, output=5))


async def test_json_that_says_it_is_events_is_read_all_the_same(stack: Stack) -> None:
    content = json.dumps(completion()).encode()
    for endpoint, body, sent in (
        (CHAT, CHATTING, content),
        (RESPONSES, ANSWERING, json.dumps(ended()["response"]).encode()),
    ):
        answer = await call(stack.gateway(FakeProvider(streams(sent[:20], sent[20:]))), endpoint, body)
        assert await read(answer) == sent
    assert [e.ending for e in booked(stack)] == ["nonsense"] * 2
    assert [e.usage for e in booked(stack)] == [
        Usage(input=10, output=5),
        Usage(input=20, output=20, reasoning=10),
    ]
    assert [e.estimated for e in booked(stack)] == ["", ""]


@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/event-stream"])
async def test_a_page_instead_of_an_answer_passes_and_is_estimated(stack: Stack, kind: str) -> None:
    page = b"<html>" + b"x" * 394
    answer = await call(stack.gateway(FakeProvider(json_pieces(page, kind=kind))), CHAT, CHATTING)
    assert await read(answer) == page
    event = only(stack)
    assert (event.ending, event.status, event.usage) == ("nonsense", "failure", Usage(input=10, output=100))
    assert event.estimated


async def test_a_file_instead_of_an_answer_is_not_booked_by_its_bytes(stack: Stack) -> None:
    provider = FakeProvider(json_pieces(bytes(4000), kind="application/octet-stream"))
    await call(stack.gateway(provider), CHAT, chat_body())
    assert (only(stack).ending, only(stack).usage) == ("nonsense", Usage(input=10))


async def test_json_nested_without_end_is_no_answer_and_no_body(stack: Stack) -> None:
    deep = b"[" * 100_000
    await call(stack.gateway(FakeProvider(answers(deep))), CHAT, chat_body())
    assert only(stack).ending == "nonsense"
    with pytest.raises(Exception, match="not valid JSON"):
        await stack.gateway().call(CHAT, KEY, b'{"model":' + deep)


async def test_deep_parts_of_a_prompt_do_no_harm(stack: Stack) -> None:
    content: Any = "x"
    for _ in range(400):
        content = [{"content": content}]
    await call(stack.gateway(), CHAT, chat_body(messages=[{"role": "user", "content": content}]))
    assert only(stack).ending == "finished"


async def test_json_under_another_name_is_an_answer(stack: Stack) -> None:
    provider = FakeProvider(json_pieces(json.dumps(completion()).encode(), kind="text/plain"))
    await call(stack.gateway(provider), CHAT, chat_body())
    assert (only(stack).ending, only(stack).usage) == ("finished", Usage(input=10, output=5))


# ---------------------------------------------------------------- time, and clients that leave


async def test_an_answer_that_takes_longer_than_there_is_time_is_booked_as_timed_out(stack: Stack) -> None:
    never = asyncio.Event()
    provider = FakeProvider(json_pieces(b'{"choices":[{"message":{"content":"' + b"x" * 40, never))
    with pytest.raises(UpstreamTimeout):
        await call(stack.gateway(provider, closing_seconds=1), CHAT, chat_body(), seconds=1.05)
    event = only(stack)
    assert (event.ending, event.status, event.usage) == ("timed_out", "failure", Usage(input=10, output=10))


async def test_a_stream_that_takes_longer_than_there_is_time_ends_with_an_error(stack: Stack) -> None:
    never = asyncio.Event()
    provider = FakeProvider(streams(sse(BEGUN, SAID), never))
    answer = await call(
        stack.gateway(provider, closing_seconds=1), MESSAGES, {**CLAUDE, "stream": True}, seconds=1.05
    )
    content = await read(answer)
    assert content.endswith(
        b'event: error\ndata: {"type":"error","error":{"type":"timeout_error",'
        b'"message":"The provider took longer than a call may take."}}\n\n'
    )
    assert (only(stack).ending, only(stack).usage) == ("timed_out", Usage(input=20, cache_read=5, output=100))


async def test_one_that_hangs_up_in_the_middle_of_an_answer_is_booked_by_its_text(stack: Stack) -> None:
    provider = FakeProvider(
        json_pieces(b'{"choices":[{"message":{"content":"' + b"x" * 40, httpx2.ReadError("gone"))
    )
    with pytest.raises(HungUp):
        await call(stack.gateway(provider), CHAT, chat_body())
    assert (only(stack).ending, only(stack).usage) == ("upstream_cut", Usage(input=10, output=10))


async def leaving(stack: Stack, *, after: int, **choices: Any) -> None:
    """A client that takes so many pieces of a stream and leaves; then the provider goes on."""
    more = asyncio.Event()
    content = streamed("Hello", "there")
    pieces = [content[:200], more, content[200:]]
    provider = FakeProvider(streams(*(pieces if after < 2 else [content])))
    body = streaming(await call(stack.gateway(provider, **choices), CHAT, CHATTING))
    if after:
        await anext(body)
    await body.aclose()  # type: ignore[attr-defined]  # it is the relay
    more.set()
    await drained()


@pytest.mark.parametrize("after", [0, 1])
async def test_a_client_that_leaves_is_charged_what_the_provider_reports(stack: Stack, after: int) -> None:
    await leaving(stack, after=after)
    event = only(stack)
    assert (event.ending, event.status, event.estimated) == ("client_gone", "success", "")
    assert event.usage == Usage(input=10, output=5)


async def test_a_client_that_leaves_after_the_last_event_has_had_it_all(stack: Stack) -> None:
    await leaving(stack, after=2)
    assert (only(stack).ending, only(stack).usage) == ("finished", Usage(input=10, output=5))


async def test_the_rest_is_not_waited_for_longer_than_the_setting_says(stack: Stack) -> None:
    never = asyncio.Event()
    provider = FakeProvider(streams(sse(chunk(TEXT)), never))
    body = streaming(await call(stack.gateway(provider, drain_seconds=1), CHAT, CHATTING))
    await anext(body)
    await body.aclose()  # type: ignore[attr-defined]  # it is the relay
    await drained()
    event = only(stack)
    assert (event.ending, event.usage) == ("client_gone", Usage(input=10, output=100))
    assert event.estimated


async def test_counting_tokens_is_free_whatever_becomes_of_it(stack: Stack) -> None:
    provider = FakeProvider(answers({"input_tokens": 9}), answers(b"{"), httpx2.ReadTimeout("late"))
    gateway = stack.gateway(provider)
    for _ in range(2):
        await call(gateway, COUNT_TOKENS, CLAUDE)
    with pytest.raises(UpstreamTimeout):
        await call(gateway, COUNT_TOKENS, CLAUDE)
    assert all((e.usage, e.cost, e.unpriced) == (Usage(), ZERO, False) for e in booked(stack))


async def test_an_entry_that_was_abandoned_is_booked_in_the_classes_of_its_endpoint(stack: Stack) -> None:
    from tests.builders import entry  # noqa: PLC0415 - beside its only use

    housekeeping = Closing(stack.ledger, stack.counting(), load_models(), ReconcileSettings())
    for endpoint, model, usage in (
        ("/chat/completions", "gpt-4o-mini", Usage(input=12, output=100)),
        ("/embeddings", "text-embedding-3-small", Usage(input=12)),
        ("/audio/speech", "tts-1", Usage(characters=48)),
        ("/audio/transcriptions", "whisper-1", Usage(audio_seconds=2)),
        ("/images/generations", "gpt-image-1", Usage(input=12, image_out=1056)),
        ("/moderations", "omni-moderation-latest", Usage()),
    ):
        left = entry(endpoint=endpoint, model=model, model_group=model)
        event = housekeeping.abandoned(left)
        assert (event.usage, event.unpriced) == (usage, False), endpoint
        assert bool(event.estimated) == bool(usage.counts())
