"""A gateway in this process whose requests to store and provider are noted, each answer held back."""

import time
from typing import Any, Final, NamedTuple

import httpx2
import msgspec
from pydantic import SecretStr

from bench import rules, timeline
from bench.metered import Metered
from bench.processes import KEY
from bench.stack import RETENTION_DAYS, Tables, aws_settings
from tollgate.admission.admission import Admission, Terms
from tollgate.admission.policy import Policies, Stores
from tollgate.endpoints.table import CHAT
from tollgate.gateway import Choices, Gateway, Parts
from tollgate.keys import Keys
from tollgate.ledger import Ledger
from tollgate.models import load_models
from tollgate.relay import drained
from tollgate.secret_values import Secrets
from tollgate.settings import (
    AccessSettings,
    CustomerSettings,
    LimitSettings,
    ProxySettings,
    ReportingSettings,
)
from tollgate.storage.aws import DYNAMODB, SECRETS_MANAGER, SQS, AwsClient
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.upstream.client import Upstream

HOLD: Final = 0.05  # seconds
_HEADERS: Final = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}


class Measured(NamedTuple):
    """One call: units as the store says and by the rules, the ledger's item sizes, what came when."""

    written: float
    ruled: int
    read: float
    sizes: list[int]
    order: timeline.Order
    timeline: list[tuple[str, str, str]]


class Watched:
    """The gateway; one per event loop."""

    def __init__(self, tables: Tables) -> None:
        self._exchanges: list[timeline.Exchange] = []
        http = httpx2.AsyncClient(transport=timeline.Timeline(self._exchanges, "store", HOLD))
        self._database = Metered(AwsClient(http, aws_settings(), DYNAMODB))
        self._gateway = self._build(http, tables)

    async def measure(self, extra: dict[str, Any], customer: str) -> Measured:
        """A call with these fields for this customer, once connections and caches are warm."""
        await self._call(extra, customer)
        self._database.forget()
        self._exchanges.clear()
        start = time.perf_counter()
        await self._call(extra, customer)
        return self._measured(start)

    def _measured(self, start: float) -> Measured:
        return Measured(
            written=self._database.said_written,
            ruled=self._database.ruled_puts(),
            read=self._database.said_read,
            sizes=[rules.item_size(item) for item in self._database.puts],
            order=timeline.order(self._exchanges, "store", "provider"),
            timeline=list(timeline.in_milliseconds(self._exchanges, start)),
        )

    async def _call(self, extra: dict[str, Any], customer: str) -> None:
        message = {"role": "user", "content": "What does the bridge weigh?"}
        body = {"model": "gpt-4o-mini", "messages": [message], "user": customer, **extra}
        answer = await self._gateway.call(CHAT, _HEADERS, msgspec.json.encode(body))
        if not isinstance(answer.body, bytes):
            async for _ in answer.body:
                pass
        await drained()

    def _build(self, http: httpx2.AsyncClient, tables: Tables) -> Gateway:
        table = LedgerTable(self._database, tables.ledger, retention_days=RETENTION_DAYS)
        secrets = Secrets(AwsClient(http, aws_settings(), SECRETS_MANAGER))
        provider = timeline.Timeline(self._exchanges, "provider", HOLD)
        limits = LimitSettings(policy_ttl_seconds=60)
        parts = Parts(
            keys=Keys(
                AccessSettings(tollgate_master_key=SecretStr(KEY)),
                secrets,
                KeysTable(self._database, tables.keys),
                limits.policy_ttl_seconds,
            ),
            policies=Policies(_stores(self._database, tables), limits, "UTC"),
            admission=Admission.over(
                self._database, CountersTable(self._database, tables.counters), table, Terms("UTC", 960)
            ),
            models=load_models(),
            secrets=secrets,
            ledger=Ledger(table, AwsClient(http, aws_settings(), SQS), ""),
            upstream=Upstream(ProxySettings(), transport=provider),
        )
        return Gateway(parts, Choices(ProxySettings(), CustomerSettings(), ReportingSettings()))


def _stores(database: Database, tables: Tables) -> Stores:
    return Stores(
        CustomersTable(database, tables.customers),
        BudgetsTable(database, tables.budgets),
        KeysTable(database, tables.keys),
    )
