"""The two ways to a deployment's housekeeping: its function on AWS, or the local stack's own script."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx2

from tollgate_cli.connection import Row, is_loopback
from tollgate_cli.errors import ReconcileFailed, Unusable
from tollgate_cli.exact import dumps, loads

_SECONDS: Final = 310  # the function has 300; a second call meanwhile would only repeat its work
_SCRIPT: Final = Path("local") / "reconcile.py"


def through_aws(function: str, client: Callable[[], Any] | None = None) -> Row:
    """Invoke the function and wait for its report. Raises ReconcileFailed."""
    answer = _invoked(function, client or _lambda)
    payload: Row = loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ReconcileFailed(f"{function} failed: {payload.get('errorMessage', 'see its log')}")
    return payload


def on_local_stack(url: str) -> Row:
    """Run what `make reconcile` runs, for the stack on the URL's port. Raises ReconcileFailed, Unusable."""
    if not is_loopback(url):
        raise Unusable(f"--local is for a URL of this machine, and {url} is not: say --function NAME")
    checkout = _checkout(Path.cwd())
    command = [str(checkout / ".venv" / "bin" / "python"), "-m", "local.reconcile", "--json"]
    env = {**os.environ, "PORT": str(httpx2.URL(url).port or 4000)}
    try:
        run = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - the checkout's own
    except OSError as error:
        raise ReconcileFailed(f"{checkout} has no environment; `make run` makes one: {error}") from None
    if not run.stdout:
        raise ReconcileFailed((run.stderr.strip().splitlines() or ["local.reconcile said nothing"])[-1])
    report: Row = loads(run.stdout)
    return report


def _invoked(function: str, client: Callable[[], Any]) -> Row:
    try:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise ReconcileFailed("This needs boto3: install tollgate-cli with its extra, aws.") from None
    try:
        answer: Row = client().invoke(FunctionName=function, Payload=dumps({"compare": True}))
    except (BotoCoreError, ClientError) as error:  # no region, no credentials, no such function …
        raise ReconcileFailed(f"AWS did not call {function}: {error}") from None
    return answer


def _lambda() -> Any:
    import boto3  # noqa: PLC0415 - an extra, and slow to load
    from botocore.config import Config  # noqa: PLC0415 - the same

    return boto3.client("lambda", config=Config(read_timeout=_SECONDS, retries={"max_attempts": 0}))


def _checkout(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / _SCRIPT).is_file():
            return folder
    raise ReconcileFailed("--local works from inside a checkout of Tollgate, and this is none.")
