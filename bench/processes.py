"""The processes a benchmark runs against, all on loopback: MiniStack, the demo provider, a gateway, a store.

Ports are BENCH_PORT (default 5200) and the few after it. MiniStack runs on the interpreter that `make run`
installs it for, or on MINISTACK_PYTHON.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
KEY: Final = "sk-1234"
_BASE: Final = int(os.environ.get("BENCH_PORT", "5200"))
GATEWAY, DEMO, MINISTACK, MEMORY = range(_BASE, _BASE + 4)
_MINISTACK_PYTHON: Final = os.environ.get("MINISTACK_PYTHON", str(ROOT / ".venvs/ministack/bin/python"))
_GRACE: Final = 10  # seconds, to start and to stop
_UVICORN: Final = ("--http", "httptools", "--no-access-log", "--log-level", "warning", "--host", HOST)


def url(port: int) -> str:
    """The base URL of a process."""
    return f"http://{HOST}:{port}"


def provider_environment() -> dict[str, str]:
    """How a process of ours finds the demo provider."""
    return {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": f"{url(DEMO)}/v1"}


def aws_environment(port: int) -> dict[str, str]:
    """How a process of ours finds the AWS APIs, or a store that speaks like them, on a port."""
    return {
        "AWS_ENDPOINT_URL": url(port),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }


@contextmanager
def ministack() -> Iterator[None]:
    """An empty MiniStack that keeps nothing."""
    settings = {"GATEWAY_PORT": str(MINISTACK), "BIND_HOST": HOST, "MINISTACK_HOST": HOST}
    with _running(_MINISTACK_PYTHON, ["ministack"], MINISTACK, {**settings, "LOG_LEVEL": "WARNING"}):
        yield


@contextmanager
def demo_provider() -> Iterator[None]:
    """The demo provider, without faults."""
    arguments = ["uvicorn", "local.demo.app:app", "--port", str(DEMO), *_UVICORN]
    with _running(sys.executable, arguments, DEMO, {}):
        yield


@contextmanager
def memory_store() -> Iterator[None]:
    """The store in memory."""
    with _running(sys.executable, ["bench.memory_store", str(MEMORY)], MEMORY, {}):
        yield


@contextmanager
def gateway(environment: Mapping[str, str]) -> Iterator[int]:
    """The proxy under one uvicorn worker; its process id."""
    arguments = ["uvicorn", "proxy.api:api", "--port", str(GATEWAY), *_UVICORN]
    own = {"TOLLGATE_MASTER_KEY": KEY, **provider_environment()}
    with _running(sys.executable, arguments, GATEWAY, {**environment, **own}) as pid:
        yield pid


@contextmanager
def _running(python: str, arguments: list[str], port: int, environment: Mapping[str, str]) -> Iterator[int]:
    """A module that dies with this process, from when its port answers; its process id."""
    command = [python, str(ROOT / "local" / "tether.py"), str(_GRACE), *arguments]
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, env={**known, **environment}) as process:
        try:
            _wait(process, port)
            yield process.pid
        finally:
            process.terminate()
            process.wait(_GRACE)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(_GRACE * 20):
        with socket.socket() as probe:
            if process.poll() is None and probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")
