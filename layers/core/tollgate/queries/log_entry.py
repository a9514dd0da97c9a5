"""One entry of the ledger, and its cost worked out again: class by class, at the prices of its moment.

The lines always add up to what was booked. When the price book has changed since, a line of its own says by
how much today's book differs.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from tollgate.errors import NotFound
from tollgate.models import Deployment, Models
from tollgate.money import EXACT, ZERO
from tollgate.pricing import Line, Price
from tollgate.queries.budget_table import text_of
from tollgate.queries.log_reading import Record, entry_of
from tollgate.queries.log_rows import duration, entry_times, row
from tollgate.queries.question import tells_cost
from tollgate.records import Entry, SpendEvent
from tollgate.served import deployment_of
from tollgate.storage.ledger import LedgerTable

BILLED: Final = "provider"  # the price version of a cost that the provider itself reports
_NOBODYS: Final = "There is no such request in the ledger: it never was, or its time there is over."


async def log_entry(
    request_id: str, ledger: LedgerTable, models: Models, may: frozenset[str] | None
) -> dict[str, Any]:
    """One row with its cost explained, or to a key of some customers its charge.

    Raises NotFound, also for a customer that may not be read.
    """
    explained = _cost if tells_cost(may) else _charge
    record = await _record(request_id, ledger, may)
    return {
        **row(record, may),
        "timings": _timings(record),
        "hold": _hold(entry_of(record)),
        "cost_breakdown": explained(record, models) if isinstance(record, SpendEvent) else None,
    }


async def log_row(request_id: str, ledger: LedgerTable, may: frozenset[str] | None) -> dict[str, Any]:
    """One row. Raises NotFound, also for a customer that may not be read."""
    return row(await _record(request_id, ledger, may), may)


async def _record(request_id: str, ledger: LedgerTable, may: frozenset[str] | None) -> Record:
    try:
        record = await ledger.get(request_id)
    except ValueError:
        record = None
    if record is None or (may is not None and entry_of(record).customer_id not in may):
        raise NotFound(_NOBODYS, param="request_id")
    return record


def _timings(record: Record) -> dict[str, Any]:
    began = entry_times(entry_of(record))
    if not isinstance(record, SpendEvent):
        return began | dict.fromkeys(("closed_at", "first_byte_after_ms", "answered_after_ms", "duration_ms"))
    return {
        **began,
        "closed_at": text_of(record.closed_at),
        "first_byte_after_ms": record.first_byte_ms,
        "answered_after_ms": record.duration_ms,
        "duration_ms": duration(record),
    }


def _hold(entry: Entry) -> dict[str, Any]:
    """What was set aside at admission, USD and tokens, and the windows that it was taken from."""
    return {
        "held": entry.held,
        "held_tokens": entry.held_tokens,
        "windows": entry.tracked or None,
        "key_windows": entry.key_tracked or None,
        "input_estimate": entry.input_estimate,
        "output_limit": entry.output_limit or None,
    }


def _cost(event: SpendEvent, models: Models) -> dict[str, Any]:
    deployment = deployment_of(event.entry, models)
    lines, current = _lines(event, deployment)
    rest = EXACT.subtract(event.cost, reduce(EXACT.add, (line["amount"] for line in lines), ZERO))
    changed = bool(event.price_version) and event.price_version not in (BILLED, current)
    if rest:
        lines.append(_whole("price_change" if changed else "not_explained", rest))
    return {
        "lines": lines,
        "cost": event.cost,
        **_charged(event),
        "price_version": event.price_version or None,
        "current_price_version": current or None,
        "price_changed": changed,
    }


def _charge(event: SpendEvent, _: Models) -> dict[str, Any]:
    """What was used and charged, without what the provider charges us for it."""
    lines = [{"class": name, "quantity": count} for name, count in event.usage.counts().items()]
    return {"lines": lines, **_charged(event)}


def _charged(event: SpendEvent) -> dict[str, Any]:
    return {"charge": event.charge, "estimated": event.estimated or None, "unpriced": event.unpriced}


def _lines(event: SpendEvent, deployment: Deployment | None) -> tuple[list[dict[str, Any]], str]:
    """The lines of a cost, and the version of the price book that they are from."""
    if event.price_version == BILLED:
        return [_whole("billed_by_provider", event.cost)], BILLED
    price = deployment.price if deployment else None
    if price is None:
        return [], ""
    served = _served(event.tier, price)
    usage = event.usage.without(price.missing(event.usage, served))
    return [_line(line) for line in price.lines(usage, served)], price.version


def _line(of: Line) -> dict[str, Any]:
    return {"class": of.name, **{name: value for name, value in of._asdict().items() if name != "name"}}


def _whole(name: str, amount: Decimal) -> dict[str, Any]:
    """A line that is not quantity times price."""
    return _line(Line(name, 1, amount, Decimal(1), amount))


def _served(tier: str, price: Price) -> Mapping[str, str]:
    """How a call was served, as its entry says; the standard way where the book has no price for it."""
    served = dict(part.split("=", 1) for part in tier.split(",") if "=" in part)
    return served if price.serves(served) else {}
