"""OpenAI's SDK, asynchronous: many calls at once, and clients that leave."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from tests.clients.books import assert_same, assert_told, settled
from tests.clients.stack import KEY, Stack

MODEL = "gpt-4o-mini"


def said(number: int) -> Any:
    return [{"role": "user", "content": f"hello, this is number {number}"}]


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{stack.url}/v1", api_key=KEY, max_retries=0, timeout=20
    ) as client:
        yield client


async def test_fifty_calls_at_once(stack: Stack, client: openai.AsyncOpenAI) -> None:
    async def whole(number: int) -> None:
        await client.chat.completions.create(
            model=MODEL, messages=said(number), user=f"customer-{number % 5}"
        )

    async def streamed(number: int) -> None:
        user = f"customer-{number % 5}"
        async for _ in await client.responses.create(model=MODEL, input=f"{number}", stream=True, user=user):
            pass

    await asyncio.gather(*(do(number) for number in range(25) for do in (whole, streamed)))
    rows = assert_told(stack, calls=50)
    assert {row.customer for row in rows} == {f"customer-{number}" for number in range(5)}


async def test_the_stream_helpers(stack: Stack, client: openai.AsyncOpenAI) -> None:
    async with client.chat.completions.stream(model=MODEL, messages=said(1)) as chat:
        text = "".join([event.delta async for event in chat if event.type == "content.delta"])
        assert (await chat.get_final_completion()).choices[0].message.content == text
    async with client.responses.stream(model=MODEL, input="hello") as response:
        text = "".join(
            [event.delta async for event in response if event.type == "response.output_text.delta"]
        )
        assert (await response.get_final_response()).output_text == text
    assert_told(stack, calls=2)


async def test_media(stack: Stack, client: openai.AsyncOpenAI) -> None:
    sound = ("speech.mp3", bytes(50_000), "audio/mpeg")
    await asyncio.gather(
        client.images.generate(model="gpt-image-1", prompt="a mill"),
        client.images.edit(model="gpt-image-1", prompt="greyer", image=("p.png", b"\x89PNG", "image/png")),
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello"),
        client.audio.transcriptions.create(model="whisper-1", file=sound),
        client.embeddings.create(model="text-embedding-3-small", input="hello"),
        client.moderations.create(input="hello"),
    )
    assert_told(stack, calls=6)


async def test_a_client_that_leaves_a_stream_pays_what_the_provider_reports(
    stack: Stack, client: openai.AsyncOpenAI
) -> None:
    slowly: Any = {"demo": {"chunks": 60, "usage": {"input": 9, "output": 60}, "slow_chunk_s": 0.02}}
    stream = await client.chat.completions.create(
        model=MODEL, messages=said(1), stream=True, extra_body=slowly, user="leaver"
    )
    await anext(aiter(stream))
    await stream.close()
    (row,) = settled(stack).values()
    (told,) = stack.truth()
    assert_same(row, told)
    assert (row.customer, row.ending, row.usage) == ("leaver", "client_gone", {"input": 9, "output": 60})
