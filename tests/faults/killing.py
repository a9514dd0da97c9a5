"""A process that kills itself at an exact point of an HTTP call: nothing is flushed, closed or awaited."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Literal

import httpx2

from tests.faults.store import kind_of

When = Literal["never", "before", "sent", "answered", "midway", "read"]
Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]


class Killer:
    """Kills at one call of a kind: before it is sent, once it is on the wire, or once it is answered.

    For a provider's answer there are two points more: midway in the body, and when all of it is read.
    """

    def __init__(self, kind: str, when: str, number: int) -> None:
        self._kind = kind
        self._when = when
        self._left = number

    def watch(self, http: httpx2.AsyncClient) -> None:
        """Watch a client of AWS's."""
        http.event_hooks = {"request": [self._aws_request], "response": [self._aws_response]}

    async def _aws_request(self, request: httpx2.Request) -> None:
        kind = kind_of(request.headers["x-amz-target"], request.content)
        self.about_to_send(kind, request)

    async def _aws_response(self, response: httpx2.Response) -> None:
        self.reached("answered", response.request)

    def about_to_send(self, kind: str, request: httpx2.Request) -> None:
        """Count a call, and watch it when it is the one."""
        if kind != self._kind:
            return
        self._left -= 1
        if self._left == 0:
            request.extensions["tollgate.killed"] = True
            self.reached("before", request)
            request.extensions["trace"] = self._traced(request, request.extensions.get("trace"))

    def reached(self, when: When, request: httpx2.Request) -> None:
        """Die here, if here is the place."""
        if when == self._when and "tollgate.killed" in request.extensions:
            os.kill(os.getpid(), signal.SIGKILL)

    def _traced(self, request: httpx2.Request, inner: Trace | None) -> Trace:
        async def trace(name: str, info: Mapping[str, Any]) -> None:
            if name.endswith("send_request_body.complete"):
                self.reached("sent", request)
            if inner is not None:
                await inner(name, info)

        return trace


class KillingTransport(httpx2.AsyncBaseTransport):
    """The way to the provider, on which the process may die."""

    def __init__(self, killer: Killer, way: httpx2.AsyncBaseTransport) -> None:
        self._killer = killer
        self._way = way

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, unless that is the end."""
        self._killer.about_to_send("upstream", request)
        response = await self._way.handle_async_request(request)
        self._killer.reached("answered", request)
        response.stream = _Body(response.stream, lambda when: self._killer.reached(when, request))
        return response


class _Body(httpx2.AsyncByteStream):
    def __init__(self, inner: Any, reached: Callable[[When], None]) -> None:
        self._inner = inner
        self._reached = reached

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk
            self._reached("midway")
        self._reached("read")

    async def aclose(self) -> None:
        await self._inner.aclose()
