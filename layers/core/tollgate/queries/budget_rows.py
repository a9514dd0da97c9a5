"""Tiers as LiteLLM's routes show them: whole rows, the fields of a form, a sorted page (reference 2.7)."""

from collections.abc import Sequence
from math import ceil
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from tollgate.queries.budget_table import Clock, budget_table, text_of
from tollgate.storage.budgets import Budget

Sorting = Literal[
    "-created_at",
    "created_at",
    "-budget_id",
    "budget_id",
    "-max_budget",
    "max_budget",
    "-tpm_limit",
    "tpm_limit",
    "-rpm_limit",
    "rpm_limit",
    "-tpd_limit",
    "tpd_limit",
    "-budget_duration",
    "budget_duration",
]
_COLUMNS: Final = (
    "budget_id",
    "max_budget",
    "soft_budget",
    "tpm_limit",
    "rpm_limit",
    "tpd_limit",
    "budget_duration",
    "budget_reset_at",
    "created_at",
    "updated_at",
)
_FIELDS: Final = {
    "max_budget": ("Float", "The most that may be spent in a window, in USD."),
    "soft_budget": ("Float", "A sum to be shown when it is spent, in USD; it never refuses."),
    "max_parallel_requests": ("Integer", "The most calls at once."),
    "tpm_limit": ("Integer", "The most tokens in a minute."),
    "rpm_limit": ("Integer", "The most requests in a minute."),
    "tpd_limit": ("Integer", "The most tokens of batch jobs in a day."),
    "budget_duration": ("String", "How long a window is, such as 30s, 1h, 7d or 1mo."),
    "model_max_budget": ("Object", "Limits of single models, or of all that fit a pattern."),
}


class BudgetPage(BaseModel):
    """The query string of a sorted page."""

    sort: Sorting = "-created_at"
    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 50


def row(tier: Budget, clock: Clock) -> dict[str, Any]:
    """LiteLLM's row of a tier; `created_by` and `updated_by` are key ids."""
    return {
        **budget_table(tier.budget_id, tier.limits, tier.created_at, clock),
        "created_by": tier.created_by,
        "updated_at": text_of(tier.updated_at),
        "updated_by": tier.updated_by,
    }


def settings_of(tier: Budget | None, clock: Clock) -> list[dict[str, Any]]:
    """The fields of a form, with a tier's values; of a tier that is not there they are null."""
    values = row(tier, clock) if tier else {}
    return [
        {
            "field_name": name,
            "field_type": kind,
            "field_description": about,
            "field_value": values.get(name),
            "stored_in_db": values.get(name) is not None,
            "field_default_value": None,
        }
        for name, (kind, about) in _FIELDS.items()
    ]


def page_of(tiers: Sequence[Budget], asked: BudgetPage, clock: Clock) -> dict[str, Any]:
    """One page of tiers; those without a value in the column sorted by come last."""
    column, descending = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    rows = sorted((row(tier, clock) for tier in tiers), key=lambda r: str(r["budget_id"]))
    valued = sorted((r for r in rows if r[column] is not None), key=lambda r: r[column], reverse=descending)
    ordered = valued + [r for r in rows if r[column] is None]
    start = (asked.page - 1) * asked.page_size
    shown = [{name: r[name] for name in _COLUMNS} for r in ordered[start : start + asked.page_size]]
    pages = ceil(len(rows) / asked.page_size)
    return {"data": shown, "meta": _meta(asked, len(rows), pages), "links": _links(asked, pages)}


def _meta(asked: BudgetPage, total: int, pages: int) -> dict[str, Any]:
    return {
        "page": asked.page,
        "page_size": asked.page_size,
        "total": total,
        "total_pages": pages,
        "has_more": asked.page < pages,
    }


def _links(asked: BudgetPage, pages: int) -> dict[str, Any]:
    def link(page: int) -> str:
        return f"/management/v1/budgets?sort={asked.sort}&page={page}&page_size={asked.page_size}"

    return {
        "self": link(asked.page),
        "next": link(asked.page + 1) if asked.page < pages else None,
        "prev": link(asked.page - 1) if asked.page > 1 else None,
    }
