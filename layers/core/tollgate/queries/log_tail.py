"""The logs as they come: calls when they begin, and again when they are over.

A cursor holds how far the ledger was read, and which of the calls that were told of are still open. What
began less than `_BEHIND` ago is left for the next question: its entry may just be on its way.
"""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from tollgate.ids import first_id_at, instant
from tollgate.queries import cursors
from tollgate.queries.log_parameters import Filters, LogParameters, filters_of
from tollgate.queries.log_question import customers_of, permitted
from tollgate.queries.log_reading import LogReader, Record, entry_of, request_id_of, utc_days
from tollgate.queries.log_rows import row
from tollgate.queries.question import InvalidQuery
from tollgate.records import SpendEvent
from tollgate.storage.ledger_pages import Span

BEGIN: Final = "now"
_LIST: Final = "spend_logs_tail"
_BEHIND: Final = timedelta(seconds=2)
_OLDEST: Final = timedelta(days=1)
_MOST_OPEN: Final = 100  # in one cursor, which must fit a URL; of more, the newest are followed


class Tail(NamedTuple):
    """How far the ledger was read, for whom, and what was open then."""

    after: str
    customers: tuple[str, ...] | None = None
    filters: Filters = Filters()
    open: tuple[str, ...] = ()


def tail_of(asked: LogParameters, may: frozenset[str] | None, now: datetime) -> Tail:
    """The tail to go on with, or a new one. Raises InvalidQuery, NotAllowed."""
    if asked.since == BEGIN:
        filters = filters_of(asked)
        return Tail(first_id_at(now - _BEHIND), permitted(customers_of(asked), may), filters)
    tail = cursors.read(asked.since, Tail, _LIST)
    tail = tail._replace(customers=permitted(tail.customers, may))
    if instant(tail.after) < now - _OLDEST:
        raise InvalidQuery("since is over a day old: begin again with since=now, and read the logs up to it")
    return tail


class LogTail:
    """Answers what came since."""

    def __init__(self, reader: LogReader, now: datetime, may: frozenset[str] | None) -> None:
        self._reader = reader
        self._may = may
        self._until = first_id_at(now - _BEHIND)

    async def answer(self, tail: Tail, size: int) -> dict[str, Any]:
        """Up to so many new rows and those that changed, oldest first; `next_since` is the next cursor."""
        over = [one for one in await self._reader.loaded(tail.open, newest_first=False) if _is_over(one)]
        new, after = await self._new(tail, size)
        shown = [one for one in [*over, *new] if _is_asked(tail, one)]
        gone = {request_id_of(one) for one in over}
        still = [one for one in tail.open if one not in gone]
        still += [request_id_of(one) for one in new if not _is_over(one) and _is_asked(tail, one)]
        following = tail._replace(after=after, open=tuple(still[-_MOST_OPEN:]))
        return {
            "data": [row(one, self._may) for one in shown],
            "has_more": after != self._until,
            "next_since": cursors.written(following, _LIST),
        }

    async def _new(self, tail: Tail, size: int) -> tuple[list[Record], str]:
        span = Span(tail.after, self._until, newest_first=False)
        found: list[Record] = []
        if span.low >= span.high:
            return found, tail.after
        if tail.customers is None:
            chunks = self._reader.of_days(utc_days(span), span, size)
        else:
            chunks = self._reader.of_customers(tail.customers, span, size)
        async for chunk in chunks:
            found += chunk
            if len(found) >= size:
                return found[:size], request_id_of(found[size - 1])
        return found, self._until


def _is_over(record: Record) -> bool:
    return isinstance(record, SpendEvent)


def _is_asked(tail: Tail, record: Record) -> bool:
    """Whether a record is one that is followed; of an open one, only what it began with is known."""
    if isinstance(record, SpendEvent):
        return tail.filters.cover(record)
    return tail.filters.cover_entry(entry_of(record))
