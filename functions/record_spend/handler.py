"""The ledger's stream into the counters; what could not be counted is asked for again."""

from typing import Any

from tollgate.recorder import counting, record
from tollgate.runtime import run


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Count a batch; answers with the sequence numbers of the records that failed."""
    return run(_record(event))


async def _record(event: dict[str, Any]) -> dict[str, Any]:
    return await record(event["Records"], counting())
