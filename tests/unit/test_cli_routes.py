"""Every command against the route it is for; usage by day and by part; the page that shows them all."""

from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from local import cli_page
from tests.fake_api import FakeApi
from tollgate_cli.app import app
from tollgate_cli.commands.usage import METRICS
from tollgate_cli.session import Outside

BLOCKED = {"blocked_users": [{"user_id": "a", "blocked": True}]}


def days(*spends: Decimal) -> dict[str, Any]:
    """Daily activity, newest first, each day with one customer."""
    counts = dict.fromkeys(METRICS, 2)
    results = [
        {
            "date": f"2026-11-0{number}",
            "metrics": counts | {"spend": spend},
            "breakdown": {"entities": {"acme": {"metrics": counts | {"spend": spend}}}},
        }
        for number, spend in zip(range(len(spends), 0, -1), spends, strict=True)
    ]
    return {"results": results, "metadata": {"has_more": False}}


def run(api: FakeApi, *arguments: str) -> str:
    line = ["--url", "http://127.0.0.1:4000", "--key", "sk-1234", *arguments]
    result = CliRunner().invoke(app, line, obj=Outside(transport=api))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    ("line", "route", "body"),
    [
        ("customers new a", "POST /customer/new", {"user_id": "a"}),
        ("customers update a --alias A", "POST /customer/update", {"user_id": "a", "alias": "A"}),
        ("customers delete a b", "POST /customer/delete", {"user_ids": ["a", "b"]}),
        ("customers block a", "POST /customer/block", {"user_ids": ["a"]}),
        ("customers unblock a", "POST /customer/unblock", {"user_ids": ["a"]}),
        ("customers reset-spend a", "POST /customer/reset_spend", {"user_id": "a"}),
        ("budgets new", "POST /budget/new", {}),
        ("budgets new g --tpm-limit 5", "POST /budget/new", {"budget_id": "g", "tpm_limit": 5}),
        ("budgets update g --max-budget 1", "POST /budget/update", {"budget_id": "g", "max_budget": 1}),
        ("budgets info g h", "POST /budget/info", {"budgets": ["g", "h"]}),
        ("budgets delete g", "POST /budget/delete", {"id": "g"}),
        (
            "keys generate --alias w --scope proxy --customer a --duration 9d",
            "POST /key/generate",
            {"key_alias": "w", "scopes": ["proxy"], "customer_id": "a", "duration": "9d"},
        ),
        ("keys update k --rpm-limit 0", "POST /key/update", {"key": "k", "rpm_limit": 0}),
        ("keys delete k l", "POST /key/delete", {"keys": ["k", "l"]}),
        ("keys block k", "POST /key/block", {"key": "k"}),
        ("keys unblock k", "POST /key/unblock", {"key": "k"}),
        (
            "keys regenerate k --grace-period 1h",
            "POST /key/regenerate",
            {"key": "k", "grace_period": "1h"},
        ),
    ],
)
def test_a_write_asks_its_route_once(line: str, route: str, body: dict[str, Any]) -> None:
    answer: Any = BLOCKED if "block" in line and "customers" in line else {"user_id": "a"}
    api = FakeApi({route: [answer] if "info" in line else answer})
    run(api, *line.split())
    assert [(one.route, one.body) for one in api.asked] == [(route, body)]


@pytest.mark.parametrize(
    ("line", "route", "query", "answer"),
    [
        ("customers info a,b", "GET /customer/info", {"end_user_id": "a,b"}, {}),
        ("keys info", "GET /key/info", {}, {}),
        ("keys info k", "GET /key/info", {"key": "k"}, {}),
        ("budgets list", "GET /budget/list", {}, []),
        (
            "audit --object-type customer --from 2026-11-01 --limit 5",
            "GET /audit",
            {"page_size": "6", "object_type": "customer", "start_date": "2026-11-01"},
            {"audit_logs": [{"action": "created"}], "has_more": False, "next_cursor": None},
        ),
    ],
)
def test_a_read_asks_its_route_once(line: str, route: str, query: dict[str, str], answer: Any) -> None:
    api = FakeApi({route: answer})
    run(api, *line.split())
    assert [(one.route, one.query) for one in api.asked] == [(route, query)]


def test_usage_is_a_line_a_day_and_their_exact_total() -> None:
    api = FakeApi({"GET /customer/daily/activity": days(Decimal("0.1"), Decimal("0.20"))})
    out = run(api, "usage", "--customer", "acme", "--from", "2026-11-01", "--to", "2026-11-02")
    lines = [line.split()[:3] for line in out.splitlines()[2:]]
    assert lines == [["2026-11-02", "0.1", "2"], ["2026-11-01", "0.2", "2"], ["total", "0.3", "4"]]
    assert api.asked[0].query["end_date"] == "2026-11-02"


def test_usage_by_customer_is_a_line_for_each() -> None:
    api = FakeApi({"GET /customer/daily/activity": days(Decimal(0), Decimal(3))})
    out = run(api, "usage", "--by", "customer")
    assert [line.split()[:3] for line in out.splitlines()[2:-1]] == [
        ["2026-11-02", "acme", "0"],
        ["2026-11-01", "acme", "3"],
    ]


def test_the_page_is_what_make_cli_writes() -> None:
    assert cli_page.PAGE.read_text() == cli_page.page(), "make cli"
