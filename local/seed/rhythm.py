"""When customers call: by the day of the week and the hour of the day, and more from week to week."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Final

from local.seed.people import Person
from local.seed.settings import Plan

_OFFICE: Final = (1.0, 1.1, 1.15, 1.05, 0.9, 0.25, 0.2)  # Monday to Sunday
_HOME: Final = (0.6, 0.6, 0.65, 0.7, 0.9, 1.3, 1.4)
_GROWTH: Final = 1.01  # a day
_HOURS: Final = (3, 2, 2, 1, 1, 2, 5, 12, 24, 32, 34, 31, 26, 30, 33, 32, 28, 22, 16, 13, 11, 9, 7, 5)  # UTC
_HOUR_SUMS: Final = list(accumulate(_HOURS))


def beginning(plan: Plan, person: Person, random: Random) -> datetime:
    """When one of a person's sessions begins; its hour is UTC's."""
    days = range(person.joined, person.left)
    weights = _weights(plan, consumer=person.consumer)
    before = weights[person.joined - 1] if person.joined else 0.0
    within = [weight - before for weight in weights[person.joined : person.left]]
    day = random.choices(days, cum_weights=within)[0]
    hour = random.choices(range(24), cum_weights=_HOUR_SUMS)[0]
    return start_of(plan, day) + timedelta(hours=hour, milliseconds=random.randrange(2_400_000))


def start_of(plan: Plan, day: int) -> datetime:
    """The first instant of one of a plan's days."""
    return datetime.combine(plan.until - timedelta(days=plan.days - day), time(), UTC)


@lru_cache(maxsize=4)
def _weights(plan: Plan, *, consumer: bool) -> list[float]:
    """The running sums of how much is called on each day."""
    week = _HOME if consumer else _OFFICE
    days = (start_of(plan, day).weekday() for day in range(plan.days))
    return list(accumulate(week[weekday] * _GROWTH**day for day, weekday in enumerate(days)))
