"""The proxy's app over fakes, called as a client would; `exchange` is a client that may hang up."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.requests import ClientDisconnect

from proxy.api import api
from proxy.wiring import gateway
from tests.builders import MASTER_KEY, answers, chat_body
from tests.fakes import LEDGER, FakeProvider
from tests.stack import Stack
from tollgate.money import dumps
from tollgate.records import Entry, SpendEvent
from tollgate.storage.codec import from_item
from tollgate.storage.ledger import parse

AUTHORIZED = {"authorization": f"Bearer {MASTER_KEY}", "content-type": "application/json"}
PATH = "/v1/chat/completions"


@dataclass
class Proxying:
    """One deployment's proxy in memory, with its provider and its ledger at hand."""

    client: httpx2.AsyncClient
    stack: Stack
    provider: FakeProvider

    async def chat(self, body: Any = None, path: str = PATH, **headers: str) -> httpx2.Response:
        """A chat call, with the master key; an underscore in a header's name stands for a dash."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else dumps(chat_body() if body is None else body)
        return await self.client.post(path, content=content, headers=AUTHORIZED | named)

    @property
    def entries(self) -> list[Entry | SpendEvent]:
        """The ledger."""
        return [parse(from_item(item)) for item in self.stack.aws.items(LEDGER)]

    @property
    def event(self) -> SpendEvent:
        """The one spend event there is."""
        (found,) = self.entries
        assert isinstance(found, SpendEvent), "the entry is still open"
        return found

    @property
    def sent(self) -> Any:
        """The body that the provider got."""
        (request,) = self.provider.requests
        return json.loads(request.content)


@asynccontextmanager
async def proxying(*provider: Any, **choices: Any) -> AsyncIterator[Proxying]:
    """A proxy in front of a provider that answers as told; choices are those of `Stack.gateway`."""
    stack, fake = Stack.over(), FakeProvider(*(provider or (answers(),)))
    one = stack.gateway(fake, **choices)
    api.dependency_overrides[gateway] = lambda: one
    transport = httpx2.ASGITransport(app=api, raise_app_exceptions=False)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            yield Proxying(client, stack, fake)
    finally:
        api.dependency_overrides.clear()


@dataclass
class Client:
    """A client at the other end of ASGI: takes so many events of the answer, and hangs up."""

    body: bytes
    takes: int = 1000
    spec: str = "2.3"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    pieces: list[bytes] = field(default_factory=list)

    async def call(self, path: str = PATH) -> bytes:
        """Call the proxy; what was received by the time of hanging up, or in all."""
        self._gone = asyncio.Event()
        self._asked = False
        if not self.takes:
            self._gone.set()
        named = [(name.encode(), value.encode()) for name, value in (AUTHORIZED | dict(self.headers)).items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": self.spec},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": named,
            "server": ("gateway.test", 80),
        }
        async with asyncio.timeout(5):
            await _silently(api(scope, self._receive, self._send))
        return b"".join(self.pieces)

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await asyncio.sleep(0)
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if self._gone.is_set():
            if self.spec >= "2.4":
                raise OSError("the client is gone")
            return
        if message.get("body"):
            self.pieces.append(message["body"])
        if b"".join(self.pieces).count(b"\n\n") >= self.takes:
            self._gone.set()


async def _silently(call: Any) -> None:
    """Run the app as a server does: that its client is gone is nobody's failure."""
    try:
        await call
    except ClientDisconnect:
        return


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for at most two seconds."""
    async with asyncio.timeout(2):
        while not holds():  # noqa: ASYNC110 - what is waited for knows nothing of being waited for
            await asyncio.sleep(0.001)


def told(answer: httpx2.Response) -> tuple[int, str, Any]:
    """Status, type and parameter of an error; its envelope is checked on the way."""
    assert answer.headers["content-type"] == "application/json"
    (name, error) = next(iter(answer.json().items()))
    assert (name, error.keys()) == ("error", {"message", "type", "param", "code"})
    assert error["code"] == str(answer.status_code)
    assert error["message"]
    assert "Traceback" not in answer.text
    return answer.status_code, error["type"], error["param"]


def untouched(proxy: Proxying) -> bool:
    """Nothing was called, and nothing written."""
    return proxy.provider.requests == [] and proxy.entries == []
