"""Limits as management sets them, and wallets as they stand in the tables of a deployment."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx2

from tests.ministack import Deployment
from tests.real_proxy import body
from tests.truth import ledger_rows
from tollgate import runtime
from tollgate.limits import Limits
from tollgate.money import dumps
from tollgate.storage.budgets import Budget
from tollgate.storage.customers import Customer, Profile
from tollgate.storage.keys import Key, KeyProfile
from tollgate.storage.wallets import Wallet

SLOW = 2.5  # seconds to a first byte: longer than two hundred calls take to be admitted
MOST = 64  # tokens of output, so that the demo provider never uses more than was held


def tier(budget_id: str, **limits: Any) -> None:
    """Make a tier."""
    now = datetime.now(UTC)
    budget = Budget(budget_id, Limits(**limits), now, now, "test", "test")
    runtime.run(_write(lambda at: at.budgets.create(budget)))


def customer(customer_id: str, **limits: Any) -> None:
    """Make a customer with limits of its own."""
    made = Customer(customer_id, created_at=datetime.now(UTC), profile=Profile(limits=Limits(**limits)))
    runtime.run(_write(lambda at: at.customers.create(made)))


def key(secret: str, **limits: Any) -> str:
    """Make a key with limits of its own; the header that carries it."""
    now, key_id = datetime.now(UTC), sha256(secret.encode()).hexdigest()
    made = Key(key_id, KeyProfile(limits=Limits(**limits)), now, "test", now, key_id)
    runtime.run(_write(lambda at: at.keys.create(made)))
    return f"Bearer {secret}"


def wallet(customer_id: str) -> Wallet:
    """A customer's wallet as it stands."""
    return runtime.run(_customer(customer_id)).wallet


def spend(customer_id: str) -> Decimal:
    """What a customer spent in its lifetime."""
    return runtime.run(_customer(customer_id)).spend


def used(customer_id: str, kind: str = "ever") -> Decimal:
    """What is used of every window of a kind."""
    sums = wallet(customer_id).used.items()
    return sum((Decimal(amount) for of, amount in sums if (of.what, of.kind) == ("w", kind)), Decimal(0))


def booked(deployment: Deployment, customer_id: str) -> Decimal:
    """What the ledger says that a customer was charged."""
    rows = ledger_rows(deployment.dynamodb, deployment.tables.ledger).values()
    charges = (row.sums.get("charge", Decimal(0)) for row in rows if row.customer == customer_id)
    return sum(charges, Decimal(0))


async def burst(
    clients: Iterable[httpx2.AsyncClient], count: int, customer_id: str, **choices: Any
) -> list[httpx2.Response]:
    """So many calls at once, spread over the clients; those whose gateway died are left out."""
    ways = list(clients)
    stream, headers = choices.pop("stream", False), choices.pop("headers", {})
    plain = {"slow_first_byte_s": SLOW, **choices}
    content = dumps(body(customer_id, stream=stream, **plain) | {"max_tokens": MOST})
    sent = headers | {"content-type": "application/json"}
    calls = [
        ways[n % len(ways)].post("/v1/chat/completions", content=content, headers=sent) for n in range(count)
    ]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(a, httpx2.Response | httpx2.TransportError) for a in answers), answers
    return [answer for answer in answers if isinstance(answer, httpx2.Response)]


def statuses(answers: Iterable[httpx2.Response]) -> dict[int, int]:
    """How many answers had each status."""
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
    return found


async def _write(action: Any) -> None:
    at = runtime.services()
    await at.database.transact([action(at)])


async def _customer(customer_id: str) -> Customer:
    found = await runtime.services().customers.get(customer_id)
    assert found is not None
    return found
