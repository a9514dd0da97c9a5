"""Many parts of the ledger read as one, in order of time, no further than somebody asks.

Parts are the slots of a day, or customers. Each is read some records ahead; what is certain to come next,
because no part can hold anything before it, is given out.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from tollgate.ids import SLOTS, first_id_at, instant
from tollgate.queries.parallel import each
from tollgate.records import Entry, SpendEvent
from tollgate.storage.ledger_pages import BATCH, LedgerPages, Page, Span

Record = Entry | SpendEvent
Fetch = Callable[[Span, int], Awaitable[Page]]
_LEAST: Final = 8
_SHARES: Final = 3  # of a page: one slot in tens of thousands holds more of it
_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(milliseconds=1)
_MOST_AHEAD: Final = 1000


class _Part:
    """One part: what was read of it, and how to read on."""

    def __init__(self, fetch: Fetch, span: Span, ahead: int) -> None:
        self._fetch = fetch
        self._span = span
        self._ahead = ahead
        self.read: list[tuple[str, Record | None]] = []
        self.more = True

    async def read_on(self) -> None:
        page = await self._fetch(self._span, self._ahead)
        self.read += page.records
        self.more = page.more
        if page.records:
            self._span = self._span.after(page.records[-1][0])

    def take(self, until: str | None, *, newest_first: bool) -> list[tuple[str, Record | None]]:
        """What was read up to a request id, or all."""
        if until is None:
            taken, self.read = self.read, []
            return taken
        kept = [one for one in self.read if (one[0] < until if newest_first else one[0] > until)]
        taken, self.read = self.read[: len(self.read) - len(kept)], kept
        return taken


async def _merged(
    fetches: Sequence[Fetch], span: Span, wanted: int
) -> AsyncIterator[list[tuple[str, Record | None]]]:
    ahead = max(_LEAST, _SHARES * -(-wanted // len(fetches)) if len(fetches) > 1 else wanted)
    parts = [_Part(fetch, span, min(ahead, _MOST_AHEAD)) for fetch in fetches]
    while True:
        hungry = [part for part in parts if part.more and not part.read]
        await each(_Part.read_on, hungry)
        if any(part.more and not part.read for part in parts):
            continue  # a page may hold nothing but its bounds
        ends = [part.read[-1][0] for part in parts if part.more]
        until = (max(ends) if span.newest_first else min(ends)) if ends else None
        found = [one for part in parts for one in part.take(until, newest_first=span.newest_first)]
        yield sorted(found, key=lambda one: one[0], reverse=span.newest_first)
        if until is None:
            return


class LogReader:
    """Reads the records of some customers, or of everybody on some days."""

    def __init__(self, pages: LedgerPages) -> None:
        self._pages = pages

    async def of_customers(
        self, customers: Sequence[str], span: Span, wanted: int
    ) -> AsyncIterator[list[Record]]:
        """Records of customers, in chunks, in the span's order."""
        fetches = [partial(self._pages.customer, customer_id) for customer_id in customers]
        if not fetches:
            return
        async for chunk in _merged(fetches, span, wanted):
            ids = [request_id for request_id, _ in chunk]
            yield await self.loaded(ids, newest_first=span.newest_first)

    async def of_days(self, days: Sequence[date], span: Span, wanted: int) -> AsyncIterator[list[Record]]:
        """Everybody's records of UTC days, in chunks; the days come in the span's order."""
        for day in days:
            fetches = [partial(self._pages.slot, day.isoformat(), slot) for slot in range(SLOTS)]
            async for chunk in _merged(fetches, span, wanted):
                yield [record for _, record in chunk if record is not None]

    async def loaded(self, request_ids: Sequence[str], *, newest_first: bool = True) -> list[Record]:
        """The records of request ids, in order."""
        batches = [request_ids[n : n + BATCH] for n in range(0, len(request_ids), BATCH)]
        found = [record for batch in await each(self._pages.load, batches) for record in batch]
        return sorted(found, key=request_id_of, reverse=newest_first)


def request_id_of(record: Record) -> str:
    """The request id of a record, open or closed."""
    return entry_of(record).request_id


def entry_of(record: Record) -> Entry:
    """The entry of a record, open or closed."""
    return record.entry if isinstance(record, SpendEvent) else record


def span_of(start: datetime, end: datetime, *, newest_first: bool = True) -> Span:
    """The request ids made in [start, end); the very first id of a moment is nobody's."""
    return Span(first_id_at(start), first_id_at(end), newest_first)


def utc_days(span: Span) -> list[date]:
    """The UTC days that a span touches, in its order."""
    first, end = instant(span.low).date(), instant(span.high)
    last = (end - _INSTANT if span.high == first_id_at(end) else end).date()
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    return days[::-1] if span.newest_first else days
