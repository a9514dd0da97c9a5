"""Runs every benchmark and writes docs/benchmarks.md: `.venv/bin/python -m bench [NAME …]`.

With names, only those are run, and the other sections stay as they are.
"""

import importlib
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.processes import ROOT

PAGE: Final = ROOT / "docs" / "benchmarks.md"
_SECTIONS: Final = {
    "request_units": "Request units and round trips of a call",
    "recorder_units": "Request units of counting",
    "usage_reads": "Request units and round trips of questions about usage",
    "limits_units": "Request units and round trips of admission",
    "latency": "Latency and CPU",
    "limits_latency": "Latency and CPU of a call with limits",
    "hot_wallet": "One hot customer",
    "open_streams": "First byte, and memory of open streams",
    "queries": "Queries",
    "page": "The usage page",
    "cold_start": "Cold start and package",
}
_METRIC: Final = '{"_aws":'  # what a gateway in the benchmark's own process reports
_INTRODUCTION: Final = """# Benchmarks

Written by `.venv/bin/python -m bench` (`.venv/bin/python -m bench latency` renews one section); do not edit
it by hand. Request units and round trips are exact on any machine. Times are not: they depend on the
machine and on what else it does, so compare them with others of the same run only.
"""


def main(names: list[str]) -> None:
    """Renew the named sections, or all. Raises CalledProcessError for a benchmark that fails."""
    known = _sections_of(PAGE.read_text()) if PAGE.exists() else {}
    for name in names or list(_SECTIONS):
        print(f"running {name} …", file=sys.stderr)
        known[name] = _section(name)
        PAGE.write_text("\n".join([_INTRODUCTION, *(known[each] for each in _SECTIONS if each in known)]))


def _section(name: str) -> str:
    """A benchmark's heading, where and when it ran, its purpose, and what it printed."""
    made = f"`.venv/bin/python -m bench.{name}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}."
    command = [sys.executable, "-m", f"bench.{name}"]
    printed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    told = "\n".join(line for line in printed.splitlines() if not line.startswith(_METRIC))
    return f"## {_SECTIONS[name]}\n\n{made}\n\n{_purpose(name)}\n\n{told.strip()}\n"


def _purpose(name: str) -> str:
    """The benchmark's own docstring."""
    return str(importlib.import_module(f"bench.{name}").__doc__).strip()


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    busy = f"load average {os.getloadavg()[0]:.1f} before it began"
    return f"{os.cpu_count()} cores of {_cpu_model()}, {platform.system()}, {python}, {busy}"


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    return found.group(1) if found else platform.machine()


def _sections_of(page: str) -> dict[str, str]:
    parts = {part.partition("\n")[0]: f"## {part}" for part in re.split(r"^## ", page, flags=re.MULTILINE)}
    return {name: f"{parts[title].rstrip()}\n" for name, title in _SECTIONS.items() if title in parts}


if __name__ == "__main__":
    main(sys.argv[1:])
