"""The whole answer of daily activity: one page of days, and totals of every day asked for.

LiteLLM's pages are rows of its table, its totals those of one page, and a day may lie on two pages. Here a
page is so many whole days, and the totals are complete on each.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tollgate.queries.breakdown import Names, Share, Sheet, day_result, grand_total
from tollgate.queries.metrics import totals
from tollgate.queries.question import Question


class KeyCounts(NamedTuple):
    """How many keys are told apart at most, and how many there are, in all and among the entities."""

    api_key_limit: int | None = None
    total_api_keys: int | None = None
    entity_total_api_keys: int | None = None


_UNCOUNTED = KeyCounts()


def shown_days(found: Sheet, asked: Question) -> list[str]:
    """The days of the page asked for, newest first; days without a call are on no page."""
    start = (asked.page - 1) * asked.page_size
    return sorted(found, reverse=True)[start : start + asked.page_size]


def report(  # noqa: PLR0913, PLR0917 - an answer is all of these
    asked: Question,
    found: Sheet,
    shares: Iterable[Share],
    names: Names,
    timezone: str,
    keys: KeyCounts | None = None,
) -> dict[str, Any]:
    """LiteLLM's response; `shares` are the customers' parts of the days shown."""
    by_day: dict[str, list[Share]] = {}
    for share in shares:
        by_day.setdefault(share.counter.label, []).append(share)
    shown = shown_days(found, asked)
    return {
        "results": [day_result(day, found[day], by_day.get(day, ()), names) for day in shown],
        "metadata": {**_metadata(asked, found), **(keys or _UNCOUNTED)._asdict(), "timezone": timezone},
    }


def _metadata(asked: Question, found: Sheet) -> dict[str, Any]:
    pages = -(-len(found) // asked.page_size)
    return {
        **totals(grand_total(found)),
        "page": asked.page,
        "total_pages": max(pages, 1),
        "has_more": asked.page < pages,
    }
