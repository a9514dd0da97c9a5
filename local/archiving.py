"""The archive without Firehose: the same rows, as the same Parquet files, into the emulator's S3.

Firehose gathers for minutes; here each batch of the ledger's stream is a file for each of its days. DuckDB
writes them, with the types of the Glue table.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from local.intrinsics import REGION
from tollgate.archive import COLUMNS, PARTITION, Row, archive
from tollgate.money import dumps
from tollgate.runtime import run
from tollgate.settings import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX: Final = "ledger"
_TYPES: Final[Mapping[str, str]] = {"string": "VARCHAR", "array<string>": "VARCHAR[]"}


class ParquetFiles:
    """Stands in for the archive's handler and its delivery stream."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def handler(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        """Archive a batch of the ledger's stream."""
        return run(archive(event["Records"], self.deliver))

    async def deliver(self, rows: Sequence[Row]) -> set[int]:
        """Write rows, a file for each day; all are taken, or an error is raised."""
        for day, of_day in groupby(sorted(rows, key=_day), key=_day):
            part = list(of_day)
            key = f"{PREFIX}/{PARTITION}={day}/{_name(part)}.parquet"
            _s3().put_object(Bucket=self._bucket, Key=key, Body=parquet(part))
        return set()


def parquet(rows: Sequence[Row]) -> bytes:
    """Rows as a Parquet file."""
    import duckdb  # noqa: PLC0415 - 50 ms that a start without traffic need not wait for

    columns = ", ".join(f"{name}: '{_TYPES.get(kind, kind)}'" for name, kind in COLUMNS.items())
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        lines, path = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        lines.write_bytes(b"".join(dumps(row) + b"\n" for row in rows))
        read = f"FROM read_json('{lines}', format = 'nd', columns = {{{columns}}})"
        database.execute(f"COPY ({read}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")
        return path.read_bytes()


def _day(row: Row) -> str:
    return str(row[PARTITION])


def _name(rows: Sequence[Row]) -> str:
    """The same for the same rows, so that a batch that comes again is written over."""
    first = min(str(row["request_id"]) for row in rows)
    ids = "".join(sorted(str(row["request_id"]) for row in rows))
    return f"{first}-{sha256(ids.encode()).hexdigest()[:12]}"


@lru_cache(maxsize=4)
def _client(url: str) -> "S3Client":
    plain = Config(s3={"addressing_style": "path"}, proxies={})
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("s3", endpoint_url=url, config=plain)


def _s3() -> "S3Client":
    return _client(aws_settings().aws_endpoint_url)
