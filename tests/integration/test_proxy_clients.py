"""Good calls, as clients make them: through OpenAI's SDK, by the hundred, and hung up on midway."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import openai
import pytest

from tests.integration.conftest import Gateway
from tests.ministack import MASTER_KEY
from tests.processes import eventually
from tests.real_proxy import body, chat
from tests.truth import LedgerRow, ledger_rows, truth_rows

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-5")
# Each names the customer to the SDK, in one of the ways there are.
WAYS: tuple[Callable[[str], dict[str, Any]], ...] = (
    lambda who: {"user": who},
    lambda who: {"extra_headers": {"x-litellm-customer-id": who}},
    lambda who: {"extra_headers": {"x-litellm-end-user-id": who}},
    lambda who: {"metadata": {"user_id": who}},
)


def asked(model: str, text: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize("way", WAYS, ids=["body", "customer header", "end-user header", "metadata"])
def test_the_sdk(gateway: Gateway, way: Callable[[str], dict[str, Any]]) -> None:
    with openai.OpenAI(base_url=f"{gateway.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0) as client:
        raw = client.chat.completions.with_raw_response.create(**asked("gpt-4o", "hello", **way("acme")))
        whole, usage = raw.parse(), raw.parse().usage
        stream = client.chat.completions.create(**asked("gpt-4o", "hello", **way("acme")), stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        names = [model.id for model in client.models.list()]
    assert text == whole.choices[0].message.content
    assert usage is not None
    cost = (Decimal(usage.prompt_tokens) * Decimal("2.5") + usage.completion_tokens * 10) / 1_000_000
    assert Decimal(raw.headers["x-litellm-response-cost"]) == cost
    assert raw.headers["x-litellm-model-group"] == "gpt-4o"
    assert raw.headers["x-litellm-customer-id"] == "acme"
    assert {*MODELS, "gpt-3.5-turbo", "text-embedding-3-small"} <= set(names)
    calls = {row["call_id"]: "acme" for row in truth_rows(gateway.provider.url)}
    assert len(calls) == 2
    gateway.balanced(calls)


def test_the_sdk_shows_usage_to_those_who_ask(gateway: Gateway) -> None:
    with openai.OpenAI(base_url=f"{gateway.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0) as client:
        asking = asked("gpt-4o", "hello", stream_options={"include_usage": True})
        chunks = list(client.chat.completions.create(**asking, stream=True))
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    gateway.balanced()


def test_the_sdks_errors(gateway: Gateway) -> None:
    """The envelope is one that the SDK understands."""
    with openai.OpenAI(base_url=f"{gateway.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0) as client:
        with pytest.raises(openai.BadRequestError, match="model") as refused:
            client.chat.completions.create(**asked("no-such-model", "hello"))
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(
                **asked("gpt-4o", "hello"), extra_body={"demo": {"fault": "error_429"}}
            )
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="sk-wrong").models.list()
    assert refused.value.param == "model"
    gateway.balanced()


async def test_three_hundred_calls_of_twenty_customers(gateway: Gateway) -> None:
    """Half of them streamed, sixteen at a time: per call, customer, model and class, to the last digit."""
    random, made = Random(300), dict[str, str]()
    manners = [whole, streamed] * 150
    random.shuffle(manners)
    at_once = asyncio.Semaphore(16)

    async def one(client: openai.AsyncOpenAI, number: int) -> None:
        who, way = f"customer-{number % 20}", WAYS[number // 20 % 4]
        text = "word " * random.choice([1, 20, 2000])  # the longest is partly read from the provider's cache
        async with at_once:
            made[await manners[number](client, asked(random.choice(MODELS), text, **way(who)))] = who

    async with openai.AsyncOpenAI(
        base_url=f"{gateway.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0
    ) as client:
        await asyncio.gather(*(one(client, number) for number in range(300)))
    ledger = gateway.balanced(made)
    assert len(made) == len(truth_rows(gateway.provider.url)) == 300
    assert not any(ledger[call_id].estimated for call_id in made)
    classes = {name for call_id in made for name in ledger[call_id].usage}
    assert classes == {"input", "cache_read", "output", "reasoning"}


async def whole(client: openai.AsyncOpenAI, call: dict[str, Any]) -> str:
    answer = await client.chat.completions.with_raw_response.create(**call)
    return str(answer.headers["x-litellm-call-id"])


async def streamed(client: openai.AsyncOpenAI, call: dict[str, Any]) -> str:
    async with await client.chat.completions.create(**call, stream=True) as stream:
        async for _ in stream:
            pass
        return str(stream.response.headers["x-litellm-call-id"])


def entry_of(gateway: Gateway, customer: str) -> LedgerRow:
    """The one entry of a customer, once it is closed."""

    def found() -> list[LedgerRow]:
        rows = ledger_rows(gateway.deployment.dynamodb, gateway.deployment.tables.ledger).values()
        return [row for row in rows if row.customer == customer and row.state == "closed"]

    eventually(lambda: bool(found()), "the call is booked")
    (entry,) = found()
    return entry


async def leave(gateway: Gateway, customer: str, **demo: Any) -> None:
    """Make a call, and hang up as soon as the provider has it."""
    async with gateway.client() as client:
        call = asyncio.create_task(chat(client, customer, **demo))
        arrived = partial(truth_rows, gateway.provider.url)
        await asyncio.to_thread(eventually, arrived, "the call arrives")
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call


async def leave_mid_stream(gateway: Gateway, customer: str, **demo: Any) -> None:
    """Make a call, and hang up as soon as its first chunk has come."""
    async with gateway.client() as client:
        call = body(customer, stream=True, **demo)
        async with client.stream("POST", "/v1/chat/completions", json=call) as answer:
            await anext(answer.aiter_raw())


async def test_a_client_that_hangs_up_mid_stream(gateway: Gateway) -> None:
    """The provider is read to its end: it charges for it, and says how much."""
    await leave_mid_stream(gateway, "hasty", chunks=20, slow_chunk_s=0.05)
    entry = await asyncio.to_thread(entry_of, gateway, "hasty")
    (row,) = truth_rows(gateway.provider.url)
    assert (row["ending"], row["reported"]) == ("finished", True)
    assert entry.estimated == ""
    gateway.balanced()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_client_that_hangs_up_before_the_first_byte(gateway: Gateway, stream: bool) -> None:
    await leave(gateway, f"gone {stream}", stream=stream, slow_first_byte_s=0.5)
    entry = await asyncio.to_thread(entry_of, gateway, f"gone {stream}")
    assert entry.estimated == ""
    gateway.balanced()


async def test_a_client_that_hangs_up_on_a_long_stream(gateway: Gateway) -> None:
    """More chunks than are read ahead for a slow client: they are drained all the same."""
    await leave(gateway, "gone long", stream=True, chunks=500, slow_chunk_s=0.001, slow_first_byte_s=0.5)
    entry = await asyncio.to_thread(entry_of, gateway, "gone long")
    assert entry.estimated == ""
    gateway.balanced()


async def test_a_client_that_reads_slowly(gateway: Gateway) -> None:
    received = b""
    async with gateway.client() as client:
        call = body("slow", stream=True, chunks=2000)
        async with client.stream("POST", "/v1/chat/completions", json=call) as answer:
            async for chunk in answer.aiter_raw(4096):
                received += chunk
                await asyncio.sleep(0.001)
    assert received.endswith(b"data: [DONE]\n\n")
    assert received.count(b'"delta"') >= 2000
    gateway.balanced()


async def test_a_gateway_that_is_asked_to_stop(gateway: Gateway) -> None:
    """What is under way comes to its end: the stream that is read, and the one whose client is gone."""
    await leave_mid_stream(gateway, "left behind", chunks=20, slow_chunk_s=0.1)
    async with gateway.client() as client:
        call = body("still here", stream=True, chunks=10, slow_chunk_s=0.1)
        async with client.stream("POST", "/v1/chat/completions", json=call) as answer:
            gateway.proxy.process.terminate()
            received = await answer.aread()
    assert received.endswith(b"data: [DONE]\n\n")
    await asyncio.to_thread(gateway.proxy.process.wait, 10)
    for customer in ("left behind", "still here"):
        assert entry_of(gateway, customer).estimated == ""
    gateway.balanced()
