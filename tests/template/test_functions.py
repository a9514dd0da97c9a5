"""Every function is built, logs where logs are kept for a chosen time, and has a sample event."""

import json
import subprocess
from pathlib import Path

import pytest

from local.settings import ROOT
from tests.template.conftest import Document, Render

FUNCTIONS = {
    "ProxyFunction": "proxy",
    "RecordSpendFunction": "record_spend",
    "ReconcileFunction": "reconcile",
    "CustomersFunction": "customers",
    "BudgetsFunction": "budgets",
    "KeysFunction": "keys",
    "AuditFunction": "audit",
    "UsageFunction": "usage",
    "SpendLogsFunction": "spend_logs",
    "ArchiveFunction": "archive",
    "PageFunction": "page",
}


def test_these_are_the_functions(functions: dict[str, Document]) -> None:
    assert functions.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize(("logical_id", "folder"), FUNCTIONS.items())
def test_its_handler_is_in_its_folder(rendered: Render, logical_id: str, folder: str) -> None:
    properties = rendered(ResponseStreaming="false")[logical_id]["Properties"]
    assert properties["Handler"] == f"{folder}.handler.handler"
    assert (ROOT / "functions" / folder / "handler.py").exists()


@pytest.mark.parametrize(("logical_id", "folder"), FUNCTIONS.items())
def test_it_is_built_from_its_own_folder(tmp_path: Path, logical_id: str, folder: str) -> None:
    make = ["make", "-s", "-f", str(ROOT / "functions" / "Makefile"), f"build-{logical_id}"]
    subprocess.run([*make, f"ARTIFACTS_DIR={tmp_path}"], check=True)  # noqa: S603 - our own Makefile
    assert [path.name for path in tmp_path.iterdir()] == [folder]
    assert (tmp_path / folder / "handler.py").exists()


@pytest.mark.parametrize("logical_id", FUNCTIONS)
def test_its_log_is_json_and_kept_as_long_as_chosen(rendered: Render, logical_id: str) -> None:
    resources = rendered(LogRetentionDays="7")
    logging = resources[logical_id]["Properties"]["LoggingConfig"]
    group = logging["LogGroup"].removeprefix("<").removesuffix(".Ref>")
    assert logging["LogFormat"] == "JSON"
    assert resources[group]["Type"] == "AWS::Logs::LogGroup"
    assert resources[group]["Properties"]["RetentionInDays"] == "7"


@pytest.mark.parametrize("folder", FUNCTIONS.values())
def test_it_has_a_sample_event(folder: str) -> None:
    events = [json.loads(path.read_text()) for path in (ROOT / "events").glob(f"{folder}*.json")]
    assert events


def test_reconcile_runs_every_minute_and_compares_every_hour(rendered: Render) -> None:
    schedules = [r["Properties"] for r in rendered().values() if r["Type"] == "AWS::Scheduler::Schedule"]
    found = {s["ScheduleExpression"]: json.loads(s["Target"]["Input"]) for s in schedules}
    assert found == {"rate(1 minute)": {}, "rate(1 hour)": {"compare": True}}
    assert {s["Target"]["Arn"] for s in schedules} == {"<ReconcileFunction.Arn>"}


def test_two_stacks_fit_side_by_side(rendered: Render) -> None:
    """No resource has a fixed name, so a second stack of the account collides with nothing."""
    kinds = (
        "Name",
        "TableName",
        "QueueName",
        "RoleName",
        "LayerName",
        "LogGroupName",
        "TopicName",
        "AlarmName",
    )
    for resource in rendered().values():
        given = [resource["Properties"][kind] for kind in kinds if kind in resource["Properties"]]
        own = ("tollgate", "<")  # the stack's own name, or one that it made
        assert all(any(text in name for text in own) for name in given), given


def test_concurrency_is_reserved_only_when_asked_for(rendered: Render) -> None:
    asked = rendered(ReconcileConcurrency="1")["ReconcileFunction"]["Properties"]
    assert asked["ReservedConcurrentExecutions"] == "1"
    assert "ReservedConcurrentExecutions" not in rendered()["ReconcileFunction"]["Properties"]
