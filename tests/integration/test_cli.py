"""The installed command `tollgate` against the local stack, as a person runs it."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.local_stack import KEY, LocalStack, local_stack
from tests.processes import HOST, ROOT, plain_environment
from tollgate_cli import Tollgate
from tollgate_cli.exact import loads

__all__ = ["local_stack"]
COMMAND: Final = Path(sys.executable).parent / "tollgate"
CUSTOMER: Final = "cli, inc"


def tollgate(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with a proxy in the environment that nobody answers at."""
    environment = {
        "TOLLGATE_URL": f"http://{HOST}:{stack.port}",
        "TOLLGATE_HOME": str(stack.home),
        "HTTP_PROXY": f"http://{HOST}:9",
    }
    command = [str(COMMAND), *arguments]
    env = {**plain_environment(), **environment}
    return subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def found(stack: LocalStack, *arguments: str) -> Any:
    ran = tollgate(stack, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    return loads(ran.stdout)


def call(stack: LocalStack) -> None:
    message: Any = {"role": "user", "content": "Hello"}
    with stack.openai() as client:
        client.chat.completions.create(model="gpt-4o-mini", user=CUSTOMER, messages=[message])
    assert stack.settled()


def test_what_was_spent_is_the_same_by_customer_by_day_and_from_python(local_stack: LocalStack) -> None:
    call(local_stack)
    spend = found(local_stack, "customers", "info", CUSTOMER)["spend"]
    days = found(local_stack, "usage", "--customer", CUSTOMER)
    with Tollgate(f"http://{HOST}:{local_stack.port}", KEY) as api:
        assert api.customers.info(CUSTOMER)["spend"] == spend
    assert spend > 0
    assert sum(day["metrics"]["spend"] for day in days) == spend


def test_the_books_are_reconciled_and_balance(local_stack: LocalStack) -> None:
    call(local_stack)
    assert not any(found(local_stack, "reconcile", "--local")["drift"].values())


def test_a_refusal_is_one_line(local_stack: LocalStack) -> None:
    ran = tollgate(local_stack, "customers", "info", "nobody")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "tollgate: End User Id=nobody does not exist in db\n"
