"""The archive: every counted spend event as a row, for questions that outgrow the counters.

Rows are delivered at least once and told apart by `request_id`. Money is exact: DECIMAL(38,24) holds all but
the last digits of an endless fraction (a price by the hour, charged by the second), which stand in a column
of their own, `<name>_rest`, DECIMAL(38,38), nearly always 0. A sum of both columns is the exact sum.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import Any, Final

from tollgate import observability
from tollgate.records import USAGE_CLASSES, SpendEvent
from tollgate.storage.ledger import parse_image

Row = Mapping[str, Any]
Deliver = Callable[[Sequence[Row]], Awaitable[set[int]]]  # answers which rows, by place, were not taken

_MONEY: Final = ("cost", "charge", "held")
_UNIT: Final = Decimal(1).scaleb(-24)
_REST_UNIT: Final = Decimal(1).scaleb(-38)
_WIDE: Final = Context(prec=80, traps=[InvalidOperation])
_WHOLE_DIGITS: Final = 14
PARTITION: Final = "day"
# Columns and their types, in Glue's words; the partition is not among them.
COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("request_id", "call_id", "customer_id", "session_id", "key_id"), "string"),
    **dict.fromkeys(("model_group", "model", "provider", "endpoint"), "string"),
    "tags": "array<string>",
    "spend_logs_metadata": "string",
    **dict.fromkeys(("started_at", "closed_at"), "timestamp"),
    "duration_ms": "bigint",
    **dict.fromkeys(("status", "ending", "estimated", "price_version", "tier"), "string"),
    **dict.fromkeys(("http_status", "attempt"), "int"),
    **dict.fromkeys(("stream", "unpriced"), "boolean"),
    **dict.fromkeys(_MONEY, "decimal(38,24)"),
    **dict.fromkeys((f"{name}_rest" for name in _MONEY), "decimal(38,38)"),
    **dict.fromkeys(USAGE_CLASSES, "bigint"),
}
_OF_ENTRY: Final = (
    *("request_id", "call_id", "customer_id", "session_id", "key_id", "model_group", "model", "provider"),
    *("endpoint", "spend_logs_metadata", "stream", "attempt"),
)
_OF_EVENT: Final = (
    *("duration_ms", "status", "ending", "estimated", "price_version", "tier", "http_status", "unpriced"),
)


def row_of(event: SpendEvent) -> dict[str, Any]:
    """An event as a row, its day beside it. Raises ArithmeticError for money that no column holds."""
    entry = event.entry
    return {
        PARTITION: entry.day,
        **{name: getattr(entry, name) for name in _OF_ENTRY},
        **{name: getattr(event, name) for name in _OF_EVENT},
        "tags": list(entry.tags),
        "started_at": _moment(entry.started_at),
        "closed_at": _moment(event.closed_at),
        **_money("cost", event.cost),
        **_money("charge", event.charge),
        **_money("held", entry.held),
        **{name: getattr(event.usage, name) for name in USAGE_CLASSES},
    }


async def archive(records: Sequence[Mapping[str, Any]], deliver: Deliver) -> dict[str, Any]:
    """Deliver a batch of the ledger's stream; the answer names every record to be delivered again.

    What cannot be read is logged and counted, not asked for again: it would hold up all that follow.
    """
    rows: dict[str, Row] = {}
    for record in records:
        sequence = str(record["dynamodb"]["SequenceNumber"])
        try:
            rows[sequence] = row_of(parse_image(record["dynamodb"]["NewImage"]))
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            observability.logger.error("unarchived", extra={"sequence": sequence, "reason": repr(error)})
            observability.count("UnarchivedEvents")
    failed = await deliver(list(rows.values()))
    failures = [sequence for place, sequence in enumerate(rows) if place in failed]
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failures]}


def _money(name: str, amount: Decimal) -> dict[str, str]:
    """An amount as text in both its columns: digits, which no parser takes for a float."""
    kept = amount.quantize(_UNIT, rounding=ROUND_DOWN, context=_WIDE)
    rest = _WIDE.subtract(amount, kept).quantize(_REST_UNIT, context=_WIDE)
    if _WIDE.add(kept, rest) != amount or kept.adjusted() >= _WHOLE_DIGITS:
        raise ArithmeticError(f"{name} has more than 38 decimals, or {_WHOLE_DIGITS} digits before the point")
    return {name: f"{kept:f}", f"{name}_rest": f"{rest:f}"}


def _moment(moment: datetime) -> str:
    """A moment in UTC as Hive reads timestamps."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
