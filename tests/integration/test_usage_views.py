"""Every view of usage over the emulator: in both formats, known by its ETag, closed to who may not see."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest

from local import rest_event, template
from tests.documented import assert_documented
from tests.integration.managing import key
from tests.integration.spending import CHAT, CLAUDE, RANGE, SMALL, Spent, usd, write
from tests.ministack import MASTER_KEY, Deployment
from tollgate import rest, runtime
from tollgate.keys import Caller
from tollgate.money import loads
from tollgate.storage.refusals import refused, refused_total
from usage.handler import handler

PATHS = sorted(
    route.path for route in template.read("").routes() if route.function.endswith("-UsageFunction")
)
NEEDED: Mapping[str, Mapping[str, str]] = {
    "search": {"search": "key"},
    "model_top_keys": {"model_group": "fast"},
}
TODAY = datetime.now(UTC).date()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
SPENT = (
    Spent(YESTERDAY, "acme", CHAT, SMALL),
    Spent(YESTERDAY, "zoë", CLAUDE, "0.10"),
    Spent(TODAY.isoformat(), "acme", CLAUDE, "3"),
    Spent(TODAY.isoformat(), "", CHAT, "0.5"),
)
COST = "0.7187"
DATES = {"start_date": YESTERDAY, "end_date": TODAY.isoformat()}
ZONELESS = ("/global/all_end_users",)
UNDATED = (*ZONELESS, "/customer/forecast", "/end_user/forecast")


class Answer(NamedTuple):
    """A status, headers in lower case, and a body."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return loads(self.body)


def ask(path: str, query: Mapping[str, Any], **headers: str) -> Answer:
    """GET a path with what it needs besides."""
    needed = NEEDED.get(path.rpartition("/")[2], {})
    text = urlencode({**needed, **query}, doseq=True, quote_via=quote)
    sent = {"authorization": f"Bearer {MASTER_KEY}"} | {n.replace("_", "-"): v for n, v in headers.items()}
    event = rest_event.event(rest_event.Request("GET", path, text, tuple(sent.items()), resource=path))
    answer = rest_event.response(handler(event, None))
    found = {name.lower(): value for name, value in answer.headers}
    if answer.status != 304:
        assert_documented("GET", path, answer.status, found["content-type"].partition(";")[0])
    return Answer(answer.status, found, answer.body.decode())


async def _refused(customer_id: str, day: str) -> None:
    for item in (refused(customer_id, day, "rpm_limit"), refused_total(day, 3, "rpm_limit")):
        await runtime.services().refusals.add(item, 1)


def test_every_view_is_json_and_csv_and_known_by_its_etag(deployment: Deployment) -> None:
    write(*SPENT)
    runtime.run(_refused("acme", YESTERDAY))
    for path in PATHS:
        answer = ask(path, DATES)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), path
        again = ask(path, DATES, if_none_match=answer.headers["etag"])
        assert (again.status, again.body) == (304, ""), path
        table = ask(path, DATES, accept="text/csv")
        assert table.body == ask(path, {**DATES, "format": "csv"}).body, path
        header, *rows = csv.reader(io.StringIO(table.body, newline=""))
        assert header[-1] == "timezone", path
        assert rows, path
        assert {row[-1] for row in rows} == ({""} if path in ZONELESS else {"UTC"}), path


def test_what_is_nonsense_is_refused_by_every_view_and_nothing_is_a_server_error(
    deployment: Deployment,
) -> None:
    for path in PATHS:
        for query, status in (
            ({"format": "xml"}, 422),
            ({"start_date": "2026-02-30", "end_date": "2026-03-01"}, 400),
            ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, 400),
            ({"start_date": "1926-03-02", "end_date": "2026-03-01"}, 400),
            ({"start_date": "0001-01-01", "end_date": "0001-01-02"}, 400),
            ({**RANGE, "tz": "Mars/Olympus"}, 400),
            ({**RANGE, "timezone": "9999"}, 422),
            ({**RANGE, "timezone": "0", "tz": "UTC"}, 400),
            ({**RANGE, "end_user_ids": '"open'}, 400),
        ):
            if path not in UNDATED or "format" in query:
                assert ask(path, query).status == status, (path, query)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/customer/leaderboard", {"limit": "0"}, 422),
        ("/customer/leaderboard", {"limit": "1001"}, 422),
        ("/customer/leaderboard", {"by": "beauty"}, 422),
        ("/customer/leaderboard", {"cursor": "bm90aGluZw=="}, 400),
        ("/customer/leaderboard", {"sort_order": "up"}, 422),
        ("/customer/leaderboard", {"compare": "yesteryear"}, 422),
        ("/customer/leaderboard", {"entity_limit": "1001"}, 422),
        ("/customer/activity/series", {"limit": "51"}, 422),
        ("/customer/activity/series", {"interval": "month"}, 422),
        ("/customer/activity/series", {"group_by": "team"}, 422),
        ("/customer/activity/series", {"by": "growth"}, 422),
        ("/customer/activity/series", {"compare": "yesteryear"}, 422),
        ("/global/all_end_users", {"cursor": "x"}, 400),
        ("/global/all_end_users", {"page_size": "1001"}, 422),
        ("/customer/compare", {"to": "yesteryear"}, 422),
        ("/customer/forecast", {"limit": "501"}, 422),
        ("/customer/forecast", {"end_user_ids": '"open'}, 400),
        ("/global/spend/report", {"group_by": "team"}, 422),
        ("/customer/daily/activity/export", {"export_type": "weekly"}, 422),
        ("/customer/daily/activity/aggregated", {"api_key_limit": "1001"}, 422),
        ("/customer/daily/activity/aggregated/keys", {"offset": "-1"}, 422),
        ("/customer/daily/activity/aggregated/search", {"search": ""}, 422),
        ("/customer/daily/activity", {}, 400),
    ],
)
def test_parameters_out_of_range_are_named(
    deployment: Deployment, path: str, query: dict[str, str], status: int
) -> None:
    dates = {} if path == "/customer/daily/activity" else RANGE
    assert ask(path, {**dates, **query}).status == status


def test_a_key_for_one_customer_sees_nobody_else_in_any_view(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(*SPENT)

    async def only_acme(*_: Any) -> Caller:
        return Caller("k", frozenset({"usage:read:acme"}))

    monkeypatch.setattr(rest, "_authenticate", only_acme)
    for path in PATHS:
        body = ask(path, DATES).body
        assert "zoë" not in body, path
        assert "0.10" not in body, path
        assert "0.5" not in body, path
        if path not in ZONELESS:
            assert ask(path, {**DATES, "end_user_ids": "zoë"}).status in (401, 403), path
    assert ask("/global/spend", DATES).json["spend"] == usd("3", SMALL)
    assert ask("/global/spend", {**DATES, "customer_id": "zoë"}).status in (401, 403)


@pytest.mark.parametrize(
    "fields", [{"scopes": ["usage:read:acme"]}, {"scopes": ["usage:read"], "customer_id": "acme"}]
)
def test_a_key_for_one_customer_is_told_the_cost_in_no_view(
    deployment: Deployment, fields: dict[str, Any]
) -> None:
    write(*(Spent(day, "acme", CHAT, "3", cost=COST) for day in DATES.values()))
    everybody = ask("/customer/activity/series", DATES).json
    assert everybody["points"]["cost"] == [Decimal(COST)] * 2
    bearer = f"Bearer {key(**fields)['key']}"
    for path in PATHS:
        for more in ({}, {"format": "csv"}):
            answer = ask(path, {**DATES, **more}, authorization=bearer)
            assert answer.status == 200, path
            assert COST not in answer.body, path
    own = ask("/customer/activity/series", {**DATES, "compare": "previous"}, authorization=bearer).json
    for part in (own, own["previous"]):
        assert "cost" not in part["totals"] | part["points"]
    assert own["totals"] == {name: n for name, n in everybody["totals"].items() if name != "cost"}


def test_a_report_honours_the_customer(deployment: Deployment) -> None:
    write(*SPENT)
    report = ask("/global/spend/report", {**DATES, "group_by": "customer", "customer_id": "acme"}).json
    assert [[one["customer"] for one in day["customers"]] for day in report] == [["acme"], ["acme"]]
    assert report[0]["customers"][0]["total_spend"] == Decimal(SMALL)


def test_all_end_users_page_by_page(deployment: Deployment) -> None:
    write(*SPENT)
    first = ask("/global/all_end_users", {"page_size": "1"})
    assert first.json["end_users"] == ["acme"]
    second = ask("/global/all_end_users", {"page_size": "1", "cursor": first.headers["x-next-cursor"]})
    assert second.json == {"end_users": ["zoë"], "next_cursor": None}


def test_a_download_is_named_and_safe_for_spreadsheets(deployment: Deployment) -> None:
    write(Spent(YESTERDAY, "=cmd()", CHAT, "1"))
    answer = ask("/customer/daily/activity/export", {**DATES, "format": "csv"})
    name = f'attachment; filename="customer-usage-{YESTERDAY}-{TODAY}-daily.csv"'
    assert answer.headers["content-disposition"] == name
    assert answer.headers["cache-control"] == "no-store"
    header, row = answer.body.removesuffix("\r\n").split("\r\n")
    assert header.startswith("date,entity_id,entity_alias,spend,")
    assert row.startswith(f"{YESTERDAY},'=cmd(),,1,")


def test_customers_without_calls_are_told(deployment: Deployment) -> None:
    write(*SPENT)
    body = ask("/customer/daily/activity", {**DATES, "end_user_ids": "acme,ghost"}).json
    assert body["metadata"]["end_user_ids_without_calls"] == ["ghost"]
    assert body["metadata"]["total_spend"] == usd("3", SMALL)


def test_series_of_customers_add_up_and_are_named(deployment: Deployment) -> None:
    write(*SPENT)
    asked = {**DATES, "group_by": "customer", "limit": "1"}
    body = ask("/customer/activity/series", asked).json
    assert body["buckets"] == [YESTERDAY, TODAY.isoformat()]
    assert [(one["id"], one["other"]) for one in body["series"]] == [("acme", False), (" Others", True)]
    assert body["series"][0]["points"]["spend"] == [Decimal(SMALL), 3]
    assert body["series"][1]["points"]["spend"] == [Decimal("0.10"), Decimal("0.5")]
    assert body["points"]["spend"] == [usd("0.10", SMALL), Decimal("3.5")]
    rows = list(
        csv.DictReader(io.StringIO(ask("/customer/activity/series", {**asked, "format": "csv"}).body))
    )
    assert [(row["bucket"], row["id"], row["spend"]) for row in rows][2:] == [
        (TODAY.isoformat(), "acme", "3"),
        (TODAY.isoformat(), " Others", "0.5"),
    ]
