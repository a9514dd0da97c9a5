"""The spend events of one customer: sessions of some calls to one model, each with the prompt growing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from local.seed.catalogue import PROVIDERS, Product, price
from local.seed.chance import chance, number_near, one_of
from local.seed.people import Person
from local.seed.rhythm import beginning
from local.seed.settings import Plan
from tollgate.days import reporting_day
from tollgate.ids import first_id_at
from tollgate.records import Entry, SpendEvent, Usage

_CALLS: Final = 11  # in a usual session
_PAUSE: Final = 45_000  # milliseconds between its calls
_HOUR: Final = 3_599_000
_FAILED: Final = 0.015
_BAD_DAYS: Final = 17  # every so often a provider has one
_FAILED_ON_BAD_DAYS: Final = 0.2
_HUNG_UP: Final = 0.02
_MARK: Final = "beed"  # in the random part of a seeded request id


class _Session(NamedTuple):
    begins: datetime
    product: Product
    key_id: str
    name: str
    calls: int


def events_of(plan: Plan, person: Person, zone: str) -> Iterator[SpendEvent]:
    """All of a person's events, session by session."""
    random = chance(plan.seed, "traffic", person.customer_id)
    left = person.events
    while left:
        session = _session(plan, person, random, left)
        left -= session.calls
        yield from _calls(person.customer_id, session, random, zone)


def is_seeded(request_id: str) -> bool:
    """Whether a request id was made here."""
    return request_id[19:23] == _MARK


def _session(plan: Plan, person: Person, random: Random, most: int) -> _Session:
    product, key_id = one_of(random, person.mix)
    calls = min(most, number_near(random, _CALLS))
    return _Session(
        beginning(plan, person, random), product, key_id, f"s-{random.getrandbits(48):012x}", calls
    )


def _calls(customer_id: str, session: _Session, random: Random, zone: str) -> Iterator[SpendEvent]:
    """Its calls, all within the hour that it begins in, so that a session is few counters."""
    hour = session.begins.replace(minute=0, second=0, microsecond=0)
    offset = (session.begins - hour) // timedelta(milliseconds=1)
    for turn in range(session.calls):
        began = hour + timedelta(milliseconds=min(offset, _HOUR))
        yield _event(_entry(customer_id, session, began, random, zone), session, turn, random)
        offset += number_near(random, _PAUSE)


def _entry(customer_id: str, session: _Session, began: datetime, random: Random, zone: str) -> Entry:
    product = session.product
    return Entry(
        request_id=_request_id(began, random),
        customer_id=customer_id,
        key_id=session.key_id,
        model_group=product.model,
        model=product.model,
        provider=PROVIDERS.get(product.provider, product.provider),
        endpoint=product.endpoint,
        started_at=began,
        day=reporting_day(began, zone),
        stream=product.completion > 0,
        session_id=session.name,
        virtual_key=True,
    )


def _event(entry: Entry, session: _Session, turn: int, random: Random) -> SpendEvent:
    if random.random() < _failing(entry):
        return _failure(entry, random)
    usage = _usage(session.product, turn, random)
    book = price(session.product, entry.day)
    cost = book.cost(usage)
    took = 300 + random.randrange(500) + (usage.output + usage.reasoning) * random.randrange(6, 14)
    hung_up = entry.stream and random.random() < _HUNG_UP
    ending: Any = {
        "status": "success",
        "ending": "client_gone" if hung_up else "finished",
        "http_status": 200,
    }
    closed = entry.started_at + timedelta(milliseconds=took)
    return SpendEvent(
        entry, closed_at=closed, usage=usage, cost=cost, charge=cost, price_version=book.version,
        duration_ms=took, first_byte_ms=_first_byte(entry, took), **ending,
    )  # fmt: skip


def _first_byte(entry: Entry, took: int) -> int:
    """A stream begins to answer soon, any other answer comes at its end."""
    return min(took, 280 + took // 12) if entry.stream else took


def _failure(entry: Entry, random: Random) -> SpendEvent:
    status = random.choice((429, 429, 500, 503))
    closed = entry.started_at + timedelta(milliseconds=random.randrange(50, 2000))
    return SpendEvent(entry, "failure", "upstream_error", closed, http_status=status)


def _failing(entry: Entry) -> float:
    """How likely a call fails: on a provider's bad days far more."""
    bad = (entry.started_at.toordinal() + len(entry.provider)) % _BAD_DAYS == 0
    return _FAILED_ON_BAD_DAYS if bad else _FAILED


def _usage(product: Product, turn: int, random: Random) -> Usage:
    grown = product.prompt * (1 + 0.25 * min(turn, 12))
    prompt, completion = (int(of * random.lognormvariate(0, 0.35)) for of in (grown, product.completion))
    cached = int(prompt * product.cached) if turn else 0
    written = prompt // 2 if product.provider == "anthropic" and product.cached and not turn else 0
    hidden = int(completion * product.reasoning)
    return Usage(
        input=prompt - cached - written,
        cache_read=cached,
        cache_write_5m=written,
        output=completion - hidden,
        reasoning=hidden,
    )


def _request_id(began: datetime, random: Random) -> str:
    """A UUIDv7 of a moment; its random part is the seed's, and says so."""
    bits = random.getrandbits(60)
    return f"{first_id_at(began)[:14]}7{bits >> 48:03x}-{_MARK}-{bits & (1 << 48) - 1:012x}"
