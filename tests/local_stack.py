"""`python -m local`, as a person starts it, for tests: the fixture `local_stack`, and the class to make more.

with LocalStack.running(tmp_path) as stack:
    stack.openai().chat.completions.create(…)
    assert stack.settled()
    assert_books_balance(stack.aws.dynamodb, stack.aws.tables, stack.truth())
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.request import Request, urlopen

import httpx2
import pytest
from openai import OpenAI

from local import template
from tests import truth
from tests.ministack import Deployment
from tests.processes import HOST, ROOT, eventually, plain_environment
from tests.truth import Tables

KEY: Final = "sk-1234"
_READY: Final = "Tollgate is ready"


def free_ports() -> int:
    """A port that is free, and so are the next two."""
    while True:
        port = random.randrange(20_000, 30_000, 3)
        if all(_is_free(one) for one in range(port, port + 3)):
            return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, port)) != 0


class Listed(NamedTuple):
    """A process as `ps` lists it."""

    parent: int
    command: str


def processes() -> dict[int, Listed]:
    """Every process that runs, by pid; one that is dead and not yet reaped does not."""
    asked = ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603
    rows = (line.split(None, 3) for line in shown.stdout.splitlines())
    return {int(pid): Listed(int(parent), command) for pid, parent, state, command in rows if state[0] != "Z"}


def all_dead(pids: Iterable[int]) -> bool:
    """Whether none of these runs."""
    return not set(pids) & processes().keys()


def run(module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the project to its end."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**plain_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@dataclass
class LocalStack:
    """One supervisor: its ports, its home, its output; `environment` is exported over the test's own."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_ports)
    ready_after: float = 0.0  # seconds
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls, home: Path, **environment: str) -> Iterator["LocalStack"]:
        """A stack that is ready, and stopped at the end."""
        stack = cls(home, environment)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()

    @property
    def url(self) -> str:
        """The gateway."""
        return f"http://{HOST}:{self.port}"

    @property
    def provider(self) -> str:
        """The demo provider."""
        return f"http://{HOST}:{self.port + 1}"

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process
        return self._process.pid

    @property
    def gateway_pid(self) -> int:
        """The gateway's, as the supervisor wrote it down."""
        return int((self.home / "gateway.pid").read_text())

    @property
    def aws(self) -> Deployment:
        """The emulator underneath: clients, table names."""
        url = f"http://{HOST}:{self.port + 2}"
        _, wired = template.read(url).environment()
        tables = Tables(wired["LEDGER_TABLE"], wired["COUNTERS_TABLE"], wired["CUSTOMERS_TABLE"])
        return Deployment(url, tables, wired["DEAD_LETTER_QUEUE_URL"], {})

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        self._process = self.spawn()
        process = self._process
        eventually(lambda: _READY in self.said() or process.poll() is not None, "it is ready", within=30)
        assert _READY in self.said(), self.said()
        self.ready_after = time.monotonic() - began

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start a supervisor on this home and these ports, whether or not one runs."""
        own = {"PORT": str(self.port), "TOLLGATE_HOME": str(self.home)}
        with self._output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "local"],
                cwd=ROOT,
                env={**plain_environment(), **own, **self.environment},
                stdout=output,
                stderr=output,
            )

    def stop(self) -> int:
        """SIGTERM, and wait for its end; the exit status."""
        return self.end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL, and wait for its end; its children are on their own."""
        return self.end(signal.SIGKILL)

    def end(self, number: int) -> int:
        """Send a signal, and wait for its end; the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it ends by itself; the exit status."""
        assert self._process
        status = self._process.wait(90)
        self._process = None
        return status

    def said(self) -> str:
        """What it printed since it was started."""
        return self._output.read_text()

    def children(self) -> dict[int, str]:
        """The command lines of its children, by pid."""
        return {pid: one.command for pid, one in processes().items() if one.parent == self.pid}

    def child(self, what: str) -> int:
        """The pid of the child whose command line holds a text."""
        (pid,) = (pid for pid, command in self.children().items() if what in command)
        return pid

    def kill_gateway(self) -> float:
        """SIGKILL the gateway; the seconds until its successor answers."""
        pid = self.gateway_pid
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        self.get("/health")
        assert self.gateway_pid != pid
        return time.monotonic() - began

    def get(self, path: str, *, key: str = KEY) -> httpx2.Response:
        """GET from the gateway."""
        with httpx2.Client(trust_env=False, timeout=30) as http:
            return http.get(self.url + path, headers={"authorization": f"Bearer {key}"})

    def openai(self, *, retries: int = 0) -> OpenAI:
        """OpenAI's SDK, pointed at the gateway; close it."""
        return OpenAI(base_url=f"{self.url}/v1", api_key=KEY, max_retries=retries)

    def truth(self) -> list[dict[str, Any]]:
        """Every attempt that reached the demo provider."""
        return truth.truth_rows(self.provider)

    def forget_truth(self) -> None:
        """Empty it."""
        self._demo("DELETE", "/truth")

    def faults(self, **rates: float) -> None:
        """Set the demo provider's faults; without any there are none."""
        self._demo("POST", "/faults", rates)

    def settled(self, *, within: float = 5) -> bool:
        """Wait until every ledger entry is closed and counted."""
        return truth.settled(self.aws.dynamodb, self.aws.tables.ledger, within=within)

    @property
    def _output(self) -> Path:
        return self.home / "supervisor.out"

    def _demo(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        headers = {"content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.provider + path, data, headers, method=method)):  # noqa: S310 - our own
            return


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack for the whole run; leave it as you found it (faults, truth)."""
    with LocalStack.running(tmp_path_factory.mktemp("tollgate")) as stack:
        yield stack
