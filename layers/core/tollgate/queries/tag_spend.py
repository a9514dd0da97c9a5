"""What was spent by tag (reference 4.3). A call with several tags is counted under each of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any, Final, NamedTuple

from tollgate.days import months_between, reporting_day
from tollgate.errors import NotAllowed
from tollgate.queries.budget_table import Clock
from tollgate.queries.formats import Formatted, View
from tollgate.queries.parallel import each
from tollgate.queries.question import MAX_DAYS, InvalidQuery, date_of
from tollgate.storage.counter_keys import shards
from tollgate.storage.counters import CountersTable, TagCounter
from tollgate.storage.sums import Sums, merge

_DEFAULT: Final = timedelta(days=29)  # and the last day itself
_ALL: Final = "all-tags"  # LiteLLM's word


class TagParameters(Formatted):
    """The query string of spend by tag; without dates the last 30 days, `tags` a comma-separated list."""

    start_date: str = ""
    end_date: str = ""
    tags: str = ""


class TagQuestion(NamedTuple):
    """Which days and tags are asked for; no tags are all."""

    start: date
    end: date
    tags: frozenset[str] = frozenset()


def tag_question(asked: TagParameters, clock: Clock, may: frozenset[str] | None) -> TagQuestion:
    """The question in a query string. Raises InvalidQuery, NotAllowed for who may not read everybody's."""
    if may is not None:
        raise NotAllowed("Authentication Error, tags are of all customers: they need the scope usage:read.")
    today = date.fromisoformat(reporting_day(clock.now, clock.zone_name))
    end = date_of(asked.end_date) if asked.end_date else today
    start = date_of(asked.start_date) if asked.start_date else end - min(_DEFAULT, end - date.min)
    if end < start:
        raise InvalidQuery("end_date must be on or after start_date")
    if (end - start).days >= MAX_DAYS:
        raise InvalidQuery(f"Date range must be at most {MAX_DAYS} days")
    tags = frozenset(tag.strip() for tag in asked.tags.split(",")) - {"", _ALL}
    return TagQuestion(start, end, tags)


async def spend_by_tag(asked: TagQuestion, counters: CountersTable) -> dict[str, Sums]:
    """Sums by tag, the largest spend first. Raises AwsError, AwsUnavailable."""
    months = months_between(asked.start, asked.end)
    parts = await each(partial(_of_month, counters), product(months, shards()))
    found: dict[str, Sums] = {}
    for counter in (counter for part in parts for counter in part):
        if not asked.tags or counter.tag in asked.tags:
            found[counter.tag] = merge(found.get(counter.tag, {}), counter.sums)
    return dict(sorted(found.items(), key=lambda one: (-one[1].get("charge", 0), one[0])))


def spend_tags(found: Mapping[str, Sums], zone: str) -> View:
    """LiteLLM's answer to /spend/tags."""
    names = ("individual_request_tag", "log_count", "total_spend")
    rows = [dict(zip(names, (tag, *_of(sums)), strict=True)) for tag, sums in found.items()]
    return View(rows, names, rows, zone)


def spend_per_tag(found: Mapping[str, Sums], zone: str) -> View:
    """LiteLLM's answer to /global/spend/tags."""
    names = ("name", "log_count", "spend")
    rows = [dict(zip(names, (tag, *_of(sums)), strict=True)) for tag, sums in found.items()]
    return View({"spend_per_tag": rows}, names, rows, zone)


def tag_names(found: Mapping[str, Sums], zone: str) -> View:
    """LiteLLM's answer to /global/spend/all_tag_names."""
    names = sorted(found)
    return View({"tag_names": names}, ("name",), [{"name": name} for name in names], zone)


def _of(sums: Sums) -> tuple[Any, Any]:
    return sums.get("api_requests", 0), sums.get("charge", 0)


async def _of_month(counters: CountersTable, shard: tuple[tuple[str, str], int]) -> list[TagCounter]:
    (start, end), slot = shard
    return [counter async for counter in counters.tags(start, end, slot)]
