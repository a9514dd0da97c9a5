"""`tollgate reconcile`: a deployment's function through AWS, and a checkout's script for the local stack."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoRegionError
from typer.testing import CliRunner, Result

from tollgate_cli.app import app
from tollgate_cli.exact import dumps, loads
from tollgate_cli.session import Outside

CLEAN = {"closed": 1, "counted": 0, "replayed": 0, "failed": 0, "left": 2, "drift": {"2026-11-01": 0}}
DRIFTED = CLEAN | {"drift": {"2026-11-01": 3}}
SCRIPT = """
import json, os, sys
print("its log", file=sys.stderr)
given = {{"port": os.environ["PORT"], "arguments": sys.argv[1:]}}
print(json.dumps({{**given, "drift": {{"2026-11-01": {drift}}}}}))
"""


class FakeLambda:
    """Lambda's client, with one answer."""

    def __init__(self, payload: Any, error: str = "", refusal: Exception | None = None) -> None:
        self._payload, self._error, self._refusal = payload, error, refusal
        self.invoked: list[tuple[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - AWS's names
        self.invoked.append((FunctionName, loads(Payload)))
        if self._refusal:
            raise self._refusal
        failed = {"FunctionError": self._error} if self._error else {}
        return {"Payload": io.BytesIO(dumps(self._payload)), **failed}


def run(*arguments: str, aws: FakeLambda | None = None) -> Result:
    outside = Outside(lambda_client=lambda: aws)
    return CliRunner().invoke(app, ["reconcile", *arguments], obj=outside, env={"TOLLGATE_URL": ""})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a checkout is, with a script in place of the real one; we stand inside of it."""
    (tmp_path / "local").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "local" / "reconcile.py").write_text(SCRIPT.format(drift=0))
    monkeypatch.chdir(tmp_path / "docs")
    return tmp_path


def test_a_deployment_is_reconciled_by_the_name_of_its_function() -> None:
    aws = FakeLambda(CLEAN)
    result = run("--function", "tollgate-Reconcile", "--json", aws=aws)
    assert (result.exit_code, loads(result.stdout)) == (0, CLEAN)
    assert aws.invoked == [("tollgate-Reconcile", {"compare": True})]


def test_drift_ends_with_1_and_the_report_is_shown_all_the_same() -> None:
    result = run("--function", "f", aws=FakeLambda(DRIFTED))
    assert result.exit_code == 1
    assert ["drift.2026-11-01", "3"] in [line.split() for line in result.stdout.splitlines()]
    assert "3 sums differ" in result.stderr


@pytest.mark.parametrize(
    ("aws", "said"),
    [
        (FakeLambda({"errorMessage": "no table"}, error="Unhandled"), "f failed: no table"),
        (
            FakeLambda(None, refusal=ClientError({"Error": {"Code": "AccessDenied"}}, "Invoke")),
            "AWS did not call f: An error occurred (AccessDenied) when calling the Invoke operation: Unknown",
        ),
        (FakeLambda(None, refusal=NoRegionError()), "AWS did not call f: You must specify a region."),
    ],
)
def test_a_function_that_fails_is_told_in_a_line(aws: FakeLambda, said: str) -> None:
    result = run("--function", "f", aws=aws)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"tollgate: {said}\n")


@pytest.mark.usefixtures("checkout")
def test_the_local_stack_on_the_urls_port_is_reconciled_by_its_checkout() -> None:
    result = run("--local", "--json", "--url", "http://127.0.0.1:4300")
    found = loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (found["port"], found["arguments"]) == ("4300", ["--json"])


def test_drift_of_the_local_stack_ends_with_1(checkout: Path) -> None:
    (checkout / "local" / "reconcile.py").write_text(SCRIPT.format(drift=1))
    assert run("--local").exit_code == 1


def test_a_stack_that_does_not_run_is_told_in_its_own_words(checkout: Path) -> None:
    (checkout / "local" / "reconcile.py").write_text("import sys\nsys.exit('No Tollgate runs')")
    result = run("--local")
    assert (result.exit_code, result.stderr) == (1, "tollgate: No Tollgate runs\n")


def test_a_checkout_without_an_environment_says_how_to_make_one(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "python").unlink()
    result = run("--local")
    assert result.exit_code == 1
    assert "`make run` makes one" in result.stderr


def test_outside_of_a_checkout_there_is_no_local_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--local")
    assert result.exit_code == 1
    assert "checkout" in result.stderr


@pytest.mark.usefixtures("checkout")
def test_local_is_not_for_a_deployment_elsewhere() -> None:
    result = run("--local", "--url", "https://example.com")
    assert (result.exit_code, result.stdout) == (2, "")
