"""A store in this process, without HTTP in between: for properties that are tried thousands of times."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tests.fake_dynamodb import FakeDynamoDB, Refusal
from tests.fakes import AUDIT, BUDGETS, COUNTERS, CUSTOMERS, KEYS, LEDGER, tables
from tollgate.storage.audit import AuditTable
from tollgate.storage.aws import AwsError
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.tag_names import TagNames


class DirectClient:
    """What a database asks of AWS, answered at once."""

    def __init__(self) -> None:
        self.dynamodb = FakeDynamoDB(tables())
        self.lost = 0  # of how many coming writes the answer is lost, so that they are made again

    async def call(
        self, operation: str, payload: Mapping[str, Any], *, sent: asyncio.Event | None = None
    ) -> dict[str, Any]:
        """Answer one operation."""
        if sent is not None:
            sent.set()
        await asyncio.sleep(0)  # others may come in between, as they would
        if self.lost and operation in ("UpdateItem", "PutItem"):
            self.lost -= 1
            with suppress(AwsError):
                self._run(operation, payload)
        return self._run(operation, payload)

    def _run(self, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.dynamodb.run(operation, payload)
        except Refusal as refusal:
            message = str(refusal.body.get("message", ""))
            raise AwsError(refusal.code, message, refusal.body) from None


class Direct:
    """Every table of a deployment."""

    def __init__(self) -> None:
        self.client = DirectClient()
        self.database = Database(self.client)  # type: ignore[arg-type]  # it is called as one
        self.ledger = LedgerTable(self.database, LEDGER)
        self.counters = CountersTable(self.database, COUNTERS)
        self.customers = CustomersTable(self.database, CUSTOMERS)
        self.budgets = BudgetsTable(self.database, BUDGETS)
        self.keys = KeysTable(self.database, KEYS)
        self.audit = AuditTable(self.database, AUDIT)
        self.tags = TagNames(self.database, COUNTERS)
