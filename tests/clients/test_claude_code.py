"""Claude Code, set up as the README says, in real sessions with tools."""

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.clients.books import Row, assert_same, assert_told, settled
from tests.clients.claude_code import ClaudeCode
from tests.clients.stack import KEY, Stack
from tests.processes import eventually

Start = Callable[..., ClaudeCode]
CUSTOMER = {"ANTHROPIC_CUSTOM_HEADERS": "x-litellm-customer-id: claude-user"}
OPUS = "claude-opus-4-8"


@pytest.fixture
def claude(stack: Stack, tmp_path: Path) -> Start:
    def start(base: str = "/v1/messages", **more: str) -> ClaudeCode:
        key = {} if "ANTHROPIC_AUTH_TOKEN" in more else {"ANTHROPIC_API_KEY": KEY}
        return ClaudeCode(tmp_path, f"{stack.url}{base}", {"ANTHROPIC_MODEL": OPUS, **key, **more})

    return start


def assert_booked(rows: list[Row], answer: dict[str, Any], customer: str) -> None:
    """Every call is the customer's, and the session's, and costs what Claude Code says it does."""
    assert answer["is_error"] is False
    assert {(row.customer, row.session) for row in rows} == {(customer, answer["session_id"])}
    # Its own sum is one of binary fractions: ours is exact, and the same to a billionth of a dollar.
    assert abs(sum(row.cost for row in rows) - Decimal(answer["total_cost_usd"])) < Decimal("1e-9")


def test_a_session_with_tools(stack: Stack, claude: Start) -> None:
    code = claude(**CUSTOMER)
    made = code.work / "made.txt"
    answer = code.ask(
        'call Bash with {"command": "echo tollgate > made.txt", "description": "write"} '
        f'and then call Read with {{"file_path": "{made}"}}'
    )
    assert made.read_text() == "tollgate\n"
    assert answer["num_turns"] == 3
    rows = assert_told(stack, calls=3)
    assert_booked(rows, answer, "claude-user")
    assert all(row.usage["reasoning"] and row.usage["cache_read"] for row in rows)
    assert (
        sum(row.usage["output"] + row.usage["reasoning"] for row in rows) == answer["usage"]["output_tokens"]
    )


@pytest.mark.parametrize("base", ["/", "/v1/messages", "/messages"])
def test_it_finds_somebody_at_its_base_url(stack: Stack, base: str) -> None:
    assert httpx2.head(f"{stack.url}{base}").status_code == 200


@pytest.mark.parametrize("base", ["", "/v1/messages"])
def test_without_a_header_the_device_is_the_customer(stack: Stack, claude: Start, base: str) -> None:
    code = claude(base)
    answer = code.ask("hello")
    assert_booked(assert_told(stack, calls=1), answer, code.device())


def test_a_bearer_token_lets_in_as_well(stack: Stack, claude: Start) -> None:
    answer = claude(ANTHROPIC_AUTH_TOKEN=KEY, **CUSTOMER).ask("hello")
    assert_booked(assert_told(stack, calls=1), answer, "claude-user")


def test_a_session_that_is_taken_up_again(stack: Stack, claude: Start) -> None:
    code = claude(**CUSTOMER)
    first = code.ask("hello")
    second = code.ask('call Bash with {"command": "pwd"}', "--resume", first["session_id"])
    rows = assert_told(stack, calls=3)
    assert first["session_id"] == second["session_id"]
    assert {(row.customer, row.session) for row in rows} == {("claude-user", first["session_id"])}


def test_an_agent_of_its_own_is_the_same_session(stack: Stack, claude: Start) -> None:
    task = '{"description": "greet", "prompt": "say hello", "subagent_type": "general-purpose"}'
    answer = claude(**CUSTOMER).ask(f"call Agent with {task}")
    assert_booked(assert_told(stack, calls=3), answer, "claude-user")


def test_its_web_searches_are_charged_for(stack: Stack, claude: Start) -> None:
    code = claude(**CUSTOMER)
    answer = code.ask(
        'call WebSearch with {"query": "search the web for mills"}', "--allowedTools", "WebSearch"
    )
    rows = assert_told(stack, calls=3)
    assert_booked(rows, answer, "claude-user")
    assert sum(row.usage.get("web_searches", 0) for row in rows) == 1


def test_it_asks_again_after_an_error(stack: Stack, claude: Start) -> None:
    stack.faults(error_500=0.5, seed=10)  # the first attempt meets it, the second does not
    answer = claude(**CUSTOMER).ask("hello")
    endings = [told["ending"] for told in stack.truth()]
    assert endings == ["error_500", "finished"]
    rows = assert_told(stack, calls=2)
    assert_booked(rows, answer, "claude-user")
    assert [row.ending for row in rows] == ["upstream_error", "finished"]


def test_a_wrong_key_is_told_so(stack: Stack, claude: Start) -> None:
    answer = claude(ANTHROPIC_API_KEY="sk-wrong").ask("hello")
    assert answer["is_error"] is True
    assert answer["api_error_status"] == 401
    assert stack.truth() == []


def test_a_session_that_is_killed_pays_what_was_generated(stack: Stack, claude: Start) -> None:
    stack.faults(slow_chunk_s=0.05)
    with claude(**CUSTOMER).start("hello") as process:
        eventually(lambda: bool(stack.truth()), "it asks", within=30)
        time.sleep(0.4)  # so that it has begun to get an answer
        process.kill()
    (row,) = settled(stack).values()
    (told,) = stack.truth()
    assert_same(row, told)
    assert (row.customer, row.ending) == ("claude-user", "client_gone")
