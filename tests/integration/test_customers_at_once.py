"""Many changes of one customer at once end as if made one after another; ten thousand customers at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.builders import NOON
from tests.integration.managing import audited, listed, made, post, stored, tier
from tests.managing import ACTOR
from tests.ministack import Deployment
from tollgate import runtime
from tollgate.errors import TollgateError
from tollgate.management.audited import Audited
from tollgate.management.customer_fields import CustomerFields
from tollgate.management.customers import Customers
from tollgate.management.steps import Steps
from tollgate.money import loads
from tollgate.queries.budget_table import Clock

Change = Callable[[Customers], Awaitable[Any]]


def at_once(changes: Sequence[Change]) -> Counter[str]:
    """What changes begun together, each in a request of its own, come to: "made", or a status."""

    async def one(change: Change) -> str:
        at = runtime.services()
        steps = Steps(at.customers, Clock(NOON, "UTC"))
        customers = Customers(steps, at.budgets, Audited(at.database, at.audit), lambda _: True, ACTOR)
        try:
            await change(customers)
        except TollgateError as error:
            return str(error.status)
        return "made"

    async def every() -> list[str]:
        return await asyncio.gather(*map(one, changes))

    return Counter(runtime.run(every()))


def creating(**fields: Any) -> Change:
    return lambda customers: customers.create(CustomerFields(user_id="c", **fields))


def updating(**fields: Any) -> Change:
    return lambda customers: customers.update(CustomerFields(user_id="c", **fields))


def test_of_many_creations_one_is_made(deployment: Deployment) -> None:
    found = at_once([creating(alias=f"a{n}") for n in range(30)])
    assert found == {"made": 1, "400": 29}
    (record,) = audited("customer", "c")
    customer = stored("c")
    assert customer is not None
    assert loads(record.after)["alias"] == customer.alias


def test_every_update_is_made_on_top_of_another(deployment: Deployment) -> None:
    made(user_id="c")
    values = {"alias": "a", "rpm_limit": 1, "tpm_limit": 2, "max_parallel_requests": 3, "tpd_limit": 4}
    found = at_once([updating(**{name: value}) for name, value in values.items()])
    assert found == {"made": 5}
    customer = stored("c")
    assert customer is not None
    assert customer.profile.limits is not None
    limits = customer.profile.limits
    assert (limits.rpm_limit, limits.tpm_limit, limits.max_parallel_requests, limits.tpd_limit) == (
        1,
        2,
        3,
        4,
    )
    assert customer.alias == "a"


def test_the_audit_is_a_chain_whatever_meets(deployment: Deployment) -> None:
    """Creations, updates, blocks, resets and deletions together: what one leaves, exactly one begins with."""
    changes: list[Change] = []
    for n in range(4):
        changes += [
            creating(),
            updating(alias=f"a{n}"),
            lambda c: c.block(["c"]),
            lambda c: c.reset_spend("c"),
            lambda c: c.delete(["c"]),
        ]
    assert set(at_once(changes)) <= {"made", "400", "404", "409"}
    found = audited("customer", "c")
    left = Counter(["", *(record.after for record in found)])
    left.subtract(record.before for record in found)
    (last,) = left.elements()
    assert not [text for text, count in left.items() if count < 0]
    customer = stored("c")
    assert (customer is None) == (last == "")
    if customer is not None:
        shown = loads(last)
        assert (customer.alias, customer.blocked) == (shown["alias"], shown["blocked"])


def test_ten_thousand_are_made_within_lambdas_time(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    tier(budget_id="gold", max_budget=5)
    made(user_id="c00042")
    rows = "".join(f"c{n:05},Customer {n},gold\n" for n in range(10_000))
    began = time.perf_counter()
    answer = post("/customer/bulk", f"user_id,alias,budget_id\n{rows}", content_type="text/csv")
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f"\nbulk of 10,000 customers: {took:.1f} s")  # noqa: T201 - a figure for the reader
    assert (answer.status, answer.body["created"], answer.body["failed"]) == (200, 9_999, 1)
    assert answer.body["rows"][42] == {
        "row": 43,
        "user_id": "c00042",
        "status": "error",
        "field": "user_id",
        "reason": "Customer already exists",
    }
    assert took < 28
    page, headers = listed("/customer/list", page=100, page_size=100, search="CUSTOMER")
    assert (len(page.body), headers["x-total-count"]) == (99, "9999")
    assert page.body[-1]["litellm_budget_table"]["max_budget"] == 5
    following, headers = listed("/customer/list", page_size=3)
    again, _ = listed("/customer/list", page_size=3, cursor=headers["x-next-cursor"])
    ids = [customer["user_id"] for customer in following.body + again.body]
    assert ids == [f"c{n:05}" for n in range(6)]
