"""The proxy's app over fakes, as callers reach it, with customers who may spend and some who may not."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.builders import MASTER_KEY
from tests.contract.callers import Callers
from tests.contract.wire import answered, body_of, session, text_of
from tests.fakes import LEDGER, Respond
from tests.key_ring import put
from tests.proxying import Proxying, proxying
from tests.stack import Stack
from tollgate.limits import Limits
from tollgate.models import load_models
from tollgate.storage.customers import Customer, Profile

USAGE_KEY: Final = "sk-of-a-reader"


class ToApp(HTTPAdapter):
    """A transport to an ASGI app, in an event loop of its own."""

    def __init__(self, runner: asyncio.Runner, proxy: Proxying) -> None:
        super().__init__()
        self._runner = runner
        self._proxy = proxy

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """The app's answer, whole; what was booked before is forgotten, or the fakes would grow slow."""
        self._proxy.provider.requests.clear()
        self._proxy.stack.aws.calls.clear()
        self._proxy.stack.aws.dynamodb.tables[LEDGER].partitions.clear()
        headers = {name: text_of(value) for name, value in request.headers.items()}
        sent = self._proxy.client.build_request(
            str(request.method), str(request.url), headers=headers, content=body_of(request)
        )
        got = self._runner.run(self._proxy.client.send(sent))
        return answered(request, got.status_code, got.headers.multi_items(), got.content)


@contextmanager
def calling(provider: Respond) -> Iterator[Callers]:
    """Callers of a proxy whose provider answers like that."""
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as environment:
        for name in _keys_of_providers():
            environment.setenv(name, "sk-of-a-provider")
        environment.setenv("AWS_LAMBDA_FUNCTION_NAME", "proxy")
        around = AsyncExitStack()
        proxy = runner.run(_entered(around, provider))
        to_app = ToApp(runner, proxy)
        yield Callers(*(session(to_app, key) for key in (MASTER_KEY, USAGE_KEY, "")))
        runner.run(around.aclose())


async def _entered(around: AsyncExitStack, provider: Respond) -> Proxying:
    entering = proxying(provider, upstream_retries=0, allow_unpriced=True)
    proxy = await around.enter_async_context(entering)
    await put(proxy.stack, USAGE_KEY, scopes=("usage:read",))
    await _customer(proxy.stack, "acme", limits=Limits(max_budget=Decimal(1000), rpm_limit=10**6))
    await _customer(proxy.stack, "broke", limits=Limits(max_budget=Decimal(0)))
    await _customer(proxy.stack, "slow", limits=Limits(rpm_limit=0))
    await _customer(proxy.stack, "out", blocked=True)
    return proxy


async def _customer(stack: Stack, customer_id: str, **profile: Any) -> None:
    made = Customer(customer_id, created_at=datetime.now(UTC), profile=Profile(**profile))
    await stack.database.transact([stack.customers.create(made)])


def _keys_of_providers() -> Iterator[str]:
    return (provider.key for provider in load_models().providers.values() if provider.key)
