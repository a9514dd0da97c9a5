"""A batch of the ledger's stream: parsed, counted, and answered in Lambda's partial-batch form.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tollgate import observability
from tollgate.counting import Counting, Store
from tollgate.runtime import services
from tollgate.settings import reporting_settings, storage_settings
from tollgate.storage.ledger import parse_image

if TYPE_CHECKING:
    from tollgate.records import SpendEvent


def counting() -> Counting:
    """What counts spend events, over the services of the running loop."""
    at, names = services(), storage_settings()
    store = Store(at.database, at.ledger, at.counters, at.customers, at.keys, at.tags)
    retention = timedelta(days=names.hourly_retention_days)
    return Counting(store, reporting_settings().reporting_timezone, hourly_retention=retention)


async def record(records: Sequence[Mapping[str, Any]], books: Counting) -> dict[str, Any]:
    """Count the batch's spend events; the answer names every record that must be delivered again."""
    failures: list[str] = []
    events: dict[str, SpendEvent] = {}
    for item in records:
        sequence = item["dynamodb"]["SequenceNumber"]
        try:
            events[sequence] = parse_image(item["dynamodb"]["NewImage"])
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            observability.logger.error(
                "unreadable record", extra={"sequence": sequence, "reason": repr(error)}
            )
            failures.append(sequence)
    failed = await books.count(list(events.values()))
    failures += [sequence for sequence, event in events.items() if event.entry.request_id in failed]
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failures]}
