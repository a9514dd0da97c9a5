"""SQL over a deployment's archive: its Parquet files, copied here once each, read by DuckDB.

The view `ledger` has a row for each spend event, however often it was delivered; `day` is the reporting day.
Amounts are DECIMAL(38,24); what lies beyond that is in `<name>_rest`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from tollgate_cli.connection import Row
from tollgate_cli.errors import ArchiveUnread, Unusable

Bucket = Any  # boto3's S3 client
PREFIX: Final = "ledger/"
_DAY: Final = re.compile(r"day=(\d{4}-\d{2}-\d{2})/")
_ONCE: Final = """
CREATE VIEW ledger AS
SELECT *
FROM read_parquet($files, hive_partitioning = true, hive_types = {'day': VARCHAR}, union_by_name = true)
QUALIFY row_number() OVER (PARTITION BY request_id) = 1
"""


class Days(NamedTuple):
    """The days asked for, both included; None is without end."""

    first: date | None = None
    last: date | None = None

    def hold(self, key: str) -> bool:
        """Whether a file is of one of the days."""
        found = _DAY.search(key)
        day = date.fromisoformat(found[1]) if found else None
        return day is not None and (self.first or day) <= day <= (self.last or day)


class Table(NamedTuple):
    """What a query found."""

    columns: list[str]
    rows: list[Row]


def files_of(place: str, days: Days, client: Bucket | None = None, cache: Path | None = None) -> list[Path]:
    """The files of an archive, `s3://bucket` or a folder, of some days. Raises ArchiveUnread, Unusable."""
    if place.startswith("s3://"):
        bucket = place.removeprefix("s3://").strip("/")
        with _aws_told(bucket):
            return list(_copied(client or s3_client(), bucket, days, cache or _cache()))
    folder = Path(place)
    if not folder.is_dir():
        raise Unusable(
            f"{place} is no folder; name one, or s3://BUCKET (the stack's output ArchiveBucketName)"
        )
    return sorted(path for path in folder.glob("**/*.parquet") if days.hold(path.as_posix()))


def query(sql: str, files: Iterable[Path]) -> Table:
    """Run one query. Raises ArchiveUnread for one that DuckDB does not take, and when there are no files."""
    try:
        import duckdb  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise ArchiveUnread("This needs DuckDB: install tollgate-cli with its extra, sql.") from None
    names = [str(path) for path in files]
    if not names:
        raise ArchiveUnread(
            "The archive has no files of these days; what was just counted comes in some minutes."
        )
    try:
        with duckdb.connect() as database:
            return _run(database, sql, names)
    except duckdb.Error as error:
        raise ArchiveUnread(str(error)) from None


def _run(database: Any, sql: str, names: list[str]) -> Table:
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    database.execute(_ONCE.replace("$files", f"[{listed}]"))
    # From here a query reads these files and nothing else of this machine, and writes nothing.
    database.execute(f"SET allowed_paths = [{listed}]")
    database.execute("SET enable_external_access = false; SET lock_configuration = true")
    found = database.execute(sql)
    columns = [column[0] for column in found.description or ()]
    return Table(columns, [dict(zip(columns, map(_shown, row), strict=True)) for row in found.fetchall()])


def _shown(value: Any) -> Any:
    return (
        value.isoformat(sep=" ")
        if hasattr(value, "hour")
        else str(value)
        if isinstance(value, date)
        else value
    )


def _copied(client: Bucket, bucket: str, days: Days, cache: Path) -> Iterator[Path]:
    """The objects of some days as files; one that is here already is not copied again."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for found in page.get("Contents", ()):
            if not days.hold(found["Key"]):
                continue
            path = cache / bucket / Path(found["Key"]).parent / f"{found['ETag'].strip(chr(34))}.parquet"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                draft = path.with_suffix(f".{os.getpid()}")
                client.download_file(bucket, found["Key"], str(draft))
                draft.replace(path)
            yield path


def s3_client(endpoint: str = "") -> Bucket:
    """S3 with AWS's usual credentials, or of an emulator. Raises ArchiveUnread without boto3."""
    try:
        import boto3  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise ArchiveUnread("This needs boto3: install tollgate-cli with its extra, sql.") from None
    if not endpoint:
        return boto3.client("s3")
    from botocore.config import Config  # noqa: PLC0415 - the same

    plain = Config(s3={"addressing_style": "path"}, proxies={})
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("s3", endpoint_url=endpoint, config=plain)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tollgate"


@contextmanager
def _aws_told(bucket: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra, and slow to load

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ArchiveUnread(f"s3://{bucket} cannot be read: {error}") from None
