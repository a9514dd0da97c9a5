"""The ledger's stream into the counters; what could not be counted is asked for again."""

from datetime import timedelta
from typing import Any

from tollgate.counting import Counting
from tollgate.recorder import record
from tollgate.runtime import run, services
from tollgate.settings import storage_settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Count a batch; answers with the sequence numbers of the records that failed."""
    return run(_record(event))


async def _record(event: dict[str, Any]) -> dict[str, Any]:
    aws, settings = services(), storage_settings()
    retention = timedelta(days=settings.hourly_retention_days)
    counting = Counting(aws.database, aws.ledger, aws.counters, aws.customers, hourly_retention=retention)
    return await record(event["Records"], counting)
