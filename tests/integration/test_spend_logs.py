"""The spend_logs function as it is deployed, over tables on the emulator; and the archive beside it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import boto3
import pytest

from archive.handler import handler as archive_handler
from local import rest_event
from local.archiving import ParquetFiles
from spend_logs.handler import handler
from tests import functions
from tests.books import counter_sums
from tests.builders import entry, event
from tests.documented import assert_documented
from tests.integration.managing import key
from tests.integration.spending import Answer
from tests.ministack import MASTER_KEY, Deployment
from tollgate import runtime
from tollgate.ids import first_id_at, new_request_id
from tollgate.money import loads
from tollgate.queries import cursors
from tollgate.queries.log_tail import Tail
from tollgate.records import SpendEvent
from tollgate_cli.archive import Days, files_of, query, s3_client

MAY: Final = {"start_date": "2026-05-01", "end_date": "2026-05-31"}
NOON: Final = datetime(2026, 5, 4, 12, tzinfo=UTC)


def ask(path: str, query_: dict[str, Any] | None = None, **headers: str) -> Answer:
    answer, _ = told(path, query_, **headers)
    return answer


def told(path: str, query_: dict[str, Any] | None = None, **headers: str) -> tuple[Answer, dict[str, str]]:
    """GET a path with the master key; its answer must be documented."""
    known = ("/spend/logs", "/spend/logs/v2", "/spend/logs/ui")
    resource = "/spend/logs/{request_id}" if path.startswith("/spend/logs/") and path not in known else path
    sent = {"authorization": f"Bearer {MASTER_KEY}"} | headers
    text = urlencode(query_ or {}, doseq=True, quote_via=quote)
    parameters = {"request_id": path.rpartition("/")[2]} if resource != path else {}
    request = rest_event.Request("GET", path, text, tuple(sent.items()), resource=resource)
    asked = rest_event.event(request)
    response = rest_event.response(handler({**asked, "pathParameters": parameters or None}, None))
    found = {name.lower(): value for name, value in response.headers}
    body = response.body if "csv" in found["content-type"] else loads(response.body or b"null")
    return Answer(response.status, body), found


def spent(deployment: Deployment, *events: SpendEvent) -> None:
    """Close events; the recorder and the archive get the stream as their mappings filter it."""

    async def close() -> None:
        for one in events:
            await runtime.services().ledger.close(one)

    runtime.run(close())
    functions.deliver(functions.for_recorder(deployment.streamed()))


EVENTS: Final = [
    event(
        started_at=NOON + timedelta(hours=n * 5),
        day=(NOON + timedelta(hours=n * 5)).date().isoformat(),
        customer_id=("acme", "zoë", "")[n % 3],
        tags=(("eu",), ("eu", "prod"), ())[n % 3],
        session_id=f"s{n}",
        charge=Decimal(n) / 3 if n % 2 else Decimal("0.000000000000000001"),
        status="failure" if n == 4 else "success",
    )
    for n in range(12)
]


def test_the_logs_by_page_and_cursor_and_customer(deployment: Deployment) -> None:
    spent(deployment, *EVENTS)
    whole = ask("/spend/logs/v2", MAY)
    assert whole.status == 200, whole.body
    assert [row["session_id"] for row in whole.body["data"]] == [f"s{n}" for n in range(11, -1, -1)]
    assert (whole.body["total"], whole.body["total_pages"]) == (12, 1)
    assert ask("/spend/logs/ui", MAY).body == whole.body
    found, query_ = [], {**MAY, "page_size": 5}
    while True:
        page = ask("/spend/logs/v2", query_).body
        found += page["data"]
        if not page["has_more"]:
            break
        query_ = {"cursor": page["next_cursor"], "page_size": 5}
    assert found == whole.body["data"]
    acme = ask("/spend/logs/v2", MAY | {"end_user": "acme", "status_filter": "success"})
    assert {row["end_user"] for row in acme.body["data"]} == {"acme"}
    assert acme.body["total"] == len(acme.body["data"]) == 4
    cheap = ask("/spend/logs/v2", MAY | {"max_spend": "0.000000000000000001", "sort_by": "spend"}).body[
        "data"
    ]
    assert {row["spend"] for row in cheap} == {Decimal("0.000000000000000001")}


def test_one_entry_is_explained_and_found_by_its_id(deployment: Deployment) -> None:
    spent(deployment, EVENTS[0])
    request_id = EVENTS[0].entry.request_id
    one = ask(f"/spend/logs/{request_id}")
    assert (one.status, one.body["request_id"]) == (200, request_id)
    costs = one.body["cost_breakdown"]
    assert sum(line["amount"] for line in costs["lines"]) == costs["cost"] == Decimal("0.0000045")
    assert [row["request_id"] for row in ask("/spend/logs", {"request_id": request_id}).body] == [request_id]
    assert ask("/spend/logs/v2", {"request_id": request_id}).body["total"] == 1
    assert ask("/spend/logs", {"request_id": "chatcmpl-1"}).body == []
    for missing in (new_request_id(), "chatcmpl-1"):
        assert ask(f"/spend/logs/{missing}").status == 404


@pytest.mark.parametrize(
    "fields", [{"scopes": ["usage:read:acme"]}, {"scopes": ["usage:read"], "customer_id": "acme"}]
)
def test_a_customers_key_is_told_its_charge_and_not_the_cost(
    deployment: Deployment, fields: dict[str, Any]
) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=3)
    money = {"charge": Decimal(3), "cost": Decimal("0.7187")}
    one = event(started_at=began, day=began.date().isoformat(), customer_id="acme", **money)
    spent(deployment, one)
    days = {"start_date": one.entry.day, "end_date": one.entry.day}
    request_id = one.entry.request_id
    since = _back(ask("/spend/logs/v2", {"since": "now"}).body["next_since"])
    rows: list[tuple[str, dict[str, Any]]] = [
        ("/spend/logs", days | {"summarize": "false"}),
        ("/spend/logs", {"request_id": request_id}),
        ("/spend/logs/v2", days),
        ("/spend/logs/v2", {"since": since}),
        ("/spend/logs/v2", {"request_id": request_id}),
        ("/spend/logs/ui", days),
    ]
    for path, query_ in rows:
        assert "0.7187" in str(ask(path, query_).body), (path, query_)
    bearer = f"Bearer {key(**fields)['key']}"
    for path, query_ in [*rows, ("/spend/logs", days)]:
        for more in ({}, {"format": "csv"}):
            answer, _ = told(path, query_ | more, authorization=bearer)
            assert answer.status == 200, answer.body
            assert "0.7187" not in str(answer.body), (path, query_)
    assert ask(f"/spend/logs/{request_id}").body["metadata"]["cost"] == Decimal("0.7187")
    explained = ask(f"/spend/logs/{request_id}", authorization=bearer).body
    assert explained["spend"] == explained["cost_breakdown"]["charge"] == 3
    assert "cost" not in explained["metadata"] | explained["cost_breakdown"]
    assert {name for line in explained["cost_breakdown"]["lines"] for name in line} == {"class", "quantity"}


def test_the_old_logs_sum_up_days_and_list_rows(deployment: Deployment) -> None:
    spent(deployment, *EVENTS)
    days = {"start_date": "2026-05-03", "end_date": "2026-05-05"}
    summary = ask("/spend/logs", days).body
    assert [row["startTime"] for row in summary] == ["2026-05-03", "2026-05-04", "2026-05-05"]
    assert summary[0]["spend"] == 0
    of_day = [one for one in EVENTS if one.entry.day == "2026-05-05"]
    with localcontext(prec=38):
        assert summary[2]["spend"] == sum(one.charge for one in of_day)
        assert summary[2]["models"] == {"gpt-4o-mini": summary[2]["spend"]}
        assert sum(summary[2]["users"].values()) == summary[2]["spend"]
    assert summary[2]["users"].keys() == {one.entry.customer_id or "Unassigned" for one in of_day}
    rows = ask("/spend/logs", days | {"summarize": "false"}).body
    assert {row["request_id"] for row in rows} == {
        one.entry.request_id for one in EVENTS if "2026-05-03" <= one.entry.day <= "2026-05-05"
    }


def test_the_tail_shows_what_began_and_what_ended(deployment: Deployment) -> None:
    began = datetime.now(UTC) - timedelta(seconds=3)
    began = began.replace(microsecond=0)
    since = ask("/spend/logs/v2", {"since": "now"}).body["next_since"]
    since = _back(since)
    opened = entry(started_at=began)

    async def open_() -> None:
        await runtime.services().ledger.open(opened)

    runtime.run(open_())
    first = ask("/spend/logs/v2", {"since": since}).body
    assert [row["status"] for row in first["data"]] == ["open"]
    spent(deployment, event(entry=opened))
    second = ask("/spend/logs/v2", {"since": first["next_since"]}).body
    assert [row["status"] for row in second["data"]] == ["success"]


def _back(since: str) -> str:
    """The same tail, begun a minute earlier, as a client would have that asked then."""
    tail = cursors.read(since, Tail, "spend_logs_tail")
    earlier = first_id_at(datetime.now(UTC) - timedelta(minutes=1))
    return cursors.written(tail._replace(after=earlier), "spend_logs_tail")


def test_tags_and_other_formats(deployment: Deployment) -> None:
    spent(deployment, *EVENTS)
    rows = ask("/spend/tags", MAY).body
    assert {row["individual_request_tag"]: row["log_count"] for row in rows} == {"eu": 8, "prod": 4}
    assert ask("/global/spend/tags", MAY | {"tags": "prod"}).body["spend_per_tag"][0]["log_count"] == 4
    assert ask("/global/spend/all_tag_names", MAY).body == {"tag_names": ["eu", "prod"]}
    answer, headers = told("/spend/tags", MAY, accept="text/csv")
    assert answer.body.splitlines()[0] == b"individual_request_tag,log_count,total_spend,timezone"
    answer, again = told("/spend/tags", MAY, accept="text/csv", **{"if-none-match": headers["etag"]})
    assert (answer.status, again["etag"]) == (304, headers["etag"])
    answer, _ = told("/spend/logs/v2", MAY | {"format": "csv"})
    assert len(answer.body.splitlines()) == 13


@pytest.mark.parametrize(
    ("path", "query_", "status"),
    [
        ("/spend/logs/v2", {}, 400),
        ("/spend/logs/v2", {"start_date": "2026-02-30", "end_date": "2026-03-01"}, 400),
        ("/spend/logs/v2", MAY | {"page": 0}, 422),
        ("/spend/logs/v2", MAY | {"page_size": 1001}, 422),
        ("/spend/logs/v2", MAY | {"page": 10**9}, 200),
        ("/spend/logs/v2", MAY | {"cursor": "x"}, 400),
        ("/spend/logs/v2", {"since": "x"}, 400),
        ("/spend/logs/v2", MAY | {"sort_by": "ttft_ms"}, 422),
        ("/spend/logs/v2", MAY | {"model": "\x00 '\"💸"}, 200),
        ("/spend/logs", {"start_date": "2026-05-02", "end_date": "2026-05-01"}, 400),
        ("/spend/tags", {"start_date": "1900-01-01", "end_date": "2026-05-01"}, 400),
    ],
)
def test_bad_input_gets_a_documented_status(
    deployment: Deployment, path: str, query_: dict[str, Any], status: int
) -> None:
    answer, headers = told(path, query_)
    assert answer.status == status, answer.body
    assert_documented("GET", path, status, headers["content-type"].partition(";")[0])


def test_duckdb_over_the_archive_has_the_counters_totals_of_every_day(
    deployment: Deployment, tmp_path: Path
) -> None:
    spent(deployment, *EVENTS)
    bucket = deployment.tables.ledger.lower() + "-archive"
    s3 = boto3.Session("test", "test", region_name="us-east-1").client("s3", endpoint_url=deployment.url)
    s3.create_bucket(Bucket=bucket)
    records = functions.passing("ArchiveFunction", deployment.streamed())
    assert len(records) == len(EVENTS)
    files = ParquetFiles(bucket)
    for start in range(0, len(records), 5):
        files.handler({"Records": records[start : start + 5]}, None)
    files.handler({"Records": records[3:9]}, None)  # delivered again, otherwise cut
    local = files_of(f"s3://{bucket}", Days(), s3_client(deployment.url), tmp_path)
    sums = ("cost", "charge", "input", "output")
    columns = ", ".join(f"sum({name}) AS {name}" for name in sums)
    sql = f"SELECT day, {columns}, sum(charge_rest) AS rest, count(*) AS n FROM ledger GROUP BY day"  # noqa: S608
    found = {row["day"]: row for row in query(sql, local).rows}
    counted: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for name, of_day in counter_sums(deployment.dynamodb, deployment.tables.counters).items():
        if name.startswith("total | 2"):
            for what, value in of_day.items():
                counted[name.split(" | ")[1]][what] += value
    assert found.keys() == counted.keys()
    with localcontext(prec=60):
        for day, row in found.items():
            assert row["n"] == counted[day]["api_requests"]
            assert row["charge"] + row["rest"] == counted[day]["charge"]
            assert [row[name] for name in ("cost", "input", "output")] == [
                counted[day][name] for name in ("cost", "input", "output")
            ]
    again = files_of(f"s3://{bucket}", Days(), s3_client(deployment.url), tmp_path)
    assert again == local


def test_the_archives_function_delivers_to_firehose(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent(deployment, *EVENTS)
    session = boto3.Session("test", "test", region_name="us-east-1")
    bucket = deployment.tables.ledger.lower() + "-raw"
    s3 = session.client("s3", endpoint_url=deployment.url)
    s3.create_bucket(Bucket=bucket)
    stream = f"{deployment.tables.ledger}-archive"
    session.client("firehose", endpoint_url=deployment.url).create_delivery_stream(
        DeliveryStreamName=stream,
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "RoleARN": "arn:aws:iam::000000000000:role/delivery",
        },
    )
    monkeypatch.setenv("ARCHIVE_STREAM", stream)
    records = functions.passing("ArchiveFunction", deployment.streamed())
    assert archive_handler({"Records": records}, None) == {"batchItemFailures": []}
    assert archive_handler({"day": "2026-05-05"}, None)["archived"] == 5
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    lines = [loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    assert {line["request_id"] for line in lines} == {one.entry.request_id for one in EVENTS}
