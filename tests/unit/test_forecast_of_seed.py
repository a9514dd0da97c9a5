"""Forecasts against held-back days of the seed: sessions in clumps, weeks, and growth of 1 % a day."""

from collections import defaultdict
from datetime import UTC, date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

import pytest

from local.seed.people import Person, person
from local.seed.settings import Plan
from local.seed.traffic import events_of
from tollgate.days import midnight
from tollgate.money import EXACT
from tollgate.queries.calendar import Reporting
from tollgate.queries.forecast import forecast_of, month_of
from tollgate.queries.weekdays import Outlook
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter

PLANS: Final = [Plan(400, 91, 100_000, seed, date(2026, 12, 1), 0) for seed in (1, 2, 3)]
FEWEST: Final = 400  # events, so that there is something to foresee
MONTH: Final = "2026-11"
DIMS: Final = Dims("fast", "gpt-4o-mini", "openai", "/chat/completions", "k")
Days = dict[str, Decimal]


class Held(NamedTuple):
    """One customer's November, of which the days from one on were held back."""

    truth: Decimal
    said: Outlook
    straight: Decimal

    @property
    def error(self) -> Decimal:
        """How far off, as a part of the truth."""
        return abs(self.said.expected - self.truth) / self.truth

    @property
    def straight_error(self) -> Decimal:
        """The same of a straight line through the month so far."""
        return abs(self.straight - self.truth) / self.truth


@lru_cache(maxsize=1)
def customers() -> list[Days]:
    """What each large customer spent, by day, that was there half the time before November and stays."""
    people = [(plan, person(plan, number)) for plan in PLANS for number in range(plan.customers)]
    return [days_of(plan, one) for plan, one in people if is_foreseeable(plan, one)]


def is_foreseeable(plan: Plan, one: Person) -> bool:
    return one.events >= FEWEST and one.left == plan.days and one.joined <= plan.days // 2


def days_of(plan: Plan, one: Person) -> Days:
    spend: Days = defaultdict(Decimal)
    for closed in events_of(plan, one, "UTC"):
        spend[closed.entry.day] = EXACT.add(spend[closed.entry.day], closed.charge)
    return dict(spend)


def held_back(days: Days, today: date) -> Held:
    known = {day: amount for day, amount in days.items() if day < today.isoformat()}
    counters = [Counter(day, DIMS, {"charge": amount}) for day, amount in known.items()]
    month = month_of(Reporting(midnight(today, UTC), "UTC"))
    said = forecast_of(counters, date.fromisoformat(min(days)), month)
    so_far = of_month(known)
    return Held(of_month(days), said, so_far * month.last.day / (today.day - 1))


def of_month(days: Days) -> Decimal:
    return sum((amount for day, amount in days.items() if day.startswith(MONTH)), Decimal(0))


def mean(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


@pytest.mark.parametrize(
    ("today", "error", "of_all"),
    [
        (11, Decimal("0.32"), Decimal("0.10")),
        (16, Decimal("0.28"), Decimal("0.09")),
        (21, Decimal("0.21"), Decimal("0.05")),
    ],
)
def test_held_back_days_of_the_seed_are_foreseen(today: int, error: Decimal, of_all: Decimal) -> None:
    months = [held_back(days, date(2026, 11, today)) for days in customers()]
    assert len(months) > 40
    assert mean([one.error for one in months]) < error
    whole = sum(one.said.expected for one in months) / sum(one.truth for one in months)
    assert 1 - of_all < whole < 1  # it knows of no growth


def test_about_two_of_three_months_of_the_seed_lie_in_the_range() -> None:
    months = [held_back(days, date(2026, 11, today)) for today in (11, 16, 21) for days in customers()]
    inside = [one for one in months if one.said.low <= one.truth <= one.said.high]
    assert Decimal("0.64") < Decimal(len(inside)) / len(months) < Decimal("0.90")


def test_early_in_a_month_of_the_seed_a_straight_line_is_worse() -> None:
    months = [held_back(days, date(2026, 11, 11)) for days in customers()]
    assert mean([one.error for one in months]) < mean([one.straight_error for one in months])
