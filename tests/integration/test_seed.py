"""Seeded traffic on the emulator: its books balance, and the API answers with it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local.seed.people import person
from local.seed.seeding import in_processes, seed
from local.seed.settings import Plan
from local.seed.target import Where, opened, where
from local.seed.traffic import events_of
from tests.functions import reconcile
from tests.integration.managing import get, listed
from tests.integration.spending import ask, usd
from tests.ministack import Deployment
from tollgate.days import days_between

if TYPE_CHECKING:
    from decimal import Decimal

PLAN = Plan(customers=30, days=5, events=600, seed=5, until=datetime.now(UTC).date(), ledger_days=5)


async def seeded(of: Where) -> bool:
    async with opened(of) as target:
        return await seed(target, PLAN, in_processes(of, 2, lambda _part, _plan: None)) is not None


def test_seeded_customers_are_found_billed_and_balanced(deployment: Deployment) -> None:
    of = where(deployment.environment)
    assert asyncio.run(seeded(of))
    assert not asyncio.run(seeded(of))
    people = [person(PLAN, number) for number in range(PLAN.customers)]
    spent: dict[str, Decimal] = {}
    for one in people:
        spent[one.customer_id] = usd(*(str(event.charge) for event in events_of(PLAN, one, "UTC")))

    drift = reconcile(compare=True)["drift"]
    yesterday = (PLAN.until - timedelta(days=1)).isoformat()
    assert drift[yesterday] == 0

    days = days_between(PLAN.until - timedelta(days=PLAN.days), PLAN.until)
    activity = ask("/customer/daily/activity", {"start_date": days[0], "end_date": days[-1]}).body
    assert activity["metadata"]["total_spend"] == usd(*map(str, spent.values()))
    assert activity["metadata"]["total_api_requests"] == PLAN.events

    page, headers = listed("/customer/list", page_size=100)
    assert {customer["user_id"]: customer["spend"] for customer in page.body} == spent
    assert headers["x-total-count"] == str(PLAN.customers)


def test_customers_are_found_by_what_their_id_or_alias_begins_with(deployment: Deployment) -> None:
    asyncio.run(seeded(where(deployment.environment)))
    named = next(one for number in range(PLAN.customers) if (one := person(PLAN, number)).alias)
    assert named.alias
    for prefix in (named.customer_id.upper(), named.alias.lower()):
        found = get("/customer/list", search=prefix, match="prefix")
        assert named.customer_id in [customer["user_id"] for customer in found.body]
    seen, cursor = [], ""
    while True:
        page, headers = listed("/customer/list", search="c", match="prefix", page_size=2, cursor=cursor)
        seen += [customer["user_id"] for customer in page.body]
        cursor = headers.get("x-next-cursor", "")
        if not cursor:
            break
    people = [person(PLAN, number) for number in range(PLAN.customers)]
    fitting = [
        one.customer_id
        for one in people
        if one.customer_id.lower().startswith("c") or (one.alias or "").lower().startswith("c")
    ]
    assert sorted(seen) == sorted(fitting)
    assert len(fitting) > 2
    assert get("/customer/list", search="c", match="beginning").status == 422
