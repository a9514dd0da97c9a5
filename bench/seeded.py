"""A MiniStack full of seeded traffic, and whom to ask about."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bench.processes import KEY, MINISTACK, aws_environment, ministack, url
from local import template
from local.provision import provision
from local.seed.loading import load_into
from local.seed.people import Person, person
from local.seed.seeding import in_processes, seed, standing
from local.seed.settings import Extent, Plan, SeedSettings
from local.seed.target import Where, opened, where
from local.template import Template

_CUSTOMERS: Final = int(os.environ.get("BENCH_CUSTOMERS", "500"))
_EVENTS: Final = int(os.environ.get("BENCH_EVENTS", "50000"))
_YEAR: Final = 365  # days
_YEARS_EVENTS: Final = 30_000  # of the customer who is there the whole year


@dataclass(frozen=True, slots=True)
class Store:
    """The tables, what is in them, and the environment of functions that read them."""

    described: Template
    environment: Mapping[str, str]
    plan: Plan
    largest: Person
    daily: Person  # calls every day of the year before the plan's end


@contextmanager
def seeded() -> Iterator[Store]:
    """The MiniStack named by MINISTACK_URL, seeded before, or one of our own with little traffic."""
    named = SeedSettings().ministack_url
    with nullcontext() if named else ministack():
        store = named or url(MINISTACK)
        described = template.read(store)
        chosen, wired = described.environment()
        own = {**aws_environment(MINISTACK), "AWS_ENDPOINT_URL": store, "TOLLGATE_MASTER_KEY": KEY}
        environment = {**chosen, **wired, **own}
        asyncio.run(provision(described, store))
        plan, daily = asyncio.run(_fill(where(environment)))
        people = (person(plan, number) for number in range(plan.customers))
        yield Store(described, environment, plan, max(people, key=lambda one: one.events), daily)


async def _fill(of: Where) -> tuple[Plan, Person]:
    """Seed what is not seeded yet, and one more customer with a year of calls."""
    async with opened(of) as target:
        noted = await standing(target)
        plan = noted.plan if noted else SeedSettings(customers=_CUSTOMERS, events=_EVENTS).plan()
        await seed(target, plan, in_processes(of, 2, lambda _part, _plan: None))
        year = _whole_year(plan)
        await load_into(target, Extent(year, 0, 1), of.reporting.reporting_timezone)
    return plan, person(year, 0)


def _whole_year(plan: Plan) -> Plan:
    """The plan of one customer who is there from its first day to its last."""
    for number in range(1, 1000):
        year = Plan(1, _YEAR, _YEARS_EVENTS, plan.seed + number, plan.until, 0)
        one = person(year, 0)
        if one.events and (one.joined, one.left) == (0, _YEAR) and len(one.mix) > 1:
            return year
    raise RuntimeError("no customer stays for a year")


def first_day(plan: Plan, days: int) -> str:
    """The first of the plan's last days."""
    return (plan.until - timedelta(days=days)).isoformat()


def last_day(plan: Plan) -> str:
    """The plan's last day."""
    return first_day(plan, 1)
