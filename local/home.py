"""$TOLLGATE_HOME: where the local stack keeps its state, logs and pids; one supervisor at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.errors import StackError

_LOG_LIMIT: Final = 10 * 1024 * 1024  # bytes; a longer log is set aside at the next start


class Home:
    """The folders and files below $TOLLGATE_HOME."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.emulator_state = self.folder / "ministack"
        self.emulator_files = self.folder / "s3"
        self.checkpoints = self.folder / "checkpoints"
        self.logs = self.folder / "logs"
        self.gateway_pid = self.folder / "gateway.pid"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process. Raises StackError when another supervisor holds it.

        The kernel drops the lock with the process, so one that was killed leaves nothing to clean up.
        """
        self._make()
        with (self.folder / "supervisor.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StackError(
                    f"Another Tollgate (pid {file.read().strip()}) runs in {self.folder}. "
                    "Stop it, or choose another TOLLGATE_HOME and PORT."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def log(self, name: str) -> Path:
        """The log file of a child."""
        return self.logs / f"{name}.log"

    def _make(self) -> None:
        try:
            for folder in (self.emulator_state, self.emulator_files, self.checkpoints, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(f"TOLLGATE_HOME {self.folder} cannot be written: {error.strerror}.") from None
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > _LOG_LIMIT:
                log.replace(log.with_suffix(".old"))


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content at once: whoever reads it sees the old text or the new, never a part."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text)
    draft.replace(path)
