"""Seeded traffic: the same every time, the sums that the recorder would write, and nothing twice."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from local.errors import StackError
from local.seed.loading import Part, load_into
from local.seed.people import person
from local.seed.seeding import seed
from local.seed.settings import Extent, Plan, SeedSettings
from local.seed.target import Target, Where
from local.seed.traffic import events_of, is_seeded
from tests.builders import event
from tests.fakes import AUDIT, BUDGETS, COUNTERS, CUSTOMERS, KEYS, LEDGER
from tests.stack import Stack
from tollgate.days import days_between
from tollgate.money import add
from tollgate.records import SpendEvent
from tollgate.settings import AwsSettings, ReportingSettings, StorageSettings
from tollgate.storage.codec import Item, from_item

PLAN = Plan(customers=12, days=9, events=400, seed=3, until=date(2026, 5, 4), ledger_days=9)
ZONE = "Asia/Kolkata"
NAMES = StorageSettings(
    ledger_table=LEDGER,
    counters_table=COUNTERS,
    customers_table=CUSTOMERS,
    budgets_table=BUDGETS,
    keys_table=KEYS,
    audit_table=AUDIT,
)


def target(stack: Stack) -> Target:
    aws = AwsSettings(aws_endpoint_url="http://aws.test", aws_secret_access_key=SecretStr("test"))
    return Target(stack.http, Where(aws, NAMES, ReportingSettings(reporting_timezone=ZONE)))


async def seeded(stack: Stack, plan: Plan = PLAN, **how: bool) -> Part | None:
    into = target(stack)

    async def load(agreed: Plan) -> Part:
        return await load_into(into, Extent(agreed, 0, agreed.customers), ZONE)

    return await seed(into, plan, load, **how)


def everything(plan: Plan) -> list[SpendEvent]:
    return [one for n in range(plan.customers) for one in events_of(plan, person(plan, n), ZONE)]


def table(stack: Stack, name: str) -> list[Item]:
    return [from_item(item) for item in stack.aws.dynamodb.tables[name].items()]


def counters(items: Iterable[Item]) -> dict[tuple[str, str], Item]:
    """Sums by key, those of all customers over their write shards."""
    found: dict[tuple[str, str], Item] = {}
    for item in items:
        pk, sk = item.pop("pk"), item.pop("sk")
        if pk == "R":  # how far housekeeping and the seed are
            continue
        pk = pk.rpartition("#")[0] if pk.startswith(("T#", "TH#")) else pk
        known = {n: v for n, v in found.get((pk, sk), {}).items() if n != "expires_at"}
        expiry = {"expires_at": item.pop("expires_at")} if "expires_at" in item else {}
        found[pk, sk] = {n: add(known.get(n, 0), item.get(n, 0)) for n in {*known, *item}} | expiry
    return found


def test_a_plan_is_so_many_events_and_the_same_ones_every_time() -> None:
    events = everything(PLAN)
    assert len(events) == PLAN.events
    assert events == everything(PLAN)
    assert len({one.entry.request_id for one in events}) == PLAN.events
    assert all(is_seeded(one.entry.request_id) for one in events)
    other = everything(Plan(12, 9, 400, 4, PLAN.until, 9))
    assert [one.charge for one in other] != [one.charge for one in events]


def test_the_traffic_has_what_dashboards_show() -> None:
    events = everything(Plan(200, 60, 12_000, 1, PLAN.until, 0))
    assert {one.status for one in events} == {"success", "failure"}
    assert any(one.usage.cache_read for one in events)
    assert len({one.entry.provider for one in events}) > 1
    assert len({one.entry.key_id for one in events}) > 1
    spent: dict[str, Decimal] = {}
    for one in events:
        spent[one.entry.customer_id] = spent.get(one.entry.customer_id, Decimal(0)) + one.charge
    largest = sorted(spent.values(), reverse=True)
    assert sum(largest[:40]) > sum(largest) / 2
    weekdays = [0] * 7
    for one in events:
        weekdays[one.entry.started_at.weekday()] += 1
    assert max(weekdays[5:]) < min(weekdays[:5])


async def test_it_writes_what_the_recorder_would() -> None:
    stack, recorder = Stack.over(), Stack.over()
    part = await seeded(stack)
    assert part
    assert (part.customers, part.shared.events, part.entries) == (12, 400, 400)
    events = everything(PLAN)
    for one in events:
        await recorder.ledger.close(one)
    assert not await recorder.counting(ZONE).count(events)
    assert counters(table(stack, COUNTERS)) == counters(table(recorder, COUNTERS))
    expected = {item["request_id"]: item for item in table(recorder, LEDGER)}
    entries = {item["request_id"]: item for item in table(stack, LEDGER)}
    without = [{n: v for n, v in item.items() if n != "expires_at"} for item in entries.values()]
    assert without == [expected[request_id] for request_id in entries]


async def test_customers_and_keys_have_spent_what_their_events_cost(stack: Stack) -> None:
    await seeded(stack)
    spent: dict[str, Any] = {}
    for one in everything(PLAN):
        for owner in (one.entry.customer_id, one.entry.key_id):
            spent[owner] = spent.get(owner, Decimal(0)) + one.charge
    for item in table(stack, CUSTOMERS):
        customer = await stack.customers.get(item["customer_id"])
        assert customer
        assert customer.spend == spent.get(customer.customer_id, 0)
    keys = await stack.keys.get_many([item["key_id"] for item in table(stack, KEYS)])
    assert {key.key_id: key.spend for key in keys.values() if key.spend} == {
        owner: amount for owner, amount in spent.items() if owner in keys
    }


async def test_its_books_balance(stack: Stack) -> None:
    await seeded(stack)
    for day in days_between(date(2026, 4, 24), date(2026, 5, 4)):
        assert await stack.drift().of_day(day) == 0


async def test_only_the_last_days_are_in_the_ledger(stack: Stack) -> None:
    await seeded(stack, Plan(12, 9, 400, 3, PLAN.until, 2))
    began = [
        one.entry.started_at for one in everything(PLAN) if one.entry.started_at.date() >= date(2026, 5, 2)
    ]
    assert len(table(stack, LEDGER)) == len(began) > 0


async def test_a_second_run_writes_nothing_and_an_interrupted_one_ends_the_same(stack: Stack) -> None:
    whole = Stack.over()
    await seeded(whole)
    stack.aws.dynamodb.page_size = 7  # batches are written in pieces

    async def breaks_off(plan: Plan) -> Part:
        await load_into(target(stack), Extent(plan, 0, 5), ZONE)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await seed(target(stack), PLAN, breaks_off)
    for _ in range(2):
        later = Plan(12, 9, 400, 3, date(2026, 5, 9), 9)  # begun on one day, ended on another
        await seeded(stack, later)
        for name in (COUNTERS, CUSTOMERS, LEDGER, KEYS, BUDGETS):
            assert table(stack, name) == table(whole, name)
    assert await seeded(stack) is None


async def test_another_plan_is_refused_where_one_stands(stack: Stack) -> None:
    await seeded(stack)
    with pytest.raises(StackError, match="12 customers, 9 days before 2026-05-04"):
        await seeded(stack, Plan(13, 9, 400, 3, PLAN.until, 9), force=True)


async def test_a_ledger_of_other_calls_is_left_alone_unless_forced(stack: Stack) -> None:
    call = event(customer_id="real", key_id="b" * 64)
    await stack.ledger.close(call)
    await stack.counting(ZONE).count([call])
    before = table(stack, COUNTERS)
    with pytest.raises(StackError, match="FORCE=1"):
        await seeded(stack)
    assert table(stack, COUNTERS) == before
    await seeded(stack, force=True)
    after = table(stack, COUNTERS)
    assert all(item in after for item in before)


@pytest.mark.parametrize(
    "wrong",
    [
        {"CUSTOMERS": "0"},
        {"DAYS": "401"},
        {"EVENTS": "-1"},
        {"MINISTACK_URL": "https://dynamodb.amazonaws.com"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        SeedSettings()
