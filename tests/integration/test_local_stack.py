"""`python -m local` as a person meets it: started, called, killed, stopped, started again."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.request import urlopen

import pytest
from openai import APIConnectionError

from tests.local_stack import KEY, LocalStack, all_dead, local_stack, run
from tests.processes import HOST, eventually
from tests.truth import assert_books_balance, ledger_rows
from tollgate.money import loads

__all__ = ["local_stack"]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    """One to be rough with."""
    with LocalStack.running(tmp_path / "home") as running:
        yield running


def chat(stack: LocalStack, customer: str, **options: Any) -> list[float]:
    """One call through OpenAI's SDK, read to its end; when each chunk of a stream arrived."""
    message = {"role": "user", "content": "Hello"}
    with stack.openai() as client:
        answer: Any = client.chat.completions.create(
            model="gpt-4o-mini",
            user=customer,
            messages=[message],  # type: ignore[list-item]
            **options,
        )
        if not options.get("stream"):
            return []
        with answer:
            return [time.monotonic() for _ in answer]


def spend(stack: LocalStack, customer: str) -> Decimal:
    """What the gateway says that a customer spent."""
    answer = stack.get(f"/customer/info?end_user_id={customer}")
    return Decimal(loads(answer.content)["spend"]) if answer.is_success else Decimal(0)


def test_it_is_ready_in_time_and_says_how_to_call_it(local_stack: LocalStack) -> None:
    assert local_stack.ready_after < 10
    said = local_stack.said()
    assert f"{local_stack.url}/v1/chat/completions" in said
    assert f"Bearer {KEY}" in said


def test_calls_are_in_the_books_and_the_answer_a_moment_later(local_stack: LocalStack) -> None:
    for customer in ("ada", "alan"):
        for stream in (False, True):
            chat(local_stack, customer, stream=stream)
    began = time.monotonic()
    eventually(lambda: spend(local_stack, "alan") > 0, "the spend is told")
    assert time.monotonic() - began < 3
    assert local_stack.settled()
    aws = local_stack.aws
    ledger = assert_books_balance(aws.dynamodb, aws.tables, local_stack.truth())
    told = {customer: spend(local_stack, customer) for customer in ("ada", "alan")}
    assert told == {
        customer: sum(row.sums["charge"] for row in ledger.values() if row.customer == customer)
        for customer in told
    }


def test_streams_stream(local_stack: LocalStack) -> None:
    local_stack.faults(slow_chunk_s=0.15)
    arrivals = chat(local_stack, "grace", stream=True)
    local_stack.faults()
    assert arrivals[-1] - arrivals[0] > 0.3


def test_other_functions_answer_at_their_routes(local_stack: LocalStack) -> None:
    chat(local_stack, "edsger")
    eventually(lambda: spend(local_stack, "edsger") > 0, "the spend is told")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    activity = f"/customer/daily/activity?start_date={today}&end_date={today}"
    eventually(lambda: local_stack.get(activity).json()["results"], "the day is told")
    assert local_stack.get("/customer/info?end_user_id=edsger", key="wrong").status_code == 401


def test_what_is_not_served_gets_an_envelope(local_stack: LocalStack) -> None:
    for path in ("/nothing/here", "/v1/nothing"):
        answer = local_stack.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["message"]


def test_a_killed_gateway_is_back_within_two_seconds_and_counts_what_was_left(stack: LocalStack) -> None:
    chat(stack, "before")
    seconds = stack.kill_gateway()
    assert seconds < 2
    chat(stack, "after")
    assert stack.settled()
    assert_books_balance(stack.aws.dynamodb, stack.aws.tables, stack.truth())


def test_a_call_under_way_when_the_gateway_was_killed_is_closed_and_counted(tmp_path: Path) -> None:
    with LocalStack.running(tmp_path / "home", RECONCILE_OPEN_AFTER_SECONDS="1") as stack:
        stack.faults(slow_chunk_s=0.5)
        killing = Timer(1.5, os.kill, (stack.gateway_pid, signal.SIGKILL))
        killing.start()
        with pytest.raises(APIConnectionError):
            chat(stack, "ada", stream=True)
        killing.join()
        stack.faults()
        aws = stack.aws
        assert stack.settled(within=20)  # reconcile runs every 10 s
        (row,) = ledger_rows(aws.dynamodb, aws.tables.ledger).values()
        assert row.estimated
        eventually(lambda: spend(stack, "ada") == row.sums["charge"] > 0, "it is counted")


def test_a_demo_provider_that_dies_is_started_again(stack: LocalStack) -> None:
    os.kill(stack.child("local.demo"), signal.SIGKILL)
    eventually(lambda: "demo provider died" in stack.said(), "its death is told")
    eventually(lambda: _answers(f"{stack.provider}/truth"), "it is back")
    chat(stack, "ada")


def test_an_emulator_that_dies_ends_it_all_with_a_reason(stack: LocalStack) -> None:
    pids = stack.children()
    os.kill(stack.child("ministack"), signal.SIGKILL)
    assert stack.wait() == 1
    assert all_dead(pids)
    assert "MiniStack died (signal SIGKILL)" in stack.said()
    assert "started again" not in stack.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_goes_on_where_it_stopped(tmp_path: Path, number: signal.Signals) -> None:
    stack = LocalStack(tmp_path / "home")
    stack.start()
    chat(stack, "ada")
    pids = [stack.pid, *stack.children()]
    assert stack.end(number) == 0
    assert all_dead(pids)
    assert not (stack.home / "gateway.pid").exists()
    stack.start()
    try:
        aws = stack.aws
        (row,) = ledger_rows(aws.dynamodb, aws.tables.ledger).values()
        assert not row.pending  # what was in the stream was counted before the stop
        assert spend(stack, "ada") == row.sums["charge"] > 0
    finally:
        stack.stop()


def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "home")
    stack.start()
    chat(stack, "ada")
    assert stack.settled()
    pids = stack.children()
    assert len(pids) == 3
    stack.kill()
    eventually(lambda: all_dead(pids), "the children are dead", within=10)
    stack.start()  # nothing is in the way, and MiniStack had the time to save
    assert spend(stack, "ada") > 0
    stack.stop()


def test_a_second_supervisor_is_told_of_the_first(local_stack: LocalStack) -> None:
    second = run("local", PORT=str(local_stack.port + 3), TOLLGATE_HOME=str(local_stack.home))
    assert second.returncode == 1
    assert f"pid {local_stack.pid}" in second.stderr


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_port_that_is_taken_is_named_with_the_fix(tmp_path: Path, offset: int) -> None:
    port = LocalStack(tmp_path).port
    with closing(socket.socket()) as taken:
        taken.bind((HOST, port + offset))
        taken.listen()
        result = run("local", PORT=str(port), TOLLGATE_HOME=str(tmp_path / "home"))
    assert result.returncode == 1
    assert f"Port {port + offset}" in result.stderr
    assert "PORT=" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_setting_that_is_none_is_named(tmp_path: Path) -> None:
    result = run("local", PORT="web", TOLLGATE_HOME=str(tmp_path))
    assert result.returncode == 2
    assert "PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_reconcile_at_once_proves_the_books(local_stack: LocalStack) -> None:
    chat(local_stack, "ada")
    assert local_stack.settled()
    own = {"PORT": str(local_stack.port), "TOLLGATE_HOME": str(local_stack.home)}
    result = run("local.reconcile", **own)
    assert result.returncode == 0, result.stderr
    assert "no drift" in result.stdout


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=1) as answer:  # noqa: S310 - the demo provider
            return bool(json.load(answer))
    except OSError:
        return False
