"""`tollgate usage sql`: where the archive is, what is copied, how answers and mistakes are told."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from local.archiving import parquet
from tests.builders import NOON, event
from tollgate.archive import row_of
from tollgate_cli.app import app
from tollgate_cli.archive import Days, files_of
from tollgate_cli.session import Outside


class FakeS3:
    """A bucket: boto3's client, as far as an archive needs one."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.copied: list[str] = []
        self.buckets: set[str] = set()

    def get_paginator(self, name: str) -> "FakeS3":
        assert name == "list_objects_v2"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        self.buckets.add(asked["Bucket"])
        yield {}
        for key, body in self.objects.items():
            if key.startswith(asked["Prefix"]):
                yield {
                    "Contents": [{"Key": key, "ETag": f'"{md5(body, usedforsecurity=False).hexdigest()}"'}]
                }

    def download_file(self, _bucket: str, key: str, path: str) -> None:
        self.copied.append(key)
        Path(path).write_bytes(self.objects[key])


@pytest.fixture
def s3() -> FakeS3:
    rows = [row_of(event(started_at=NOON + timedelta(days=n), charge=Decimal(n) / 8)) for n in range(3)]
    found = {f"ledger/day={row['day']}/{n}.parquet": parquet([row]) for n, row in enumerate(rows)}
    return FakeS3({**found, "failed/x/2026-05-04/1": b"{}"})


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(s3: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["usage", "sql", *arguments], obj=Outside(s3_client=s3))


def test_an_answer_has_every_digit(s3: FakeS3) -> None:
    found = run(s3, "SELECT day, charge FROM ledger ORDER BY day", "--json")
    assert found.exit_code == 0, found.output
    rows = json.loads(found.output, parse_float=Decimal)
    assert rows[1] == {"day": "2026-05-05", "charge": Decimal("0.125")}
    assert s3.buckets == {"tollgate-archivebucket"}


def test_a_table_has_the_columns_of_the_query(s3: FakeS3) -> None:
    found = run(s3, "SELECT count(*) AS calls FROM ledger", "--archive", "s3://mine")
    assert found.output.split() == ["calls", *found.output.split()[1:-1], "3"]
    assert s3.buckets == {"mine"}


def test_a_file_is_copied_once_and_only_of_the_days_asked_for(s3: FakeS3) -> None:
    days = ("--from", "2026-05-05", "--to", "2026-05-05")
    assert run(s3, "SELECT 1 FROM ledger", *days).exit_code == 0
    assert s3.copied == ["ledger/day=2026-05-05/1.parquet"]
    assert run(s3, "SELECT 1 FROM ledger").exit_code == 0
    assert len(s3.copied) == 3


def test_a_file_that_changed_is_copied_again(s3: FakeS3, tmp_path: Path) -> None:
    key, one = "ledger/day=2026-05-04/0.parquet", Days(date(2026, 5, 4), date(2026, 5, 4))
    (first,) = files_of("s3://b", one, s3, tmp_path)
    s3.objects[key] = parquet([row_of(event(started_at=NOON))])
    (second,) = files_of("s3://b", one, s3, tmp_path)
    assert (s3.copied, first != second) == ([key, key], True)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("SELECT * FROM nothing",), 1, "nothing"),
        (("SELEC",), 1, "syntax error"),
        (("SELECT 1 FROM ledger", "--from", "2027-01-01"), 1, "no files of these days"),
        (("SELECT 1 FROM ledger", "--archive", "/nowhere"), 2, "no folder"),
        (("SELECT 1 FROM ledger", "--url", "https://gateway.example/prod"), 2, "--archive"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    s3: FakeS3, arguments: tuple[str, ...], code: int, told: str
) -> None:
    found = run(s3, *arguments)
    assert found.exit_code == code
    assert told in " ".join(found.output.replace("│", " ").split())
    assert "Traceback" not in found.output


def test_a_bucket_that_cannot_be_read_is_told() -> None:
    class Denied(FakeS3):
        def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
            raise ClientError(
                {"Error": {"Code": "AccessDenied", "Message": asked["Bucket"]}}, "ListObjectsV2"
            )

    found = run(Denied({}), "SELECT 1", "--archive", "s3://theirs")
    assert found.exit_code == 1
    assert "s3://theirs cannot be read" in found.output
