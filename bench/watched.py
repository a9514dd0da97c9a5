"""A gateway in this process whose requests to store and provider are noted, each answer held back."""

import time
from collections.abc import Mapping
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
from tollgate.errors import BudgetExceeded
from tollgate.gateway import Choices, Gateway, Parts
from tollgate.keys import Caller, Keys
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
from tollgate.storage.keys import Key, KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.refusals import RefusalCounters
from tollgate.tally import RefusalTally
from tollgate.upstream.client import Upstream

_TTL: Final = 60  # seconds
HOLD: Final = 0.05  # seconds
_HEADERS: Final = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
_WARM: Final = LimitSettings(policy_ttl_seconds=60)


class Measured(NamedTuple):
    """One call: units as the store says and by the rules, item sizes, what came when, and its id.

    `sizes` are of what the ledger put, `wallets` of what limits updated; a call that was refused has no id.
    """

    written: float
    ruled: int
    read: float
    sizes: list[int]
    wallets: list[int]
    order: timeline.Order
    timeline: list[tuple[str, str, str]]
    request_id: str


class Watched:
    """The gateway; one per event loop."""

    def __init__(self, tables: Tables, limits: LimitSettings = _WARM, key: Key | None = None) -> None:
        self._exchanges: list[timeline.Exchange] = []
        http = httpx2.AsyncClient(transport=timeline.Timeline(self._exchanges, "store", HOLD))
        self._database = Metered(AwsClient(http, aws_settings(), DYNAMODB))
        self._limits = limits
        self._key = key
        self._gateway = self._build(http, tables)

    async def measure(self, extra: dict[str, Any], customer: str, *, warm: bool = True) -> Measured:
        """A call with these fields for this customer, once connections and caches are warm."""
        if warm:
            await self._call(extra, customer)
            await self._gateway.close()  # what a refusal leaves to write is written beside later calls
        self._database.forget()
        self._exchanges.clear()
        start = time.perf_counter()
        request_id = await self._call(extra, customer)
        return await self._measured(start, request_id)

    async def _measured(self, start: float, request_id: str) -> Measured:
        of = self._database
        written, read, order = of.said_written, of.said_read, list(self._exchanges)
        return Measured(
            written=written,
            ruled=of.ruled_puts() + of.ruled_updates() + await of.ruled_transactions(),
            read=read,
            sizes=[rules.item_size(item) for item in of.puts],
            wallets=list(of.updates),
            order=timeline.order(order, "store", "provider"),
            timeline=list(timeline.in_milliseconds(order, start)),
            request_id=request_id,
        )

    async def _call(self, extra: dict[str, Any], customer: str) -> str:
        """The call's id; "" when a limit refused it."""
        message = {"role": "user", "content": "What does the bridge weigh?"}
        body = {"model": "gpt-4o-mini", "messages": [message], "user": customer, **extra}
        try:
            answer = await self._gateway.call(CHAT, _HEADERS, msgspec.json.encode(body))
        except BudgetExceeded:
            return ""
        if not isinstance(answer.body, bytes):
            async for _ in answer.body:
                pass
        await drained()
        return answer.headers["x-litellm-call-id"]

    def _build(self, http: httpx2.AsyncClient, tables: Tables) -> Gateway:
        table = LedgerTable(self._database, tables.ledger, retention_days=RETENTION_DAYS)
        secrets = Secrets(AwsClient(http, aws_settings(), SECRETS_MANAGER))
        provider = timeline.Timeline(self._exchanges, "provider", HOLD)
        counters = CountersTable(self._database, tables.counters)
        unmetered = Database(AwsClient(http, aws_settings(), DYNAMODB))  # written after a call, not for it
        parts = Parts(
            keys=_Known(secrets, KeysTable(self._database, tables.keys), self._key),
            policies=Policies(_stores(self._database, tables), self._limits, "UTC"),
            admission=Admission.over(self._database, counters, table, Terms("UTC", 960)),
            models=load_models(),
            secrets=secrets,
            ledger=Ledger(table, AwsClient(http, aws_settings(), SQS), ""),
            upstream=Upstream(ProxySettings(), transport=provider),
            refusals=RefusalTally(RefusalCounters(unmetered, tables.counters), "UTC"),
        )
        return Gateway(parts, Choices(ProxySettings(), CustomerSettings(), ReportingSettings()))


class _Known(Keys):
    """Lets everybody in as the holder of a key that was read before: None is the master."""

    def __init__(self, secrets: Secrets, table: KeysTable, key: Key | None) -> None:
        super().__init__(AccessSettings(tollgate_master_key=SecretStr(KEY)), secrets, table, _TTL)
        self._key = key

    async def authenticate(self, headers: Mapping[str, str], source: str = "") -> Caller:
        """The caller of the key, if there is one."""
        caller, key = await super().authenticate(headers, source), self._key
        return Caller(key.key_id, frozenset(key.profile.scopes), key) if key else caller


def _stores(database: Database, tables: Tables) -> Stores:
    return Stores(
        CustomersTable(database, tables.customers),
        BudgetsTable(database, tables.budgets),
        KeysTable(database, tables.keys),
    )
