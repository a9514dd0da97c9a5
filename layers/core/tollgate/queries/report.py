"""The whole answer of daily activity: one page of days, and totals of every day asked for.

LiteLLM's pages are rows of its table, its totals those of one page, and a day may lie on two pages. Here a
page is so many whole days, and the totals are complete on each.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tollgate.queries.breakdown import Share, Sheet, day_result, grand_total
from tollgate.queries.metrics import totals
from tollgate.queries.question import Question


def shown_days(found: Sheet, asked: Question) -> list[str]:
    """The days of the page asked for, newest first; days without a call are on no page."""
    start = (asked.page - 1) * asked.page_size
    return sorted(found, reverse=True)[start : start + asked.page_size]


def report(
    asked: Question, found: Sheet, shares: Iterable[Share], aliases: Mapping[str, str | None], timezone: str
) -> dict[str, Any]:
    """LiteLLM's response; `shares` are the customers' parts of the days shown."""
    by_day: dict[str, list[Share]] = {}
    for share in shares:
        by_day.setdefault(share.counter.label, []).append(share)
    shown = shown_days(found, asked)
    return {
        "results": [day_result(day, found[day], by_day.get(day, ()), aliases) for day in shown],
        "metadata": _metadata(asked, found, timezone),
    }


def _metadata(asked: Question, found: Sheet, timezone: str) -> dict[str, Any]:
    pages = -(-len(found) // asked.page_size)
    return {
        **totals(grand_total(found)),
        "page": asked.page,
        "total_pages": max(pages, 1),
        "has_more": asked.page < pages,
        "api_key_limit": None,
        "total_api_keys": None,
        "entity_total_api_keys": None,
        "timezone": timezone,
    }
