"""Rows to Amazon Data Firehose, which buffers them, converts them to Parquet and writes them to S3."""

import asyncio
import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tollgate.money import dumps
from tollgate.storage.aws import AwsClient

_AT_ONCE: Final = 500  # records of PutRecordBatch
_ATTEMPTS: Final = 4
_PAUSE: Final = 0.1


class Delivery:
    """A delivery stream."""

    def __init__(self, firehose: AwsClient, stream: str) -> None:
        self._firehose = firehose
        self._stream = stream

    async def deliver(self, rows: Sequence[Mapping[str, Any]]) -> set[int]:
        """Send rows; the places of those that were not taken. Raises AwsError, AwsUnavailable."""
        left = set(range(len(rows)))
        for attempt in range(_ATTEMPTS):
            if not left:
                break
            if attempt:
                await asyncio.sleep(_PAUSE * 2**attempt)
            left = await self._send(rows, sorted(left))
        return left

    async def _send(self, rows: Sequence[Mapping[str, Any]], places: Sequence[int]) -> set[int]:
        refused: set[int] = set()
        for start in range(0, len(places), _AT_ONCE):
            batch = places[start : start + _AT_ONCE]
            answer = await self._firehose.call(
                "PutRecordBatch", self._request(rows[place] for place in batch)
            )
            told = zip(batch, answer["RequestResponses"], strict=True)
            refused |= {place for place, one in told if one.get("ErrorCode")}
        return refused

    def _request(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        lines = (base64.b64encode(dumps(row) + b"\n").decode() for row in rows)
        return {"DeliveryStreamName": self._stream, "Records": [{"Data": line} for line in lines]}
