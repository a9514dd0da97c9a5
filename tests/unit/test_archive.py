"""Rows of the archive: every digit, every field, each event once however often it is delivered."""

import base64
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.archiving import parquet
from tests.builders import NOON, entry, event
from tests.conftest import Metrics
from tests.fakes import FakeAws
from tests.logs import booked
from tests.stack import Stack
from tollgate.archive import COLUMNS, Row, archive, row_of
from tollgate.archive_again import archive_day
from tollgate.records import Usage
from tollgate.storage.aws import FIREHOSE, AwsUnavailable
from tollgate.storage.delivery import Delivery
from tollgate_cli.archive import Days, files_of, query
from tollgate_cli.errors import ArchiveUnread, Unusable


class Taken:
    """A delivery that keeps what it takes; it refuses the rows of some customers."""

    def __init__(self, *refused: str) -> None:
        self.rows: list[Row] = []
        self.refused = refused

    async def deliver(self, rows: Sequence[Row]) -> set[int]:
        failed = {n for n, row in enumerate(rows) if row["customer_id"] in self.refused}
        self.rows += [row for n, row in enumerate(rows) if n not in failed]
        return failed


def written(folder: Path, rows: Sequence[Row]) -> list[Path]:
    """Rows as the local stack writes them, a file for each of their days."""
    for day in {row["day"] for row in rows}:
        path = folder / f"day={day}" / f"{len(list(folder.glob('**/*')))}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parquet([row for row in rows if row["day"] == day]))
    return files_of(str(folder), Days())


amounts = st.decimals(0, 10**9, places=24) | st.sampled_from(
    [
        Decimal("0.00003083333333333333333333333333"),
        Decimal("1E-38"),
        Decimal("12345678901234.123456789012345678901234"),
    ]
)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), amounts, amounts), min_size=1, max_size=8))
def test_sums_by_sql_are_those_of_the_events_digit_for_digit(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[int, Decimal, Decimal]]
) -> None:
    days = [NOON + timedelta(days=day) for day, _, _ in given_]
    events = [event(started_at=day, cost=c, charge=h) for day, (_, c, h) in zip(days, given_, strict=True)]
    rows = [row_of(one) for one in events]
    files = written(tmp_path_factory.mktemp("archive"), [*rows, *rows[::2]])  # some twice
    sums = ", ".join(f"sum({name}) AS {name}" for name in ("cost", "cost_rest", "charge", "charge_rest"))
    found = query(f"SELECT day, count(*) AS n, {sums} FROM ledger GROUP BY day", files)  # noqa: S608 - ours
    with localcontext(prec=80):
        expected: dict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
        for one in events:
            of_day = expected[one.entry.day]
            of_day[0] += 1
            of_day[1] += one.cost
            of_day[2] += one.charge
        assert {
            row["day"]: [row["n"], row["cost"] + row["cost_rest"], row["charge"] + row["charge_rest"]]
            for row in found.rows
        } == expected


def test_a_row_says_all_that_the_ledger_does(tmp_path: Path) -> None:
    one = event(
        started_at=NOON,
        tags=("a", "b ✓"),
        spend_logs_metadata='{"job":1}',
        usage=Usage(input=3, web_searches=1),
        duration_ms=None,
        held=Decimal("0.1"),
        stream=True,
    )
    assert row_of(one).keys() == {*COLUMNS, "day"}
    (row,) = query("SELECT * FROM ledger", written(tmp_path, [row_of(one)])).rows
    assert row.keys() == {*COLUMNS, "day"}
    assert (row["day"], row["started_at"]) == ("2026-05-04", "2026-05-04 12:00:00")
    assert (row["tags"], row["duration_ms"], row["stream"]) == (["a", "b ✓"], None, True)
    assert (row["input"], row["web_searches"], row["held"]) == (3, 1, Decimal("0.1"))


def test_money_that_no_column_holds_is_refused_and_never_rounded() -> None:
    for amount in ("1E-39", "100000000000000"):
        with pytest.raises(ArithmeticError):
            row_of(event(cost=Decimal(amount)))


async def test_a_batch_is_delivered_and_what_was_not_taken_is_asked_for_again(
    stack: Stack, aws: FakeAws
) -> None:
    await booked(stack, *(event(started_at=NOON, customer_id=f"c{n}") for n in range(4)))
    records = [r for r in aws.stream(pending_only=False) if "pending" not in r["dynamodb"]["NewImage"]]
    taken = Taken("c2")
    answer = await archive(records, taken.deliver)
    assert {row["customer_id"] for row in taken.rows} == {"c0", "c1", "c3"}
    (again,) = answer["batchItemFailures"]
    (failed,) = [r for r in records if r["dynamodb"]["SequenceNumber"] == again["itemIdentifier"]]
    assert failed["dynamodb"]["NewImage"]["customer"] == {"S": "C#c2"}


async def test_what_cannot_be_a_row_is_told_and_holds_up_nothing(
    stack: Stack, aws: FakeAws, metrics: Metrics
) -> None:
    await booked(stack, event(started_at=NOON, cost=Decimal("1E-39")), event(started_at=NOON))
    records = [r for r in aws.stream(pending_only=False) if "pending" not in r["dynamodb"]["NewImage"]]
    odd = {"dynamodb": {"SequenceNumber": "99", "NewImage": {"state": {"S": "closed"}}}}
    taken = Taken()
    assert await archive([*records, odd], taken.deliver) == {"batchItemFailures": []}
    assert len(taken.rows) == 1
    assert metrics() == {"UnarchivedEvents": 2}


async def test_a_day_again_is_the_days_counted_events(stack: Stack) -> None:
    edge = NOON.replace(hour=0)
    await booked(
        stack,
        *(event(started_at=edge + timedelta(hours=n)) for n in (-1, 0, 23, 24)),
        event(started_at=edge - timedelta(hours=3), day="2026-05-04", customer_id="far east"),
    )
    await stack.ledger.open(entry(started_at=NOON))
    await stack.ledger.close(event(started_at=NOON, customer_id="pending"))
    taken = Taken("far east")
    report = await archive_day(NOON.date(), stack.ledger, taken.deliver)
    assert report == {"archived": 2, "failed": 1}
    assert {row["customer_id"] for row in taken.rows} == {"acme"}


async def test_firehose_gets_json_lines_five_hundred_at_once_and_refused_ones_again(
    stack: Stack, aws: FakeAws
) -> None:
    rows = [row_of(event(started_at=NOON, customer_id=str(n))) for n in range(501)]
    ok, no = {"RecordId": "r"}, {"ErrorCode": "ServiceUnavailableException"}
    for answers_ in ([ok] * 499 + [no], [ok], [ok]):
        aws.answer("PutRecordBatch", json.dumps({"FailedPutCount": 0, "RequestResponses": answers_}), 200)
    assert await Delivery(stack.client(FIREHOSE), "stream").deliver(rows) == set()
    asked = aws.called("PutRecordBatch")
    assert [len(one["Records"]) for one in asked] == [500, 1, 1]
    line = base64.b64decode(asked[2]["Records"][0]["Data"])
    assert line.endswith(b"\n")
    assert json.loads(line)["customer_id"] == "499"
    assert json.loads(line)["cost"] == "0.000004500000000000000000"  # text: no parser takes it for a double


async def test_what_firehose_keeps_refusing_is_named(stack: Stack, aws: FakeAws) -> None:
    answer = {"FailedPutCount": 1, "RequestResponses": [{"ErrorCode": "x"}]}
    aws.answer("PutRecordBatch", json.dumps(answer), 200, times=9)
    delivery = Delivery(stack.client(FIREHOSE), "stream")
    assert await delivery.deliver([row_of(event())]) == {0}
    aws.faults.clear()
    aws.hang_up("PutRecordBatch", times=9)
    with pytest.raises(AwsUnavailable):
        await delivery.deliver([row_of(event())])


def test_queries_read_the_archive_and_nothing_else(tmp_path: Path) -> None:
    files = written(tmp_path / "archive", [row_of(event(started_at=NOON))])
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    for sql in (f"FROM '{other}'", f"COPY ledger TO '{tmp_path / 'out'}'", "SELECT nonsense"):
        with pytest.raises(ArchiveUnread):
            query(sql, files)
    assert not (tmp_path / "out").exists()


def test_only_the_files_of_the_days_asked_for_are_read(tmp_path: Path) -> None:
    written(tmp_path, [row_of(event(started_at=NOON + timedelta(days=n))) for n in range(5)])
    first, last = (NOON + timedelta(days=1)).date(), (NOON + timedelta(days=2)).date()
    assert len(files_of(str(tmp_path), Days(first, last))) == 2
    assert len(files_of(str(tmp_path), Days(last, None))) == 3
    with pytest.raises(Unusable):
        files_of(str(tmp_path / "nowhere"), Days())
    with pytest.raises(ArchiveUnread, match="no files"):
        query("SELECT 1", [])
