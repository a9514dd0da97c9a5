"""One child process of the supervisor: started under a tether, logged to a file, stopped gently, then not."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.settings import ROOT

_TETHER: Final = ROOT / "local" / "tether.py"
_LINES: Final = 15  # of a log, shown when its process dies


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs, and how long it may take to stop: when asked, and when its supervisor is dead."""

    name: str
    module: Sequence[str]  # a module and its arguments
    environment: Mapping[str, str]
    log: Path
    stop_seconds: float
    orphan_seconds: float
    python: Path = Path(sys.executable)
    descriptors: tuple[int, ...] = ()


class Child:
    """A program while it runs. `tether` is the read end of the pipe whose end of file means an orphan."""

    def __init__(self, program: Program, tether: int) -> None:
        self.program = program
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(program.python), str(_TETHER), str(program.orphan_seconds), *program.module],
                cwd=ROOT,
                env=dict(program.environment),
                stdin=tether,
                stdout=log,
                stderr=log,
                pass_fds=program.descriptors,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
            )
        self._ended = asyncio.ensure_future(asyncio.to_thread(self._process.wait))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self._ended.done()

    async def wait(self) -> str:
        """Wait for its death, however long; answers what it died of."""
        status = await asyncio.shield(self._ended)
        return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    async def stop(self) -> None:
        """Ask it to stop, and kill it when it takes longer than it may."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._ended), self.program.stop_seconds)
        except TimeoutError:
            self.kill()
            await self._ended

    def kill(self) -> None:
        """Kill it, and whatever it started."""
        self._signal(signal.SIGKILL)

    def last_words(self) -> str:
        """The end of its log, indented."""
        lines = self.program.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in lines[-_LINES:])

    def _signal(self, number: int) -> None:
        if not self.is_dead:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
