"""The store behind a bad network: each call to the emulator passes, or meets what was planned for it."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from threading import Thread
from typing import Any, Final

import httpx2
import msgspec

from tests.processes import HOST

_GIVEN_UP: Final = 30.0  # seconds: longer than any client here waits for an answer


class Fate(Enum):
    """What becomes of one call."""

    PASSES = auto()
    THROTTLED = auto()  # refused, and not applied
    FAILS = auto()  # 500, and not applied
    DROPPED = auto()  # the connection closes, and it is not applied
    SILENT = auto()  # no answer, and it is not applied
    LOST = auto()  # applied, and the connection closes
    LATE = auto()  # applied, and no answer
    CONFLICTS = auto()  # a transaction cancelled by a concurrent one, and not applied
    SLOW = auto()  # forwarded after half a second, whatever has become of the caller by then


_UNAPPLIED: Final = {Fate.THROTTLED, Fate.FAILS, Fate.DROPPED, Fate.SILENT, Fate.CONFLICTS}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to AWS, as it was sent."""

    target: str
    body: bytes

    @property
    def kind(self) -> str:
        """What it means to Tollgate: open, close, count, spill, or the operation's name."""
        return kind_of(self.target, self.body)


def kind_of(target: str, body: bytes) -> str:
    """What a call means to Tollgate: open, close, count, spill, or the operation's name."""
    operation = target.rpartition(".")[2]
    if operation == "PutItem":
        state = msgspec.json.decode(body)["Item"].get("state", {}).get("S", "")
        return {"open": "open", "closed": "close"}.get(state, operation)
    return {"TransactWriteItems": "count", "SendMessage": "spill"}.get(operation, operation)


class BadStore:
    """Forwards calls to the emulator; `next` plans the coming calls of a kind, `always` all of them."""

    def __init__(self, emulator_url: str) -> None:
        self.url = ""
        self.seen: list[str] = []
        self.next: dict[str, deque[Fate]] = defaultdict(deque)
        self.always: dict[str, Fate] = {}
        self._emulator_url = emulator_url

    def plan(self, kind: str, *fates: Fate) -> None:
        """What the next calls of a kind meet."""
        self.next[kind].extend(fates)

    def behave(self) -> None:
        """No more faults, and nothing seen."""
        self.next.clear()
        self.always.clear()
        self.seen.clear()

    async def serve(self, ready: asyncio.Event, end: asyncio.Event) -> None:
        """Listen until told to end."""
        async with httpx2.AsyncClient(trust_env=False, timeout=_GIVEN_UP) as emulator:
            server = await asyncio.start_server(lambda *pipes: self._connection(emulator, *pipes), HOST, 0)
            self.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
            ready.set()
            await end.wait()
            server.close()

    async def _connection(
        self, emulator: httpx2.AsyncClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while answer := await self._meet(emulator, await _read(reader)):
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def _meet(self, emulator: httpx2.AsyncClient, call: Call) -> bytes:
        """The answer to a call; empty when its connection is to be closed."""
        kind = call.kind
        planned = self.next[kind]
        fate = planned.popleft() if planned else self.always.get(kind, self.always.get("*", Fate.PASSES))
        self.seen.append(f"{kind} {fate.name}")
        if fate is Fate.SLOW:
            await asyncio.sleep(0.5)
        answer = b"" if fate in _UNAPPLIED else await self._forward(emulator, call)
        match fate:
            case Fate.THROTTLED:
                return _refusal(400, "ThrottlingException")
            case Fate.FAILS:
                return _refusal(500, "InternalServerError")
            case Fate.CONFLICTS:
                return _conflict(call)
            case Fate.SILENT | Fate.LATE:
                await asyncio.sleep(_GIVEN_UP)
            case Fate.PASSES | Fate.SLOW:
                return answer
        return b""

    async def _forward(self, emulator: httpx2.AsyncClient, call: Call) -> bytes:
        headers = {"x-amz-target": call.target, "content-type": "application/x-amz-json-1.0"}
        response = await emulator.post(self._emulator_url, content=call.body, headers=headers)
        return _answer(response.status_code, response.content)


@contextmanager
def bad_store(emulator_url: str) -> Iterator[BadStore]:
    """A store that does what is planned, on an event loop of its own."""
    store = BadStore(emulator_url)
    loop = asyncio.new_event_loop()
    ready, end = asyncio.Event(), asyncio.Event()
    thread = Thread(target=_run, args=(loop, store.serve(ready, end)), daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(ready.wait(), loop).result(10)
    try:
        yield store
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


def _run(loop: asyncio.AbstractEventLoop, coroutine: Any) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(coroutine)


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Call(headers["x-amz-target"], body)


def _answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d -\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: %d\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )


def _refusal(status: int, code: str, **more: Any) -> bytes:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "as planned", **more}
    return _answer(status, msgspec.json.encode(body))


def _conflict(call: Call) -> bytes:
    actions = len(msgspec.json.decode(call.body)["TransactItems"])
    reasons = [{"Code": "None"}] * (actions - 1) + [{"Code": "TransactionConflict"}]
    return _refusal(400, "TransactionCanceledException", CancellationReasons=reasons)
