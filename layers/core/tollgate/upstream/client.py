"""The call to the provider: one keep-alive pool, timeouts, and a retry only while nothing has been sent."""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies

import httpx2

from tollgate.errors import HungUp, NotReached, UpstreamTimeout
from tollgate.settings import ProxySettings
from tollgate.wire.transport import KeepAlive

# Keep-alive connections outlive a pause between two calls; a provider that closes one is noticed by the pool.
_IDLE: Final = 300  # seconds
_LIMITS: Final = httpx2.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=_IDLE)
_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,  # and all that is wrong with a URL or a header before it leaves
    httpx2.LocalProtocolError,
)


Deadline = float  # on the event loop's clock, in seconds


@dataclass(frozen=True, slots=True)
class Shipment:
    """A request as the provider gets it."""

    url: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


class Upstream:
    """Sends requests to providers. Raises NotReached, HungUp, UpstreamTimeout; never for a status."""

    def __init__(
        self, settings: ProxySettings, *, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        timeout = httpx2.Timeout(
            settings.upstream_timeout_seconds, connect=settings.upstream_connect_timeout_seconds
        )
        self._http = httpx2.AsyncClient(
            limits=_LIMITS, timeout=timeout, follow_redirects=False, transport=transport or _direct()
        )
        self._retries = settings.upstream_retries

    async def send(self, shipment: Shipment, deadline: Deadline) -> httpx2.Response:
        """The provider's answer with its body still to be read; the caller closes it."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._send(shipment)
        except TimeoutError as error:
            raise UpstreamTimeout("The provider did not answer within the time allowed.") from error

    async def _send(self, shipment: Shipment) -> httpx2.Response:
        request = self._http.build_request(
            shipment.method, shipment.url, headers=shipment.headers, content=shipment.body
        )
        for attempt in range(self._retries + 1):
            try:
                return await self._http.send(request, stream=True)
            except _NOT_SENT as error:
                if attempt == self._retries:
                    raise NotReached(
                        f"The provider could not be reached ({type(error).__name__})."
                    ) from error
                await asyncio.sleep(0.1 * 2**attempt)
            except httpx2.TimeoutException as error:
                raise UpstreamTimeout("The provider did not answer within the time allowed.") from error
            except httpx2.TransportError as error:
                raise HungUp("The provider closed the connection without an answer.") from error
        raise AssertionError("the loop above returns or raises")

    async def aclose(self) -> None:
        """Close the pool."""
        await self._http.aclose()


def _direct() -> KeepAlive | None:
    """Our transport, unless the environment names proxies, which only httpx2's own knows how to use."""
    return None if getproxies() else KeepAlive(keepalive_expiry=_IDLE)
