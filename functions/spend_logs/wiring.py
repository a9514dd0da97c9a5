"""What answers questions to the spend logs, put together of services and settings."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from tollgate.errors import NotFound
from tollgate.models import load_models
from tollgate.queries import log_entry, log_summary, tag_spend
from tollgate.queries.budget_table import Clock
from tollgate.queries.calendar import Reporting
from tollgate.queries.formats import View
from tollgate.queries.log_count import LogCount
from tollgate.queries.log_parameters import LogParameters
from tollgate.queries.log_question import log_question, with_days
from tollgate.queries.log_reading import LogReader
from tollgate.queries.log_rows import COLUMNS
from tollgate.queries.log_tail import LogTail, tail_of
from tollgate.queries.question import within
from tollgate.queries.reading import Source
from tollgate.queries.spend_logs import SpendLogs, only_page
from tollgate.queries.totals import Totals
from tollgate.runtime import Services, services
from tollgate.settings import proxy_settings, reporting_settings, storage_settings
from tollgate.storage.ledger_pages import LedgerPages
from tollgate.storage.sums import Sums

_AT_ONCE: Final = 3000  # rows of some 1.5 kB: an answer has at most 6 MB

May = frozenset[str] | None  # the customers that may be read; None for all


def clock() -> Clock:
    """Now, in the reporting time zone."""
    return Clock(datetime.now(UTC), reporting_settings().reporting_timezone)


async def page(asked: LogParameters, may: May) -> View:
    """A page of the logs, one entry of them, or what came since."""
    now = clock()
    if asked.request_id:
        found = only_page(await _one(asked.request_id, may), asked.page_size)
    elif asked.since:
        tail = tail_of(asked, may, now.now)
        found = await LogTail(_reader(), now.now, may).answer(tail, asked.page_size)
    else:
        found = await _logs(now, may).answer(log_question(asked, now, may), asked.page, asked.page_size)
    following = found.get("next_cursor") or found.get("next_since")
    headers = {"x-next-cursor": following} if following else {}
    return View(found, COLUMNS, found["data"], "UTC", headers=headers)


async def rows(asked: LogParameters, may: May) -> View:
    """LiteLLM's old logs: rows, or their summary by day."""
    if asked.request_id:
        return _rows(await _one(asked.request_id, may))
    dated = bool(asked.start_date and asked.end_date)
    if dated and asked.summarize and not asked.cursor:
        return await log_summary.log_summary(within(log_summary.summary_question(asked), may), _source())
    now = clock()
    found, following = await _logs(now, may).rows(log_question(with_days(asked, now), now, may), _AT_ONCE)
    headers = {"x-litellm-spend-logs-truncated": "true", "x-next-cursor": following} if following else {}
    return _rows(found, headers)


async def entry(request_id: str, may: May) -> dict[str, Any]:
    """One entry with its cost explained. Raises NotFound."""
    models = load_models(proxy_settings().models_file)
    return await log_entry.log_entry(request_id, services().ledger, models, may)


async def by_tag(asked: tag_spend.TagParameters, may: May) -> dict[str, Sums]:
    """Sums by tag, the largest spend first."""
    return await tag_spend.spend_by_tag(tag_spend.tag_question(asked, clock(), may), services().counters)


async def _one(request_id: str, may: May) -> list[dict[str, Any]]:
    try:
        return [await log_entry.log_row(request_id, services().ledger, may)]
    except NotFound:
        return []


def _rows(found: list[dict[str, Any]], headers: Mapping[str, str] = MappingProxyType({})) -> View:
    return View(found, COLUMNS, found, "UTC", headers=headers)


def _logs(now: Clock, may: May) -> SpendLogs:
    at = services()
    return SpendLogs(_reader(), LogCount(at.counters, _totals(at), now), may)


def _reader() -> LogReader:
    return LogReader(LedgerPages(services().database, storage_settings().ledger_table))


def _source() -> Source:
    hourly = timedelta(days=storage_settings().hourly_retention_days)
    at = services()
    return Source(at.counters, _totals(at), Reporting(*clock(), hourly))


@lru_cache(maxsize=1)
def _totals(used: Services) -> Totals:
    return Totals(used.counters)
