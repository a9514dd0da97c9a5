"""The real proxy, one for a module, over MiniStack and the demo provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests import functions
from tests.functions import acting_as
from tests.ministack import Deployment, deploy, ministack
from tests.processes import Server, app
from tests.real_proxy import at_rest, client_of, forget, proxy, stored
from tests.truth import LedgerRow, assert_books_balance, ledger_rows

UPSTREAM_TIMEOUT = 2  # seconds


@dataclass
class Gateway:
    """A gateway to call, and its books; the first `delivered` records of its ledger's stream are counted."""

    deployment: Deployment
    provider: Server
    proxy: Server
    delivered: int = 0

    def client(self) -> httpx2.AsyncClient:
        """A client with the key."""
        return client_of(self.proxy)

    def entry(self, answer: httpx2.Response) -> dict[str, Any]:
        """The ledger's item of an answered call."""
        return stored(self.deployment, answer.headers["x-litellm-call-id"])

    def entries(self) -> int:
        """How many entries there are."""
        return len(ledger_rows(self.deployment.dynamodb, self.deployment.tables.ledger))

    def balanced(self, customers: dict[str, str] | None = None) -> dict[str, LedgerRow]:
        """The recorder gets the stream; then truth, ledger and counters agree. The ledger."""
        truth = at_rest(self.provider)
        records = self.deployment.streamed()
        functions.deliver(functions.for_recorder(records[self.delivered :]))
        self.delivered = len(records)
        where = self.deployment.dynamodb, self.deployment.tables
        return assert_books_balance(*where, truth, customers=customers)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with app("local.demo.app:app", {}, tmp_path_factory.mktemp("demo") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def running(emulator: str, provider: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    deployment, log = deploy(emulator), tmp_path_factory.mktemp("proxy") / "log"
    limit = {"UPSTREAM_TIMEOUT_SECONDS": str(UPSTREAM_TIMEOUT), "UPSTREAM_RETRIES": "0"}
    with proxy(deployment, provider, log, changes=limit) as server:
        yield Gateway(deployment, provider, server)


@pytest.fixture
def gateway(running: Gateway) -> Iterator[Gateway]:
    """The gateway with a provider that remembers nothing; whatever happens, no traceback is logged."""
    forget(running.provider)
    with acting_as(running.deployment.environment):
        yield running
    assert "Traceback" not in running.proxy.said()


@pytest.fixture
def deployment(emulator: str) -> Iterator[Deployment]:
    """Tables of one test's own, where this process's functions find them."""
    one = deploy(emulator)
    with acting_as(one.environment):
        yield one
