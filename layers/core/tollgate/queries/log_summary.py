"""LiteLLM's old summary of the logs (reference 4.1): spend by day, and in it by customer, model and key.

Its `users` are customers here. Of one key they are not told apart: no counter is of both a key and a day's
customers.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from tollgate.days import days_between
from tollgate.money import EXACT, ZERO
from tollgate.queries.breakdown import Share
from tollgate.queries.formats import View
from tollgate.queries.log_parameters import LogParameters
from tollgate.queries.log_question import customers_of
from tollgate.queries.question import UNASSIGNED, Question, Selection, selected
from tollgate.queries.reading import Reading, Source
from tollgate.queries.sums_by import key_of, model_of
from tollgate.storage.counter_keys import Dims
from tollgate.storage.sums import Sums

_COLUMNS: Final = ("startTime", "spend")


def summary_question(asked: LogParameters) -> Question:
    """The days, customer, model, key and provider of a summary. Raises InvalidQuery."""
    question = selected(
        Selection(
            start_date=asked.start_date,
            end_date=asked.end_date,
            model=asked.model,
            api_key=asked.api_key,
            provider=asked.custom_llm_provider,
        )
    )
    customers = customers_of(asked)
    return question if customers is None else replace(question, customers=frozenset(customers))


async def log_summary(asked: Question, source: Source) -> View:
    """A row for each day, the first day first, days without calls included; spend in exact USD.

    Raises InvalidQuery, AwsError, AwsUnavailable.
    """
    reading = Reading(source, asked)
    sheet = await reading.sheet()
    if asked.customers is not None:
        shares = await reading.shares(asked.customers)
    else:
        shares = [] if asked.by_dims else await reading.day_sums(sheet.keys())
    days = days_between(asked.start, asked.end)
    rows = [
        _day(day, sheet.get(day, {}), [one for one in shares if one.counter.label == day]) for day in days
    ]
    return View(rows, _COLUMNS, rows, reading.calendar.zone_name)


def _day(day: str, found: dict[Dims, Sums], shares: Iterable[Share]) -> dict[str, Any]:
    models: dict[str, Decimal] = {}
    keys: dict[str, Decimal] = {}
    users: dict[str, Decimal] = {}
    for dims, sums in found.items():
        _add(models, model_of(dims), sums)
        _add(keys, key_of(dims), sums)
    for share in shares:
        _add(users, share.customer_id or UNASSIGNED, share.counter.sums)
    spend = ZERO
    for amount in models.values():
        spend = EXACT.add(spend, amount)
    return {"startTime": day, "spend": spend, "users": users, "models": models, **keys}


def _add(amounts: dict[str, Decimal], name: str, sums: Sums) -> None:
    amounts[name] = EXACT.add(amounts.get(name, ZERO), Decimal(sums.get("charge", ZERO)))
