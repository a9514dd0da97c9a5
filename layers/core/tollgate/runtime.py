"""What a warm process keeps between calls: an event loop for sync handlers, and one set of services per loop.

A connection belongs to the event loop it was opened in, so `services()` answers with the set of the loop it
is called in: uvicorn's or Mangum's for the proxy, the background loop of `run` for every other function.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock, Thread
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import httpx2

from tollgate.settings import aws_settings, storage_settings
from tollgate.storage.audit import AuditTable
from tollgate.storage.aws import DYNAMODB, SECRETS_MANAGER, SQS, AwsClient
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.directory import Directory
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.refusals import RefusalCounters
from tollgate.storage.tag_names import TagNames
from tollgate.wire.transport import KeepAlive

T = TypeVar("T")

# A TLS handshake costs more than an idle socket; one that AWS closed meanwhile is noticed before it is used.
_IDLE: Final = 60  # seconds


@dataclass(frozen=True, slots=True)
class Services:
    """AWS as one event loop uses it, over one pool of keep-alive connections."""

    http: httpx2.AsyncClient
    database: Database
    ledger: LedgerTable
    counters: CountersTable
    customers: CustomersTable
    directory: Directory
    budgets: BudgetsTable
    keys: KeysTable
    audit: AuditTable
    tags: TagNames
    refusals: RefusalCounters
    dead_letters: AwsClient
    secrets: AwsClient


_by_loop: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Services]] = WeakKeyDictionary()
_lock: Final = Lock()


def services() -> Services:
    """Return the services of the running loop, built on first use. Raises RuntimeError outside a loop."""
    loop = asyncio.get_running_loop()
    with _lock:
        found = _by_loop.get(loop)
        if found is None:
            found = _by_loop[loop] = _build()
    return found


async def close_services() -> None:
    """Close the connections of the running loop; the next `services()` opens new ones."""
    with _lock:
        found = _by_loop.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.http.aclose()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the process's background loop and wait for it; callable from any thread.

    One loop for all calls keeps connections warm; a thread of its own lets several callers wait at once.
    """
    with _lock:
        loop = _background()
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


def _build() -> Services:
    aws, names = aws_settings(), storage_settings()
    # Proxies of the environment are for the way out to providers, never for AWS or an emulator on loopback.
    http = httpx2.AsyncClient(transport=KeepAlive(keepalive_expiry=_IDLE, repeats=True), trust_env=False)
    database = Database(AwsClient(http, aws, DYNAMODB))
    return Services(
        http=http,
        database=database,
        ledger=LedgerTable(database, names.ledger_table, retention_days=names.ledger_retention_days),
        counters=CountersTable(database, names.counters_table),
        customers=CustomersTable(database, names.customers_table),
        directory=Directory(database, names.customers_table),
        budgets=BudgetsTable(database, names.budgets_table),
        keys=KeysTable(database, names.keys_table),
        audit=AuditTable(database, names.audit_table),
        tags=TagNames(database, names.counters_table),
        refusals=RefusalCounters(database, names.counters_table),
        dead_letters=AwsClient(http, aws, SQS),
        secrets=AwsClient(http, aws, SECRETS_MANAGER),
    )


@lru_cache(maxsize=1)
def _background() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="tollgate-loop", daemon=True).start()
    return loop
