"""A relay in itself: what is bounded, and that it always ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from typing import Any

import httpx2
import pytest

from tests.builders import chunk, decoded, sse, usage_report
from tests.fakes import Chunks
from tollgate.errors import HungUp, UpstreamTimeout, UpstreamUnreachable, body
from tollgate.records import Ending
from tollgate.relay import Relay, Terms, drained
from tollgate.usage.chat_stream import ChatMeter
from tollgate.usage.sse import EventStream

END = sse(chunk(None, usage=usage_report()), b"[DONE]")


class Booking:
    """What a relay is given to close its call with."""

    def __init__(self, error: Exception | None = None) -> None:
        self.endings: list[Ending] = []
        self._error = error

    async def __call__(self, ending: Ending) -> None:
        self.endings.append(ending)
        if self._error:
            raise self._error


def last_words(error: UpstreamUnreachable) -> bytes:
    return sse(body(error))


def answer(stream: Chunks) -> httpx2.Response:
    return httpx2.Response(200, stream=stream, request=httpx2.Request("POST", "http://provider.test"))


def terms(seconds: float = 60, drain_seconds: int = 60, *, silent: bool = False) -> Terms:
    deadline = asyncio.get_running_loop().time() + seconds
    return Terms(deadline, drain_seconds, None if silent else last_words)


def relay(pieces: Any, booking: Booking, **bounds: Any) -> Relay:
    return Relay(answer(Chunks(pieces)), EventStream(ChatMeter(asked=True)), booking, terms(**bounds))


async def received(one: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(2):
        return b"".join([piece async for piece in one])


async def test_the_stream_ends_only_after_the_call_is_booked() -> None:
    booking = Booking()
    async for _ in (one := relay([sse(chunk("Hi.")), END], booking)):
        pass
    assert booking.endings == ["finished"]
    assert await received(one) == b""  # and it stays ended


async def test_a_call_that_is_out_of_time_is_cut_and_its_client_told() -> None:
    booking = Booking()
    never = asyncio.Event()
    told = await received(relay([sse(chunk("Hi.")), never], booking, seconds=0.02))
    assert told.startswith(sse(chunk("Hi.")))
    assert decoded(told)[-1]["error"]["type"] == "upstream_timeout"
    assert booking.endings == ["timed_out"]


@pytest.mark.parametrize(
    ("piece", "kind"), [(httpx2.ReadError("reset"), HungUp), (asyncio.Event(), UpstreamTimeout)]
)
async def test_a_client_that_cannot_be_told_has_its_connection_broken(
    piece: Any, kind: type[UpstreamUnreachable]
) -> None:
    one = relay([sse(chunk("Hi.")), piece], Booking(), seconds=0.02, silent=True)
    with pytest.raises(kind):
        await received(one)


async def test_a_call_that_is_out_of_time_before_it_began_is_cut_too() -> None:
    booking = Booking()
    assert "error" in decoded(await received(relay([sse(chunk("Hi."))], booking, seconds=-1)))[-1]
    assert booking.endings == ["timed_out"]


async def test_a_call_that_is_out_of_time_is_booked_even_if_its_client_reads_nothing() -> None:
    booking = Booking()
    one = relay([sse(chunk(f"{n}")) for n in range(500)], booking, seconds=0.05)
    async with asyncio.timeout(2):
        while not booking.endings:  # noqa: ASYNC110 - nobody tells when a call is booked
            await asyncio.sleep(0.005)
    assert booking.endings == ["timed_out"]
    await one.aclose()


async def test_after_the_client_is_gone_the_provider_is_read_for_so_long_only() -> None:
    booking = Booking()
    one = relay([sse(chunk("Hi.")), asyncio.Event()], booking, drain_seconds=0)
    await anext(one)
    await one.aclose()
    async with asyncio.timeout(2):
        await drained()
    assert booking.endings == ["client_gone"]


async def test_a_slow_client_slows_the_provider_down_instead_of_filling_the_memory() -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for n in range(1000):
            read += 1
            yield sse(chunk(f"{n}"))
        yield END

    one = relay(pieces(), Booking())
    await anext(one)
    await asyncio.sleep(0.05)
    assert read < 100
    assert (await received(one)).endswith(b"[DONE]\n\n")
    assert read == 1000


@pytest.mark.parametrize("error", [ValueError("what nobody thought of"), OSError("disk")])
async def test_a_call_that_cannot_be_booked_ends_for_the_client_all_the_same(
    error: Exception, log: StringIO
) -> None:
    booking = Booking(error)
    assert (await received(relay([sse(chunk("Hi.")), END], booking))).endswith(b"[DONE]\n\n")
    assert str(error) in log.getvalue()


async def test_a_failure_of_our_own_while_reading_is_logged_booked_and_told(log: StringIO) -> None:
    booking = Booking()
    told = await received(relay([sse(chunk("Hi.")), ValueError("what nobody thought of")], booking))
    assert "error" in decoded(told)[-1]
    assert booking.endings == ["gateway_error"]
    assert "what nobody thought of" in log.getvalue()


async def test_closing_a_stream_twice_or_after_its_end_changes_nothing() -> None:
    booking = Booking()
    one = relay([sse(chunk("Hi.")), END], booking)
    await received(one)
    await one.aclose()
    await one.aclose()
    assert booking.endings == ["finished"]


async def test_the_providers_connection_is_given_back_however_the_stream_ends() -> None:
    for pieces in ([END], [httpx2.ReadError("reset")], [asyncio.Event()]):
        stream = Chunks(pieces)
        events = EventStream(ChatMeter(asked=True))
        await received(Relay(answer(stream), events, Booking(), terms(0.02)))
        assert stream.closed


async def test_a_process_that_ends_waits_for_the_streams_whose_clients_are_gone() -> None:
    booking = Booking()
    one = relay([sse(chunk(f"{n}")) for n in range(200)] + [END], booking)
    await anext(one)
    await one.aclose()
    await drained()
    assert booking.endings == ["client_gone"]
