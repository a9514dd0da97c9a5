"""Who the seeded customers are: most of them small, a few that make most of the traffic."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from local.seed.catalogue import KEYS, PRODUCTS, TIERS, Product, key_id
from local.seed.chance import chance, one_of
from local.seed.settings import Plan

_HEAVY: Final = 1.16  # Pareto's exponent where a fifth of the customers makes four fifths of the traffic
_SILENT: Final = 0.04  # registered, and never called
_FROM_THE_START: Final = 0.4
_GONE: Final = 0.2
_AT_WEEKENDS: Final = 0.25  # consumers, whose week is the other way round
_FIRST: Final = ("Anna", "Bilal", "Chiara", "Dmitri", "Esra", "Femi", "Grace", "Hiro", "Ines", "Jonas", "Kai")
_LAST: Final = ("Berg", "Costa", "Diallo", "Eriksen", "Fuchs", "Garcia", "Haddad", "Ito", "Jansen", "Kowal")
_FIRM: Final = ("Northwind", "Blue Heron", "Quarry", "Lumen", "Tidewater", "Saffron", "Granite", "Kestrel")
_KIND: Final = ("Labs", "Foods", "Logistics", "Clinics", "Studio", "Insurance", "Robotics", "Press")
_Mix = Sequence[tuple[float, tuple[Product, str]]]


class Person(NamedTuple):
    """One customer: who it is, when it is there (days of the plan), how much it calls, and what."""

    customer_id: str
    alias: str | None
    tier: str | None
    blocked: bool
    joined: int
    left: int  # the first day without it
    consumer: bool
    events: int
    mix: _Mix  # what it calls, and with which key


def person(plan: Plan, number: int) -> Person:
    """One of a plan's customers; `number` counts from 0."""
    random = chance(plan.seed, "customer", number)
    joined = 0 if random.random() < _FROM_THE_START else int(plan.days * random.random() ** 0.7)
    stays = random.random() >= _GONE or joined + 1 >= plan.days
    return Person(
        customer_id=_id(random, number),
        alias=_alias(random, number),
        tier=one_of(random, [(share, name) for share, name, _ in TIERS]) if random.random() < 0.5 else None,  # noqa: PLR2004 - every other one
        blocked=random.random() < 0.005,  # noqa: PLR2004 - one in two hundred
        joined=joined,
        left=plan.days if stays else random.randrange(joined + 1, plan.days),
        consumer=random.random() < _AT_WEEKENDS,
        events=_events(plan, number),
        mix=_mix(random),
    )


def _events(plan: Plan, number: int) -> int:
    """Its part of the plan's events, so that all parts add up to them exactly."""
    sums = _running(plan.seed, plan.customers)
    before = sums[number - 1] if number else 0.0
    return round(plan.events * sums[number] / sums[-1]) - round(plan.events * before / sums[-1])


@lru_cache(maxsize=2)
def _running(seed: int, customers: int) -> list[float]:
    random = chance(seed, "weights", customers)
    weights = (0.0 if random.random() < _SILENT else random.paretovariate(_HEAVY) for _ in range(customers))
    sums = list(accumulate(weights))
    return sums if sums[-1] else [float(n + 1) for n in range(customers)]


def _mix(random: Random) -> _Mix:
    """One to four products, the first the most; each is called with one key."""
    products = random.choices(
        PRODUCTS, [product.share for product in PRODUCTS], k=random.choice((1, 1, 2, 2, 3, 4))
    )
    keys = [(plan.share, plan.alias) for plan in KEYS]
    return [
        (1 / (n + 1), (one, key_id(one_of(random, keys)))) for n, one in enumerate(dict.fromkeys(products))
    ]


def _id(random: Random, number: int) -> str:
    """An id as applications make them; the number keeps it unique."""
    kinds = (0.5, 0.7, 0.85)
    match bisect_right(kinds, random.random()):
        case 0:
            return f"cus_{random.getrandbits(40):010x}{number:06x}"
        case 1:
            return f"{random.choice(_FIRST)}.{random.choice(_LAST)}.{number}@example.com".lower()
        case 2:
            return str(UUID(int=random.getrandbits(96) << 32 | number))
    return f"{random.choice(_FIRM)}-{number}".replace(" ", "-")


def _alias(random: Random, number: int) -> str | None:
    """A name for people; a third has none."""
    kind = random.random()
    if kind < 1 / 3:
        return None
    if kind < 2 / 3:
        return f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    return f"{random.choice(_FIRM)} {random.choice(_KIND)} {number}"
