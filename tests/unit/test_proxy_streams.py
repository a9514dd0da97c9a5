"""A streamed call: every event as it came, metered to its end whatever the client does."""

import asyncio
from decimal import Decimal
from io import StringIO
from typing import Any

import httpx2
import pytest

from proxy.api import api
from tests.builders import answers, chat_body, chunk, decoded, sse, streamed, streams, usage_report
from tests.conftest import Metrics
from tests.proxying import Client, Proxying, eventually, proxying
from tollgate.models import load_models
from tollgate.money import dumps
from tollgate.records import SpendEvent, Usage

ASKED = {"stream": True, "stream_options": {"include_usage": True}}
UNASKED = {"stream": True}
WORDS = ("Hel", "lo", " ✓")
USAGE = usage_report(1200, 34, prompt_tokens_details={"cached_tokens": 1000})
READ = Usage(input=200, cache_read=1000, output=34)
COST = Decimal("0.0001254")
STREAM = streamed(*WORDS, usage=USAGE)
LONG = [sse(chunk(f"word {n} ", usage=None)) for n in range(400)]
END = sse(chunk(None, usage=USAGE), b"[DONE]")


def body(**fields: Any) -> bytes:
    return dumps(chat_body(user="acme", **fields))


def exactly(closed: SpendEvent) -> bool:
    return (closed.usage, closed.cost, closed.estimated) == (READ, COST, "")


async def ended(proxy: Proxying) -> SpendEvent:
    await eventually(lambda: any(isinstance(entry, SpendEvent) for entry in proxy.entries))
    return proxy.event


async def test_a_client_that_asked_for_usage_gets_the_providers_stream_byte_for_byte() -> None:
    async with proxying(streams(STREAM)) as proxy:
        sent = body(**ASKED)
        answer = await proxy.chat(sent)
        assert answer.content == STREAM
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert proxy.provider.requests[0].content == sent
        assert exactly(proxy.event)


async def test_usage_is_asked_for_in_the_clients_stead_and_taken_out_of_what_it_gets() -> None:
    async with proxying(streams(STREAM)) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert proxy.sent == chat_body(user="acme", **ASKED)
        assert answer.content == sse(*(chunk(text) for text in WORDS), b"[DONE]")
        assert exactly(proxy.event)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"include_obfuscation": False}, {"include_obfuscation": False, "include_usage": True}),
        ({"include_usage": False, "x": 1}, {"include_usage": True, "x": 1}),
        ({}, {"include_usage": True}),
        (None, {"include_usage": True}),
    ],
)
async def test_the_clients_other_stream_options_reach_the_provider(options: Any, sent: Any) -> None:
    async with proxying(streams(STREAM)) as proxy:
        await proxy.chat(body(stream=True, stream_options=options))
        assert proxy.sent["stream_options"] == sent


@pytest.mark.parametrize("stream", [False, None, "true", 1])
async def test_only_true_makes_a_stream(stream: Any) -> None:
    async with proxying() as proxy:
        await proxy.chat(body(stream=stream))
        assert "stream_options" not in proxy.sent
        assert not proxy.event.entry.stream


async def test_a_stream_names_its_call_and_not_yet_its_cost() -> None:
    async with proxying(streams(STREAM)) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert answer.headers["x-litellm-call-id"] == proxy.event.entry.request_id
        assert answer.headers["x-litellm-model-group"] == "gpt-4o-mini"
        assert answer.headers["x-litellm-customer-id"] == "acme"
        assert "x-litellm-response-cost" not in answer.headers


async def test_a_stream_is_booked_in_full_by_the_time_it_ends_for_the_client() -> None:
    async with proxying(streams(STREAM)) as proxy:
        await proxy.chat(body(**UNASKED))
        closed = proxy.event
        assert (closed.status, closed.ending, closed.http_status) == ("success", "finished", 200)
        assert closed.entry.stream
        assert closed.duration_ms is not None
        assert closed.first_byte_ms is not None
        assert 0 <= closed.first_byte_ms <= closed.duration_ms
        assert exactly(closed)


async def test_the_cost_is_in_the_last_chunk_when_the_deployment_asks_for_it() -> None:
    async with proxying(streams(STREAM), include_cost_in_streaming_usage=True) as proxy:
        answer = await proxy.chat(body(**ASKED))
        assert decoded(answer.content)[-2]["usage"] == {**USAGE, "cost": COST}
        assert b'"cost":0.0001254' in answer.content


async def test_usage_without_a_price_leaves_the_stream_whole_and_is_booked_unpriced(
    metrics: Metrics,
) -> None:
    shipped = load_models()
    only_input = shipped.models[2].model_copy(update={"prices": {"input": Decimal(1)}})
    models = shipped.model_copy(update={"models": [only_input]})
    async with proxying(streams(STREAM), models=models, include_cost_in_streaming_usage=True) as proxy:
        answer = await proxy.chat(body(**ASKED))
        assert decoded(answer.content)[-1] == b"[DONE]"
        assert (proxy.event.unpriced, proxy.event.usage) == (True, READ)
        assert metrics()["UnpricedRequests"] >= 1


async def test_a_server_that_stops_waits_for_streams_whose_clients_are_gone() -> None:
    async with proxying(streams(*LONG, END)) as proxy:
        async with api.router.lifespan_context(api):
            await Client(body(**UNASKED), takes=1).call()
        assert exactly(proxy.event)


async def test_events_reach_the_client_while_the_provider_is_still_at_work() -> None:
    rest = asyncio.Event()
    async with proxying(streams(sse(chunk("first")), rest, sse(chunk("last")), END)):
        client = Client(body(**UNASKED))
        call = asyncio.create_task(client.call())
        await eventually(lambda: bool(client.pieces))
        assert client.pieces == [sse(chunk("first"))]
        assert client.status == 200
        rest.set()
        assert (await call).endswith(b"data: [DONE]\n\n")


async def test_no_byte_reaches_the_client_before_its_entry_is_durable() -> None:
    async with proxying(streams(STREAM)) as proxy:
        gate = proxy.stack.aws.hold("PutItem")
        client = Client(body(**UNASKED))
        call = asyncio.create_task(client.call())
        await eventually(lambda: bool(proxy.provider.requests))
        await asyncio.sleep(0.01)
        assert (client.status, client.pieces) == (0, [])
        gate.set()
        await call
        assert client.status == 200


async def test_an_answer_in_one_piece_to_a_streamed_call_is_passed_on_as_that() -> None:
    async with proxying(answers()) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert answer.headers["x-litellm-response-cost"] == "0.0000045"
        assert proxy.event.usage == Usage(input=10, output=5)


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_a_refusal_is_one_even_when_it_comes_as_a_stream(status: int) -> None:
    refusal = sse({"error": {"message": "slow down"}})
    async with proxying(streams(refusal, status=status)) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert (answer.status_code, answer.content) == (status, refusal)
        assert (proxy.event.ending, proxy.event.status) == ("upstream_error", "failure")
        assert (proxy.event.usage, proxy.event.cost) == (Usage(), Decimal(0))


BREAKS = [httpx2.ReadError("reset"), httpx2.RemoteProtocolError("incomplete"), httpx2.ReadTimeout("stalled")]


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("half", [b"", b'data: {"choices":[{"delta":{"con'], ids=["between", "within"])
async def test_a_stream_that_breaks_off_ends_with_an_error_event_and_is_booked_by_its_text(
    error: Exception, half: bytes
) -> None:
    whole = sse(chunk("x" * 40), chunk("y" * 40))
    async with proxying(streams(whole + half, error)) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert answer.content.startswith(whole)
        told = decoded(answer.content)[-1]["error"]
        assert (told["type"], told["code"]) == ("upstream_unreachable", "502")
        assert len(decoded(answer.content)) == 3
        assert (proxy.event.status, proxy.event.ending) == ("failure", "upstream_cut")
        assert proxy.event.usage == Usage(input=10, output=20)
        assert proxy.event.estimated.startswith("no usage reported")


async def test_a_stream_that_breaks_off_after_its_usage_is_booked_exactly() -> None:
    async with proxying(
        streams(sse(chunk("Hi."), chunk(None, usage=USAGE)), httpx2.ReadError("reset"))
    ) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        assert "error" in decoded(answer.content)[-1]
        assert proxy.event.ending == "upstream_cut"
        assert exactly(proxy.event)


async def test_a_stream_that_ends_without_saying_so_was_cut() -> None:
    async with proxying(streams(sse(chunk("x" * 40)))) as proxy:
        answer = await proxy.chat(body(**UNASKED))
        said = sse(chunk("x" * 40))
        assert answer.content.startswith(said)
        (told,) = decoded(answer.content.removeprefix(said))
        assert told["error"]["type"] == "upstream_unreachable"
        assert (proxy.event.ending, proxy.event.usage.output) == ("upstream_cut", 10)


async def test_a_provider_that_says_why_it_stopped_need_not_say_that_it_is_done() -> None:
    stopped = chunk("Hi.", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
    async with proxying(streams(sse(stopped, chunk(None, usage=USAGE)))) as proxy:
        await proxy.chat(body(**UNASKED))
        assert (proxy.event.status, proxy.event.ending) == ("success", "finished")
        assert exactly(proxy.event)


async def test_a_stream_without_usage_is_booked_by_its_text() -> None:
    async with proxying(streams(sse(chunk("x" * 40), b"[DONE]"))) as proxy:
        await proxy.chat(body(**UNASKED))
        assert (proxy.event.status, proxy.event.ending) == ("success", "finished")
        assert (proxy.event.usage, bool(proxy.event.estimated)) == (Usage(input=10, output=10), True)


async def test_an_error_that_the_provider_streams_is_passed_on() -> None:
    failed = sse(chunk("Hi."), {"error": {"message": "overloaded", "type": "server_error"}})
    async with proxying(streams(failed)) as proxy:
        assert (await proxy.chat(body(**UNASKED))).content == failed
        assert proxy.event.status == "failure"


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
@pytest.mark.parametrize("takes", [0, 1, 7, 250])
async def test_a_client_that_hangs_up_anywhere_is_booked_exactly_for_the_whole_stream(
    takes: int, spec: str
) -> None:
    async with proxying(streams(*LONG, END)) as proxy:
        received = await Client(body(**UNASKED), takes=takes, spec=spec).call()
        assert len(received) < len(b"".join(LONG))
        closed = await ended(proxy)
        assert (closed.status, closed.ending) == ("success", "client_gone")
        assert exactly(closed)


async def test_a_client_that_hangs_up_before_the_first_byte_is_booked_exactly() -> None:
    first = asyncio.Event()
    async with proxying(streams(first, *LONG, END)) as proxy:
        call = asyncio.create_task(Client(body(**UNASKED), takes=0).call())
        await eventually(lambda: bool(proxy.provider.requests))
        first.set()
        await call
        assert (await ended(proxy)).ending == "client_gone"
        assert exactly(proxy.event)


async def test_a_client_that_leaves_once_it_has_everything_did_not_hang_up() -> None:
    waits = asyncio.Event()
    async with proxying(streams(STREAM, waits)) as proxy:
        client = Client(body(**UNASKED), takes=len(WORDS) + 1)
        received = await client.call()
        assert received.endswith(b"[DONE]\n\n")
        waits.set()
        assert (await ended(proxy)).ending == "finished"


async def test_a_provider_that_breaks_off_after_the_client_is_gone_is_booked_by_its_text() -> None:
    async with proxying(streams(*LONG, httpx2.ReadError("reset"))) as proxy:
        await Client(body(**UNASKED), takes=2).call()
        closed = await ended(proxy)
        assert closed.ending == "client_gone"
        assert closed.usage.output == -(-sum(len(f"word {n} ") for n in range(400)) // 4)
        assert closed.estimated


async def test_a_stream_that_cannot_be_booked_still_ends_and_its_event_is_in_the_log(log: StringIO) -> None:
    async with proxying(streams(STREAM)) as proxy:
        aws = proxy.stack.aws
        aws.fail("PutItem", "AccessDeniedException", when=lambda put: "ending" in put["Item"])
        aws.fail("SendMessage", "AccessDeniedException")
        answer = await proxy.chat(body(**ASKED))
        assert answer.content == STREAM
        assert "ledger write lost" in log.getvalue()


async def test_many_streams_at_once_are_each_booked_once_for_their_customer() -> None:
    async with proxying(streams(STREAM)) as proxy:
        calls = (proxy.chat(dumps(chat_body(user=f"c{n % 5}", **UNASKED))) for n in range(40))
        answers = await asyncio.gather(*calls)
        booked = {entry.entry.request_id: entry for entry in proxy.entries if isinstance(entry, SpendEvent)}
        assert {answer.headers["x-litellm-call-id"] for answer in answers} == booked.keys()
        assert all(exactly(closed) for closed in booked.values())
        await proxy.stack.record()
        found = await proxy.stack.customers.get("c3")
        assert found is not None
        assert found.spend == 8 * COST
