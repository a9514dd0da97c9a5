"""Management over a stack in memory: customers and tiers as one caller changes them, and their records."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.builders import KEY_ID, NOON
from tests.stack import Stack
from tollgate.management.audited import Actor, Audited
from tollgate.management.budget_fields import BudgetUpdate, NewBudget
from tollgate.management.budgets import Budgets
from tollgate.management.customer_fields import CustomerFields
from tollgate.management.customers import Customers
from tollgate.management.key_fields import KeyFields, KeyRegeneration, KeyUpdate
from tollgate.management.key_steps import KeySteps
from tollgate.management.keys import VirtualKeys
from tollgate.management.steps import Steps
from tollgate.money import dumps, loads
from tollgate.queries.budget_table import Clock
from tollgate.storage.audit import AuditRecord
from tollgate.storage.customers import Customer

ACTOR: Final = Actor(KEY_ID, "198.51.100.7")
_FIRST: Final = datetime(2020, 1, 1, tzinfo=UTC)


def customers(stack: Stack, now: datetime = NOON) -> Customers:
    """Changes of customers at a moment; the one model served is gpt-4o."""
    audited = Audited(stack.database, stack.audit)
    steps = Steps(stack.customers, Clock(now, "UTC"))
    return Customers(steps, stack.budgets, audited, lambda name: name == "gpt-4o", ACTOR)


def budgets(stack: Stack, now: datetime = NOON) -> Budgets:
    """Changes of tiers at a moment."""
    return Budgets(stack.budgets, Audited(stack.database, stack.audit), ACTOR, Clock(now, "UTC"))


def fields(**named: Any) -> CustomerFields:
    """A body about a customer; it has been JSON."""
    return CustomerFields.model_validate(loads(dumps({"user_id": "acme", **named})))


async def created(stack: Stack, **named: Any) -> dict[str, Any]:
    """A new customer, as shown."""
    return await customers(stack).create(fields(**named))


async def updated(stack: Stack, **named: Any) -> dict[str, Any]:
    """A customer a minute later, as shown."""
    return await customers(stack, NOON + timedelta(minutes=1)).update(fields(**named))


async def tier(stack: Stack, **named: Any) -> dict[str, Any]:
    """A new tier, as shown."""
    return await budgets(stack).create(NewBudget.model_validate(loads(dumps(named))))


async def tier_updated(stack: Stack, **named: Any) -> dict[str, Any]:
    """A tier, changed, as shown."""
    return await budgets(stack).update(BudgetUpdate.model_validate(loads(dumps(named))))


async def stored(stack: Stack, customer_id: str = "acme") -> Customer:
    """A customer as it stands in the table."""
    found = await stack.customers.get(customer_id)
    assert found is not None
    return found


async def records(stack: Stack, object_type: str, object_id: str) -> list[AuditRecord]:
    """What the audit says of an object, oldest first."""
    until = datetime(2100, 1, 1, tzinfo=UTC)
    found = [r async for r in stack.audit.of_object(object_type, object_id, _FIRST, until)]
    return found[::-1]


def virtual_keys(stack: Stack, now: datetime = NOON) -> VirtualKeys:
    """Changes of keys at a moment."""
    steps = KeySteps(stack.keys, Clock(now, "UTC"), ACTOR.key_id)
    return VirtualKeys(steps, stack.budgets, Audited(stack.database, stack.audit), ACTOR)


async def generated(stack: Stack, **named: Any) -> dict[str, Any]:
    """A new key, as shown; it has been JSON."""
    return await virtual_keys(stack).generate(KeyFields.model_validate(loads(dumps(named))))


async def key_updated(stack: Stack, key: str, **named: Any) -> dict[str, Any]:
    """A key a minute later, as shown."""
    fields = KeyUpdate.model_validate(loads(dumps({"key": key, **named})))
    return await virtual_keys(stack, NOON + timedelta(minutes=1)).update(fields)


async def regenerated(stack: Stack, key: str, now: datetime = NOON, **named: Any) -> dict[str, Any]:
    """A key with another secret, as shown."""
    fields = KeyRegeneration.model_validate(loads(dumps({"key": key, **named})))
    return await virtual_keys(stack, now).regenerate(fields)
