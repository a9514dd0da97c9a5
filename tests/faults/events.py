"""Spend events made up at random from a seed, and put into a ledger as the proxy would."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.functions import for_recorder
from tests.ministack import Deployment
from tollgate import runtime
from tollgate.days import reporting_day
from tollgate.ids import new_request_id
from tollgate.records import Entry, SpendEvent, Usage

TAGS = ("eu", "job #1", "prod")
MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo")


def spend_event(seed: Random, customers: int) -> SpendEvent:
    """A call of one of so many customers, the unassigned among them; every tenth failed and was free."""
    now = datetime.now(UTC).replace(microsecond=0)
    model, who = seed.choice(MODELS), seed.randrange(customers)
    entry = Entry(
        request_id=new_request_id(),
        customer_id=f"customer-{who}" if who else "",
        key_id="key",
        model_group=model,
        model=model,
        provider="openai",
        endpoint="/chat/completions",
        started_at=now,
        day=reporting_day(now, "UTC"),
        tags=tuple(sorted(seed.sample(TAGS, seed.randrange(3)))),
    )
    if seed.random() < 0.1:
        return SpendEvent(entry, "failure", "upstream_error", now, http_status=500)
    usage = Usage(
        input=seed.randrange(10**6), cache_read=seed.randrange(10**4), output=seed.randrange(1, 10**5)
    )
    cost = Decimal(seed.randrange(1, 10**12)).scaleb(-12)
    closed = now + timedelta(milliseconds=5)
    return SpendEvent(entry, "success", "finished", closed, usage, cost, cost, duration_ms=5, http_status=200)


def book(events: Sequence[SpendEvent]) -> None:
    """Close the events' entries; they then wait to be counted."""
    runtime.run(_book(events))


def booked(deployment: Deployment, seed: int, *, events: int = 60, customers: int = 30) -> list[Any]:
    """Events in a deployment's ledger, and the stream's records of them as the recorder gets them."""
    random = Random(seed)
    book([spend_event(random, customers) for _ in range(events)])
    records = for_recorder(deployment.streamed())
    assert len(records) == events
    return records


async def _book(events: Sequence[SpendEvent]) -> None:
    ledger = runtime.services().ledger
    await asyncio.gather(*(ledger.close(event) for event in events))
