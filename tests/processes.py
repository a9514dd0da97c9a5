"""Child processes of a test, each with an environment of its own, and gone when the test is."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
HOST: Final = "127.0.0.1"
PATHS: Final = os.pathsep.join(str(ROOT / part) for part in ("", "functions", "layers/core"))
_BACKLOG: Final = 512


@dataclass(frozen=True, slots=True)
class Server:
    """A child that serves HTTP, and the file its output goes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead."""
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """Its output so far."""
        return self.log.read_text(errors="replace")


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str], log: Path, port: int, *, fd: int = -1
) -> Iterator[Server]:
    """Start a child that serves a port, or a socket that is listening already; SIGTERM at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the project's own programs
            command,
            cwd=ROOT,
            env={**plain_environment(), **environment},
            stdout=output,
            stderr=output,
            pass_fds=(fd,) if fd >= 0 else (),
        )
    try:
        yield Server(f"http://{HOST}:{port}", process, log)
    finally:
        stop(process)


@contextmanager
def app(
    where: str, environment: Mapping[str, str], log: Path, *options: str, script: Path | None = None
) -> Iterator[Server]:
    """An ASGI app under uvicorn, or under a script of our own that takes uvicorn's arguments.

    The socket listens before the child is there, so clients need not wait for it.
    """
    with closing(socket.socket()) as listener:
        listener.bind((HOST, 0))
        listener.listen(_BACKLOG)
        fd, port = listener.fileno(), listener.getsockname()[1]
        program = [str(script)] if script else ["-m", "uvicorn"]
        asked = ["--fd", str(fd), "--no-access-log", "--log-level", "warning", *options]
        command = [sys.executable, *program, where, *asked]
        with serving(command, {**environment, "PYTHONPATH": PATHS}, log, port, fd=fd) as server:
            yield server


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a child to end; kill it when it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], object], what: str, *, within: float = 10) -> None:
    """Wait until a condition holds; fails with `what` when it does not in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.02)


def plain_environment() -> dict[str, str]:
    """This process's environment without anything of AWS, and without the settings under test."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}
