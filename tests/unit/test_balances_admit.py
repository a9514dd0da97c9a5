"""A balance that management sets is one that admission goes by."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.bank import Bank
from tests.builders import KEY_ID
from tollgate.errors import BudgetExceeded
from tollgate.management.audited import Actor, Audited
from tollgate.management.customer_fields import CustomerFields
from tollgate.management.customers import Customers
from tollgate.management.steps import Steps
from tollgate.queries.budget_table import Clock
from tollgate.storage.audit import AuditTable

SECOND = timedelta(seconds=1)  # a call takes longer than the millisecond that a balance's time is kept to


def managing(bank: Bank) -> Customers:
    at = bank.tables
    audited = Audited(at.database, AuditTable(at.database, "audit"))
    steps = Steps(at.customers, Clock(datetime.now(UTC), "UTC"))
    return Customers(steps, at.budgets, audited, lambda _: True, Actor(KEY_ID, ""))


async def created(bank: Bank, **fields: object) -> None:
    await managing(bank).create(CustomerFields.model_validate({"user_id": "acme", **fields}))


async def test_a_balance_to_begin_with_is_spent_already() -> None:
    bank = Bank()
    await created(bank, spend="7.5", max_budget=10)
    with pytest.raises(BudgetExceeded):
        await bank.admit("2.6")
    await bank.admit("2.5")


@pytest.mark.parametrize("duration", [None, "1d", "1mo", "10d"])
async def test_a_reset_gives_the_whole_budget_back_but_what_is_held(duration: str | None) -> None:
    bank = Bank()
    await created(bank, max_budget=10, budget_duration=duration)
    done = await bank.admit("8", ago=SECOND)
    await bank.open(done)
    await bank.count([await bank.close(done, "8")])
    under_way = await bank.admit("1")
    await bank.open(under_way)
    await managing(bank).reset_spend("acme")
    with pytest.raises(BudgetExceeded):
        await bank.admit("9.1")
    await bank.admit("9")
    await bank.count([await bank.close(under_way, "0.25")])
    await bank.admit("0.75")
    with pytest.raises(BudgetExceeded):
        await bank.admit("0.01")
    assert (await bank.customer()).spend == Decimal("0.25")


async def test_a_limit_set_after_a_reset_counts_from_the_reset() -> None:
    bank = Bank()
    await created(bank)
    done = await bank.admit("8", ago=SECOND)
    await bank.open(done)
    await bank.count([await bank.close(done, "8")])
    await managing(bank).reset_spend("acme")
    await managing(bank).update(CustomerFields(user_id="acme", max_budget=Decimal(10), budget_duration="1d"))
    await bank.admit("10")
