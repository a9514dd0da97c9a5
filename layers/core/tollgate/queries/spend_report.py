"""Spend reports by customer and day, or by key, in LiteLLM's shapes (reference 5.1) and without a licence."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from tollgate.money import ZERO
from tollgate.queries.boards import tokens
from tollgate.queries.breakdown import Share, Sheet, added_up, entity
from tollgate.queries.formats import View
from tollgate.queries.global_spend import GlobalParameters
from tollgate.queries.sums_by import by, key_of, model_of, only
from tollgate.records import Usage
from tollgate.storage.sums import Sums, collect

_CUSTOMER_COLUMNS: Final = ("group_by_day", "customer", "model", "api_key", "spend", "total_tokens")
_KEY_COLUMNS: Final = ("api_key", "model", "total_cost", "total_input_tokens", "total_output_tokens")
_Cells = dict[tuple[str, str], Sums]  # by model and key


class ReportParameters(GlobalParameters):
    """The query string of a report. There are no teams here; `customer_id` is honoured in every grouping."""

    group_by: Literal["customer", "api_key"] = "customer"


def by_customer(shares: Iterable[Share], zone: str) -> View:
    """`group_by=customer`: each day's customers, what each spent on every model and key."""
    days: dict[str, dict[str, _Cells]] = {}
    for customer_id, counter in shares:
        if counter.dims is None:
            continue
        cells = days.setdefault(counter.label, {}).setdefault(entity(customer_id), {})
        cell = model_of(counter.dims), key_of(counter.dims)
        collect(cells.setdefault(cell, {}), counter.sums)
    body: list[dict[str, Any]] = [
        {"group_by_day": day, "customers": [_customer(name, of_day[name]) for name in sorted(of_day)]}
        for day, of_day in sorted(days.items())
    ]
    rows = [
        {"group_by_day": day["group_by_day"], "customer": customer["customer"], **cell}
        for day in body
        for customer in day["customers"]
        for cell in customer["metadata"]
    ]
    return View(body, _CUSTOMER_COLUMNS, rows, zone)


def by_key(found: Sheet, zone: str) -> View:
    """`group_by=api_key`: each key and what it spent on every model, the largest spend first."""
    body = []
    for key in by(found, key_of):
        details = by(_of_key(found, key), model_of)
        models = [{"model": model, **_cost(sums)} for model, sums in details.items()]
        body.append({"api_key": key, **_cost(added_up(details.values())), "model_details": models})
    rows = [{"api_key": one["api_key"], **model} for one in body for model in one["model_details"]]
    return View(body, _KEY_COLUMNS, rows, zone)


def _of_key(found: Sheet, key: str) -> Sheet:
    return only(found, lambda dims: key_of(dims) == key)


def _customer(name: str, cells: _Cells) -> dict[str, Any]:
    return {
        "customer": name,
        "total_spend": added_up(cells.values()).get("charge", ZERO),
        "metadata": [
            {
                "model": model,
                "api_key": key,
                "spend": sums.get("charge", ZERO),
                "total_tokens": tokens(sums),
            }
            for (model, key), sums in sorted(cells.items())
        ],
    }


def _cost(sums: Mapping[str, Any]) -> dict[str, Any]:
    usage = Usage.of(sums)
    return {
        "total_cost": sums.get("charge", ZERO),
        "total_input_tokens": usage.prompt_tokens,
        "total_output_tokens": usage.completion_tokens,
    }
