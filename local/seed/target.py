"""Where the seed goes: the tables of a MiniStack, 25 items at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import httpx2

from tollgate.settings import AwsSettings, ReportingSettings, StorageSettings
from tollgate.storage.aws import DYNAMODB, AwsClient
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.wire.transport import KeepAlive

_BATCH: Final = 25
_AT_ONCE: Final = 4  # more only queue in MiniStack, which is one thread
_IDLE: Final = 60  # seconds


class Where(NamedTuple):
    """How a process finds the tables: what a function reads of its environment."""

    aws: AwsSettings
    names: StorageSettings
    reporting: ReportingSettings


def where(environment: Mapping[str, str]) -> Where:
    """The tables that an environment names. Raises ValidationError when it does not."""
    named = {name.lower(): value for name, value in environment.items()}
    return Where(
        AwsSettings.model_validate(named),
        StorageSettings.model_validate(named),
        ReportingSettings.model_validate(named),
    )


class Target:
    """The tables of one deployment."""

    def __init__(self, http: httpx2.AsyncClient, of: Where) -> None:
        self.names = of.names
        self.database = Database(AwsClient(http, of.aws, DYNAMODB))
        self.ledger = LedgerTable(
            self.database, of.names.ledger_table, retention_days=of.names.ledger_retention_days
        )
        self.counters = CountersTable(self.database, of.names.counters_table)
        self.customers = CustomersTable(self.database, of.names.customers_table)
        self.budgets = BudgetsTable(self.database, of.names.budgets_table)
        self.keys = KeysTable(self.database, of.names.keys_table)
        self.notes = Checkpoints(self.database, of.names.counters_table)

    async def write(self, table: str, items: Sequence[Mapping[str, Any]]) -> int:
        """Write whole items over whatever stands there; how many. Raises AwsError, AwsUnavailable."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def batch(start: int) -> None:
            async with turns:
                await self.database.put_many(table, items[start : start + _BATCH])

        await asyncio.gather(*(batch(start) for start in range(0, len(items), _BATCH)))
        return len(items)


@asynccontextmanager
async def opened(of: Where) -> AsyncIterator[Target]:
    """The tables over connections of the running loop."""
    transport = KeepAlive(keepalive_expiry=_IDLE, repeats=True)
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as http:
        yield Target(http, of)
