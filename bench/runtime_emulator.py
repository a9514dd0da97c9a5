"""A built function under Lambda's Runtime Interface Emulator, which comes with the SAM CLI: no Docker.

The function sees its own folder, the layer, and an interpreter that has nothing but Lambda's runtime client,
so a dependency that the layer lacks shows. Linux only, as the emulator is.
"""

import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from local.settings import HOST, ROOT

PYTHON: Final = ROOT / ".venvs" / "runtime" / "bin" / "python"
_INVOKE: Final = "2015-03-31/functions/function/invocations"
_START: Final = 10  # seconds; Lambda allows no more for init either


@dataclass(frozen=True, slots=True)
class BuiltFunction:
    """What `sam build` made of a function: its folder, its handler, and the layer's folder."""

    folder: Path
    handler: str
    layer: Path

    def environment(self) -> dict[str, str]:
        """What Lambda sets, as far as Python finds its modules by it."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.layer / "python"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(self.folder),
            "AWS_LAMBDA_FUNCTION_NAME": self.folder.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        }


@dataclass(frozen=True, slots=True)
class Emulated:
    """A function that can be invoked, one call at a time."""

    url: str

    def invoke(self, event: Any) -> Any:
        """The function's answer. Raises HTTPError or URLError when there is none."""
        request = Request(f"{self.url}/{_INVOKE}", json.dumps(event).encode())  # noqa: S310 - loopback
        with urlopen(request) as answer:  # noqa: S310 - loopback
            return json.load(answer)


def built(build: Path, logical_id: str, handler: str) -> BuiltFunction:
    """A function of a build folder."""
    return BuiltFunction(build / logical_id, handler, build / "CoreLayer")


@contextmanager
def emulated(function: BuiltFunction, variables: Mapping[str, str], log: Path) -> Iterator[Emulated]:
    """A fresh execution environment with these variables; its init comes with the first invocation."""
    port, runtime_api = _free_port(), _free_port()
    command: list[str | Path] = [_emulator(), "--log-level", "warn"]
    command += ["--runtime-interface-emulator-address", f"{HOST}:{port}"]
    command += ["--runtime-api-address", f"{HOST}:{runtime_api}"]
    command += [PYTHON, "-m", "awslambdaric", function.handler]
    env = {**function.environment(), **variables}
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command, cwd=function.folder, env=env, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            _wait(port)
            yield Emulated(f"http://{HOST}:{port}")
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the session it leads: itself and its runtime


def _emulator() -> Path:
    kind = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
    samcli = (ROOT / ".venvs" / "sam" / "lib").glob("python3*/site-packages/samcli")
    return next(samcli) / "local" / "rapid" / f"aws-lambda-rie-{kind}"


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.005)
    raise TimeoutError("the Runtime Interface Emulator did not start")
