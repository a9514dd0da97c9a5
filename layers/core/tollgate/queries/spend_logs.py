"""The ledger's closed entries, a page at a time, and as they come.

A page of a customer is one query of the index and one batch of reads; of everybody, the slots of the newest
days that had calls. How many there are is known from the counters wherever they can tell; a question that
hardly anything answers stops after `_MOST` records, and its cursor goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, NamedTuple, TypeGuard

from tollgate.queries.log_count import Counted, LogCount
from tollgate.queries.log_question import LogQuestion, cursor_behind
from tollgate.queries.log_reading import LogReader, Record, request_id_of, span_of, utc_days
from tollgate.queries.log_rows import duration, row
from tollgate.queries.question import InvalidQuery
from tollgate.records import SpendEvent

_MOST: Final = 20_000  # records looked at for one answer
_SORTED_MOST: Final = 10_000

_ANY_DAY: Final = Counted(None)


class Read(NamedTuple):
    """Spend events of a page, and the request id to go on behind; "" when there are no more."""

    events: list[SpendEvent]
    behind: str


def only_page(data: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """LiteLLM's page of rows that are all there are."""
    pages = {"page": 1, "page_size": size, "total_pages": 1, "total_is_capped": False}
    return {"data": data, "total": len(data), **pages, "has_more": False, "next_cursor": None}


class SpendLogs:
    """Answers questions to the logs, for who may read some customers; None for all."""

    def __init__(self, reader: LogReader, count: LogCount, may: frozenset[str] | None) -> None:
        self._reader = reader
        self._count = count
        self._may = may

    async def answer(self, asked: LogQuestion, page: int, size: int) -> dict[str, Any]:
        """LiteLLM's page, and `next_cursor`; `total` is None where only reading it all would tell.

        Raises InvalidQuery, AwsError, AwsUnavailable.
        """
        total, read = await self._counted_and_read(asked, page, size)
        return {
            "data": self._rows(read),
            "total": total,
            "page": page,
            "page_size": size,
            "total_pages": None if total is None else max(-(-total // size), 1),
            "total_is_capped": False,
            "has_more": bool(read.behind),
            "next_cursor": cursor_behind(asked, read.behind)
            if read.behind and asked.in_order_of_time
            else None,
        }

    async def rows(self, asked: LogQuestion, size: int) -> tuple[list[dict[str, Any]], str]:
        """So many rows, and the cursor of what follows, "" when nothing does."""
        _, read = await self._counted_and_read(asked, 1, size)
        return self._rows(read), cursor_behind(asked, read.behind) if read.behind else ""

    def _rows(self, read: Read) -> list[dict[str, Any]]:
        return [row(event, self._may) for event in read.events]

    async def _counted_and_read(self, asked: LogQuestion, page: int, size: int) -> tuple[int | None, Read]:
        """Customers are counted while they are read; of everybody, the count says which days to read."""
        if asked.customers is None:
            counted = await self._count.of(asked)
            return counted.total, await self._read(asked, counted, page, size)
        counting = asyncio.create_task(self._count.of(asked))
        try:
            read = await self._read(asked, _ANY_DAY, page, size)
            return (await counting).total, read
        finally:
            counting.cancel()

    async def _read(self, asked: LogQuestion, counted: Counted, page: int, size: int) -> Read:
        if not asked.in_order_of_time:
            return await self._sorted(asked, counted, page, size)
        skipped = 0 if asked.behind else (page - 1) * size
        found = await self._first(asked, counted, skipped + size)
        if found.behind and len(found.events) <= skipped:
            raise InvalidQuery("So far into the logs, pages have no numbers: go on with next_cursor")
        return Read(found.events[skipped:], found.behind)

    async def _first(self, asked: LogQuestion, counted: Counted, wanted: int) -> Read:
        """The first so many events, or those among the first _MOST records."""
        events: list[SpendEvent] = []
        looked, last = 0, ""
        async for chunk in self._chunks(asked, counted, wanted + 1):
            for record in chunk:
                if len(events) == wanted and _is_asked(record, asked):
                    return Read(events, request_id_of(events[-1]))
                if _is_asked(record, asked):
                    events.append(record)
                last = request_id_of(record)
            looked += len(chunk)
            if looked >= _MOST:
                return Read(events, last)
        return Read(events, "")

    async def _sorted(self, asked: LogQuestion, counted: Counted, page: int, size: int) -> Read:
        """A page in another order, for which all that is asked for must be read."""
        events: list[SpendEvent] = []
        looked = 0
        async for chunk in self._chunks(asked, counted, _SORTED_MOST):
            events += [record for record in chunk if _is_asked(record, asked)]
            looked += len(chunk)
            if looked > _SORTED_MOST:
                raise InvalidQuery(
                    f"Over {_SORTED_MOST} entries are not sorted by {asked.sort_by}: ask for fewer days"
                )
        ordered = sorted(events, key=_KEYS[asked.sort_by], reverse=asked.newest_first)
        shown = ordered[(page - 1) * size : page * size]
        return Read(shown, "more" if len(ordered) > page * size else "")

    def _chunks(self, asked: LogQuestion, counted: Counted, wanted: int) -> AsyncIterator[list[Record]]:
        span = span_of(asked.start, asked.end, newest_first=asked.newest_first)
        span = span.after(asked.behind) if asked.behind else span
        if asked.customers is not None:
            return self._reader.of_customers(asked.customers, span, wanted)
        return self._reader.of_days([day for day in utc_days(span) if day in counted.days], span, wanted)


def _is_asked(record: Record, asked: LogQuestion) -> TypeGuard[SpendEvent]:
    return isinstance(record, SpendEvent) and asked.filters.cover(record)


_KEYS: Final[Mapping[str, Callable[[SpendEvent], Any]]] = {
    "endTime": lambda event: event.closed_at,
    "spend": lambda event: event.charge,
    "total_tokens": lambda event: event.usage.prompt_tokens + event.usage.completion_tokens,
    "request_duration_ms": duration,
    "model": lambda event: event.entry.model,
}
