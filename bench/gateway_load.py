"""The gateway under load, and the demo provider called directly in the same minutes."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench.load import Result
from bench.processes import DEMO, GATEWAY, ROOT, url

CALLS: Final = int(os.environ.get("BENCH_CALLS", "1000"))  # in one run
RUNS: Final = int(os.environ.get("BENCH_RUNS", "3"))  # of which the median is told
_WARM_UP: Final = 50  # calls
_MILLISECONDS: Final = 1000


def _nothing() -> None:
    """There is nothing to tidy up."""


class Run(NamedTuple):
    """One run; milliseconds, but for the calls per second."""

    p50: float
    p99: float
    per_second: float
    cpu: float = 0


class Measured(NamedTuple):
    """The medians over the runs."""

    gateway: Run
    direct: Run


def measure(pid: int, connections: int, kind: str, tidy: Callable[[], None] = _nothing) -> Measured:
    """Load the gateway (a process id) and the demo provider in turn; kind is `whole` or `stream`.

    `tidy` is called before each run of the gateway.
    """
    _load(GATEWAY, connections, _WARM_UP, kind)
    pairs = [(_gateway(pid, connections, kind, tidy), _run(DEMO, connections, kind)) for _ in range(RUNS)]
    through, direct = zip(*pairs, strict=True)
    return Measured(_medians(through), _medians(direct))


def _gateway(pid: int, connections: int, kind: str, tidy: Callable[[], None]) -> Run:
    tidy()
    before = _cpu_seconds(pid)
    run = _run(GATEWAY, connections, kind)
    return run._replace(cpu=(_cpu_seconds(pid) - before) * _MILLISECONDS / CALLS)


def _run(port: int, connections: int, kind: str) -> Run:
    result = _load(port, connections, CALLS, kind)
    times = sorted(result.latencies)
    p50, p99 = (times[int(len(times) * share)] * _MILLISECONDS for share in (0.5, 0.99))
    return Run(p50, p99, len(times) / result.elapsed)


def _load(port: int, connections: int, calls: int, kind: str) -> Result:
    command = [sys.executable, "-m", "bench.load", f"{url(port)}/v1", str(connections), str(calls), kind]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=600)
    return msgspec.json.decode(done.stdout, type=Result)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process: fields 14 and 15 of /proc/<pid>/stat, so Linux only (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _medians(runs: Sequence[Run]) -> Run:
    return Run(*(statistics.median(values) for values in zip(*runs, strict=True)))
