"""A customer and a key that both have limits: what one call learns of their wallets saves the next a try."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.bank import CUSTOMER, Bank
from tests.builders import entry
from tests.fake_dynamodb import FakeDynamoDB
from tests.fakes import tables
from tollgate.admission.policy import Policy
from tollgate.limits import Limits
from tollgate.records import Demand

LIMITS = Limits(max_budget=Decimal(5))


class Noted(FakeDynamoDB):
    """Keeps which operations it was asked for."""

    asked: tuple[str, ...] = ()

    def run(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked += (operation,)
        return super().run(operation, request)


async def call(bank: Bank) -> None:
    """Admit a call, and look what is left, as is told to its client."""
    (process,) = bank.processes
    asked = entry(customer_id=CUSTOMER, key_id=bank.caller.key_id, virtual_key=True)
    policy = await process.policies.of(CUSTOMER, bank.caller)

    async def renew() -> Policy:
        return policy

    admitted = await process.admission.admit(policy, asked, Demand(Decimal(1), 0), renew)
    await process.admission.wallets(admitted)


async def test_every_call_is_admitted_by_one_transaction() -> None:
    bank = Bank(ttl=60)
    noted = bank.tables.client.dynamodb = Noted(tables())
    await bank.allow(LIMITS)
    await bank.give_key(LIMITS)
    for _ in range(3):
        noted.asked = ()
        await call(bank)
        assert noted.asked.count("TransactWriteItems") == 1
