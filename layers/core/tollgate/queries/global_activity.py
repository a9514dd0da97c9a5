"""Requests and tokens of everybody by day, in all and by model, in LiteLLM's shapes (reference 4.3)."""

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any, Final

from tollgate.queries.boards import tokens
from tollgate.queries.breakdown import Sheet
from tollgate.queries.formats import View
from tollgate.queries.sums_by import by, by_day, group_of, only
from tollgate.storage.sums import Sums

COLUMNS: Final = ("date", "api_requests", "total_tokens")
_MODELS: Final = 10
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def activity(found: Sheet, zone: str) -> View:
    """`/global/activity`, in the order of days; a range over New Year has its days in that order, too."""
    days = by_day(found)
    return View(_activity(days), COLUMNS, _rows(days), zone)


def activity_by_model(found: Sheet, zone: str) -> View:
    """`/global/activity/model`: the ten models, as clients call them, with the largest spend."""
    body, rows = [], []
    for model in islice(by(found, group_of), _MODELS):
        days = by_day(_of_model(found, model))
        body.append({"model": model, **_activity(days)})
        rows += [{"model": model, **row} for row in _rows(days)]
    return View(body, ("model", *COLUMNS), rows, zone)


def _of_model(found: Sheet, model: str) -> Sheet:
    return only(found, lambda dims: group_of(dims) == model)


def _activity(days: Mapping[str, Sums]) -> dict[str, Any]:
    rows = _rows(days)
    return {
        "daily_data": [{**row, "date": _short(row["date"])} for row in rows],
        "sum_api_requests": sum(row["api_requests"] for row in rows),
        "sum_total_tokens": sum(row["total_tokens"] for row in rows),
    }


def _rows(days: Mapping[str, Sums]) -> list[dict[str, Any]]:
    return [
        {"date": day, "api_requests": sums.get("api_requests", 0), "total_tokens": tokens(sums)}
        for day, sums in days.items()
    ]


def _short(day: str) -> str:
    """A day as LiteLLM writes it here: Jan 05, whatever the process's locale."""
    parsed = date.fromisoformat(day)
    return f"{_MONTHS[parsed.month - 1]} {parsed.day:02}"
