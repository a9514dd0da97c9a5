"""The built functions without Docker: under the Runtime Interface Emulator, and by the adapter's script."""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bench.runtime_emulator import PYTHON, BuiltFunction, built, emulated
from local.settings import ROOT
from tests.e2e.running import Deployed, answers
from tests.processes import eventually, free_port, serving
from tests.truth import ledger_rows, settled

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
EVENTS = {
    "proxy_chat": "ProxyFunction",
    "proxy_chat_stream": "ProxyFunction",
    "proxy_models": "ProxyFunction",
    "proxy_health": "ProxyFunction",
    "record_spend": "RecordSpendFunction",
    "reconcile": "ReconcileFunction",
    "reconcile_compare": "ReconcileFunction",
    "customers_new": "CustomersFunction",
    "budgets_new": "BudgetsFunction",
    "keys_generate": "KeysFunction",
    "audit": "AuditFunction",
    "usage_daily_activity": "UsageFunction",
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="the emulator is a Linux program")


def event(name: str) -> Any:
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


def deployed(stack: Deployed, template: Path, logical_id: str) -> tuple[BuiltFunction, dict[str, str]]:
    """The function as built, and the variables that its deployment gave it."""
    functions = stack.functions.get_paginator("list_functions").paginate()
    names = (found["FunctionName"] for page in functions for found in page["Functions"])
    name = next(name for name in names if f"-{logical_id}-" in name)
    found = stack.functions.get_function_configuration(FunctionName=name)
    variables = {**found["Environment"]["Variables"], **CREDENTIALS}
    return built(template.parent, logical_id, found["Handler"]), variables


@linux
@pytest.mark.parametrize(("name", "logical_id"), EVENTS.items())
def test_a_built_function_answers_its_event(
    stack: Deployed, template: Path, tmp_path: Path, name: str, logical_id: str
) -> None:
    function, variables = deployed(stack, template, logical_id)
    with emulated(function, variables, tmp_path / "log") as environment:
        answer = environment.invoke(event(name))
    said = (tmp_path / "log").read_text()
    assert "errorMessage" not in answer, said
    assert answer.get("statusCode", 200) == 200, answer


@linux
def test_the_built_proxy_books_the_call_it_answers(stack: Deployed, template: Path, tmp_path: Path) -> None:
    function, variables = deployed(stack, template, "ProxyFunction")
    with emulated(function, variables, tmp_path / "log") as environment:
        answer = environment.invoke(event("proxy_chat"))
    headers = answer["headers"]
    entry = ledger_rows(stack.dynamodb, stack.tables.ledger)[headers["x-litellm-call-id"]]
    assert (entry.customer, entry.model, entry.state) == ("customer-42", "gpt-4o-mini", "closed")
    assert entry.usage["output"] == json.loads(answer["body"])["usage"]["completion_tokens"]


@linux
def test_the_built_customers_function_knows_who_called(
    stack: Deployed, template: Path, tmp_path: Path
) -> None:
    proxy, variables = deployed(stack, template, "ProxyFunction")
    with emulated(proxy, variables, tmp_path / "log") as environment:
        environment.invoke(event("proxy_chat"))
    assert settled(stack.dynamodb, stack.tables.ledger, within=10)
    customers, variables = deployed(stack, template, "CustomersFunction")
    with emulated(customers, variables, tmp_path / "log") as environment:
        answer = environment.invoke(event("customers_info"))
    assert json.loads(answer["body"])["user_id"] == "customer-42"


def test_the_app_that_the_adapter_starts_streams(stack: Deployed, template: Path, tmp_path: Path) -> None:
    function, variables = deployed(stack, template, "ProxyFunction")
    port = free_port()
    own = function.environment() | variables | {"AWS_LWA_PORT": str(port)}
    own["PATH"] = f"{PYTHON.parent}:{own['PATH']}"
    with serving([str(function.folder / "proxy" / "run.sh")], own, tmp_path / "log", port) as server:
        eventually(lambda: answers(f"{server.url}/health"), "the app is ready", within=10)
        arrivals = list(streamed(server.url, stack.key))
    assert arrivals[-1] - arrivals[0] > 0.5


def streamed(url: str, key: str) -> list[float]:
    """When each line of a slow stream arrived."""
    demo = {"chunks": 4, "slow_chunk_s": 0.2}
    body = {**json.loads(event("proxy_chat_stream")["body"]), "demo": demo}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(f"{url}/v1/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310 - a child of ours on loopback
        return [time.monotonic() for line in answer if line.strip()]
