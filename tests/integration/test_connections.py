"""Real connections, by uvicorn: sounds that pass as they come, and clients and providers that leave."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import uvicorn

from proxy.api import api
from proxy.wiring import gateway as wired
from tests.builders import answers, chat_body, completion, streamed
from tests.calling import KEY, only
from tests.fakes import FakeProvider, Respond
from tests.stack import Stack
from tollgate.records import Usage
from tollgate.relay import drained

SPEECH = {"model": "tts-1", "input": "hello"}


class Slow(httpx2.AsyncByteStream):
    """A body with a pause before each piece."""

    def __init__(self, *pieces: bytes | Exception, gap: float = 0.3) -> None:
        self._pieces, self._gap = pieces, gap

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await asyncio.sleep(self._gap)
            if isinstance(piece, Exception):
                raise piece
            yield piece


@pytest.fixture(autouse=True)
def key_of_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway of this process serves OpenAI's models; the provider is the test's."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-provider")


@pytest.fixture
def stack() -> Stack:
    return Stack.over()


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider(answers())


@pytest.fixture
async def client(stack: Stack, provider: FakeProvider) -> AsyncIterator[httpx2.AsyncClient]:
    gateway = stack.gateway(provider)
    api.dependency_overrides[wired] = lambda: gateway
    server = uvicorn.Server(uvicorn.Config(api, port=0, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=KEY, trust_env=False) as ours:
        yield ours
    server.should_exit = True
    await serving
    api.dependency_overrides.clear()


def says(kind: str, *pieces: Any, gap: float = 0.3) -> list[Respond | Exception]:
    return [lambda _: httpx2.Response(200, headers={"content-type": kind}, stream=Slow(*pieces, gap=gap))]


async def test_a_sound_passes_as_it_comes(
    client: httpx2.AsyncClient, provider: FakeProvider, stack: Stack
) -> None:
    provider.answers = says("audio/mpeg", b"a" * 1000, b"b" * 1000, b"c" * 1000)
    began = time.monotonic()
    async with client.stream("POST", "/v1/audio/speech", json=SPEECH) as answer:
        came = [(time.monotonic() - began, len(data)) async for data in answer.aiter_raw()]
    assert [size for _, size in came] == [1000] * 3
    assert came[-1][0] - came[0][0] > 0.5
    assert (only(stack).ending, only(stack).usage) == ("finished", Usage(characters=5))


async def test_a_sound_that_breaks_off_cannot_be_taken_for_a_whole_one(
    client: httpx2.AsyncClient, provider: FakeProvider, stack: Stack
) -> None:
    provider.answers = says("audio/mpeg", b"a" * 1000, httpx2.ReadError("gone"))
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post("/v1/audio/speech", json=SPEECH)
    assert only(stack).ending == "upstream_cut"


async def test_a_client_that_leaves_before_the_first_byte_is_charged_what_is_reported(
    client: httpx2.AsyncClient, provider: FakeProvider, stack: Stack
) -> None:
    provider.answers = says("text/event-stream", streamed("Hello", "there"), gap=1)
    with pytest.raises(httpx2.TimeoutException):
        await client.post("/v1/chat/completions", json=chat_body(stream=True), timeout=0.3)
    await _settled(provider)
    assert (only(stack).ending, only(stack).usage) == ("client_gone", Usage(input=10, output=5))


async def test_a_client_that_leaves_a_call_that_is_not_streamed_is_charged_what_is_reported(
    client: httpx2.AsyncClient, provider: FakeProvider, stack: Stack
) -> None:
    from tollgate.money import dumps  # noqa: PLC0415 - beside its only use

    provider.answers = says("application/json", dumps(completion()), gap=1)
    with pytest.raises(httpx2.TimeoutException):
        await client.post("/v1/chat/completions", json=chat_body(), timeout=0.3)
    await _settled(provider)
    assert (only(stack).ending, only(stack).usage) == ("finished", Usage(input=10, output=5))


async def _settled(provider: FakeProvider) -> None:
    """The provider has said all, and the call is booked."""
    assert len(provider.requests) == 1
    await asyncio.sleep(1.2)
    await drained()
