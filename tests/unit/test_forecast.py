"""Forecasts: exact where days repeat, better than a straight line where they do not, and honest about it."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from tollgate.queries.calendar import Reporting
from tollgate.queries.forecast import ForecastParameters, forecast_of, month_of, of_month
from tollgate.queries.weekdays import Outlook, left_of
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter

MADE = date(2026, 1, 1)
MIDNIGHT = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday; 15 of November's 30 days are over
DIMS = Dims("fast", "gpt-4o-mini", "openai", "/chat/completions", "k")


def spent(days: dict[date, Decimal]) -> list[Counter]:
    return [Counter(day.isoformat(), DIMS, {"charge": amount}) for day, amount in days.items()]


def days_before(today: date, amount: Any, count: int = 60) -> dict[date, Decimal]:
    days = [today - timedelta(days=n) for n in range(1, count)]
    return {day: Decimal(amount(day)) for day in days}


def outlook_of(days: dict[date, Decimal], now: datetime = MIDNIGHT, zone: str = "UTC") -> Outlook:
    return forecast_of(spent(days), MADE, month_of(Reporting(now, zone)))


def test_days_that_cost_the_same_go_on_to_the_cent() -> None:
    found = outlook_of(days_before(MIDNIGHT.date(), lambda _: "10.01"))
    assert found == Outlook(Decimal("300.30"), Decimal("300.30"), Decimal("300.30"))


def test_weekends_are_as_weekends_were() -> None:
    def cost(day: date) -> str:
        return "1" if day.weekday() >= 5 else "20"

    weekdays, weekends = 21, 9  # of November 2026
    expected = Decimal(weekdays * 20 + weekends)
    assert outlook_of(days_before(MIDNIGHT.date(), cost)) == Outlook(expected, expected, expected)


def test_of_today_what_is_left_is_expected_beside_what_is_spent() -> None:
    days = days_before(MIDNIGHT.date(), lambda _: 8) | {MIDNIGHT.date(): Decimal(100)}
    assert outlook_of(days, MIDNIGHT + timedelta(hours=18)).expected == 15 * 8 + 100 + 2 + 14 * 8


def test_days_without_a_call_count_as_days_without_spend() -> None:
    days = {MIDNIGHT.date() - timedelta(days=n): Decimal(28) for n in (7, 14, 21, 28)}
    assert (
        outlook_of(days).expected == 2 * 28 + 3 * 28
    )  # Mondays: two are over, three are to come (one is today)


def test_a_customer_made_today_has_no_history_and_no_forecast() -> None:
    days = {MIDNIGHT.date(): Decimal(3)}
    found = forecast_of(spent(days), MIDNIGHT.date(), month_of(Reporting(MIDNIGHT, "UTC")))
    assert found == Outlook(Decimal(3), Decimal(3), Decimal(3))


def test_a_few_days_are_expected_by_their_mean_from_when_the_customer_was_made() -> None:
    made = MIDNIGHT.date() - timedelta(days=4)
    days = {made: Decimal(4), made + timedelta(days=2): Decimal(8)}
    found = forecast_of(spent(days), made, month_of(Reporting(MIDNIGHT, "UTC")))
    assert found.expected == 12 + 15 * 3


@pytest.mark.parametrize(
    ("zone", "now", "left"),
    [
        ("UTC", datetime(2026, 10, 25, 18, tzinfo=UTC), Fraction(1, 4)),
        ("Europe/Rome", datetime(2026, 10, 24, 22, tzinfo=UTC), Fraction(1)),
        ("Europe/Rome", datetime(2026, 10, 25, 18, tzinfo=UTC), Fraction(5, 25)),
    ],
)
def test_the_day_of_the_clocks_change_is_a_day(zone: str, now: datetime, left: Fraction) -> None:
    assert left_of(now, month_of(Reporting(now, zone)).info) == left


def test_a_month_has_begun_when_its_first_full_hour_has() -> None:
    before = datetime(2026, 10, 31, 18, 45, tzinfo=UTC)  # a quarter past midnight in Kolkata
    for now, month in ((before, "2026-10-01"), (before + timedelta(minutes=15), "2026-11-01")):
        asked = of_month(ForecastParameters(), Reporting(now, "Asia/Kolkata"))
        assert asked.start.isoformat() == month
        assert asked.start <= asked.end


class Held(NamedTuple):
    """One month whose second half was held back: what it came to, and what was said."""

    truth: Decimal
    said: Outlook
    straight: Decimal


def held_back(seed: int) -> Held:
    """A customer that calls on weekdays, its days costing more or less by up to a half."""
    chance = random.Random(seed)
    size, weekend = chance.randint(1, 500), chance.choice([0, 10, 100])

    def cost(day: date) -> Decimal:
        usual = size * (weekend if day.weekday() >= 5 else 100)
        return Decimal(usual * chance.randint(50, 150)).scaleb(-4)

    first = MIDNIGHT.date() - timedelta(days=45)
    days = {first + timedelta(days=n): cost(first + timedelta(days=n)) for n in range(60)}
    begun = month_of(Reporting(MIDNIGHT, "UTC")).first
    month = {day: amount for day, amount in days.items() if begun <= day < date(2026, 12, 1)}
    known = {day: amount for day, amount in days.items() if day < MIDNIGHT.date()}
    so_far = sum((amount for day, amount in month.items() if day in known), Decimal(0))
    return Held(sum(month.values(), Decimal(0)), outlook_of(known), so_far * 2)


def test_held_back_days_are_foreseen_better_than_by_a_straight_line_and_lie_in_the_range() -> None:
    months = [held_back(seed) for seed in range(300)]
    of_ours = sum(abs(month.said.expected - month.truth) / month.truth for month in months) / len(months)
    straight = sum(abs(month.straight - month.truth) / month.truth for month in months) / len(months)
    assert of_ours < Decimal("0.05")
    assert of_ours < straight
    inside = sum(month.said.low <= month.truth <= month.said.high for month in months)
    assert 0.72 <= inside / len(months) <= 0.90  # four of five are promised
