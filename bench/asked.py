"""The functions behind the API in this process, asked with API Gateway's events, every read noted."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import httpx2

from bench.processes import KEY, ROOT
from bench.reads import Exchange, in_sequence, read_units
from local import rest_event
from local.invocation import LambdaFunction
from local.routing import Routes
from local.template import Template
from tollgate import runtime
from tollgate.money import loads

_HOLD: Final = 0.03  # seconds
_PATIENCE: Final = 120.0  # seconds for MiniStack, which answers one request after another


class Read(NamedTuple):
    """What one answer took: round trips in sequence and in all, read units, bytes read and answered."""

    status: int
    in_sequence: int
    requests: int
    units: float
    read: int
    answered: int


class Timed(NamedTuple):
    """How long one answer took, and the processor time of it, in milliseconds."""

    elapsed: float
    cpu: float


class Noting(httpx2.AsyncBaseTransport):
    """With a `hold`, notes each exchange and answers so many seconds later: it shows what waits for what."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.exchanges: list[Exchange] = []
        self.hold = 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, hold, note."""
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), _PATIENCE)
        sent = time.perf_counter()
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        if self.hold:
            await asyncio.sleep(self.hold)
            operation = request.headers["x-amz-target"].rpartition(".")[2]
            bodies = loads(request.content), loads(content)
            self.exchanges.append(Exchange(sent, time.perf_counter(), operation, *bodies, len(content)))
        return response


class Asked:
    """Every GET route of a template, over the store that the environment names."""

    def __init__(self, described: Template, environment: Mapping[str, str]) -> None:
        os.environ.update(environment)
        sys.path.insert(0, str(ROOT / "functions"))
        self._routes = Routes(described.routes())
        self._functions = {name: LambdaFunction(one) for name, one in described.functions().items()}
        self._noting = runtime.run(_noted())

    def get(self, path: str, parameters: Mapping[str, str]) -> rest_event.Response:
        """One answer, which may be a refusal. Raises RuntimeError for no such route, or a failure."""
        match = self._routes.match("GET", path)
        if match is None:
            raise RuntimeError(f"template.yaml routes no GET {path}")
        text = urlencode(parameters, quote_via=quote)
        headers = (("authorization", f"Bearer {KEY}"),)
        route, values = match.route, match.parameters
        asked = rest_event.Request("GET", path, text, headers, resource=route.path, parameters=values)
        answer = rest_event.response(self._functions[route.function].invoke(rest_event.event(asked)))
        if httpx2.codes.is_server_error(answer.status):
            raise RuntimeError(f"{path}?{text} answers {answer.status}: {answer.body[:500]!r}")
        return answer

    def forget(self) -> None:
        """Begin as a new execution environment does, with nothing remembered."""
        runtime.run(runtime.close_services())
        self._noting = runtime.run(_noted())

    def read(self, path: str, parameters: Mapping[str, str]) -> Read:
        """What an answer reads."""
        self._noting.exchanges.clear()
        self._noting.hold = _HOLD
        answer = self.get(path, parameters)
        self._noting.hold = 0
        exchanges = list(self._noting.exchanges)
        read = sum(one.size for one in exchanges)
        return Read(
            answer.status,
            in_sequence(exchanges),
            len(exchanges),
            runtime.run(_units(exchanges)),
            read,
            len(answer.body),
        )

    def time(self, path: str, parameters: Mapping[str, str]) -> Timed:
        """How long an answer takes."""
        began, used = time.perf_counter(), time.process_time()
        self.get(path, parameters)
        return Timed((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)


async def _noted() -> Noting:
    """Put what notes into the services that the functions are given."""
    http = runtime.services().http
    noting = Noting(http._transport)  # noqa: SLF001 - what is measured is the functions' own client
    http._transport = noting  # noqa: SLF001 - the same
    return noting


async def _units(exchanges: Sequence[Exchange]) -> float:
    return await read_units(runtime.services().database, exchanges)
