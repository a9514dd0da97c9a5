"""Counted spend events into the archive: from the ledger's stream, or with `{"day": …}` a whole day again."""

from datetime import date
from typing import Any

from tollgate.archive import archive
from tollgate.archive_again import archive_day
from tollgate.runtime import run, services
from tollgate.settings import archive_settings, aws_settings
from tollgate.storage.aws import FIREHOSE, AwsClient
from tollgate.storage.delivery import Delivery


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Archive a batch; answers with the sequence numbers of the records that were not taken."""
    return run(_archive(event))


async def _archive(event: dict[str, Any]) -> dict[str, Any]:
    at = services()
    delivery = Delivery(AwsClient(at.http, aws_settings(), FIREHOSE), archive_settings().archive_stream)
    if "day" in event:
        return await archive_day(date.fromisoformat(event["day"]), at.ledger, delivery.deliver)
    return await archive(event["Records"], delivery.deliver)
