"""What a new execution environment costs: the built functions under Lambda's Runtime Interface Emulator.

They are built as `sam build` builds them, but for this machine and its Python. The first call is everything
from a fresh process to the answer: interpreter, imports, connections to store and provider, the call itself;
the store answers from memory. Lambda gives init more processor than a function's memory buys: its figures
differ.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from bench import markdown
from bench.processes import DEMO, KEY, MEMORY, demo_provider, memory_store, url
from bench.runtime_emulator import PYTHON, BuiltFunction, built, emulated
from bench.stack import environment
from local.deploy import BUILD, build
from local.settings import ROOT

_RUNS: Final = 5
_LARGEST: Final = 60  # MB, unzipped, of function and layer
_FUNCTIONS: Final = {
    "proxy": "ProxyFunction",
    "record_spend": "RecordSpendFunction",
    "reconcile": "ReconcileFunction",
    "customers": "CustomersFunction",
    "usage": "UsageFunction",
}
_IMPORT: Final = """
import json, sys, time
before, cpu, wall = len(sys.modules), time.process_time(), time.perf_counter()
import {module}
seconds = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([*seconds, len(sys.modules) - before]))
"""


class Imported(NamedTuple):
    """Importing a handler: wall and processor time in seconds, and how many modules came with it."""

    wall: float
    cpu: float
    modules: int


class Called(NamedTuple):
    """Seconds to the answer: of a fresh environment's first call, and of one that is warm."""

    first: float
    warm: float


def main() -> None:
    """Build, measure, print."""
    build()
    functions = {
        name: built(BUILD, logical_id, f"{name}.handler.handler") for name, logical_id in _FUNCTIONS.items()
    }
    largest = max(_megabytes(function) for function in functions.values())
    size = markdown.Goal(f"at most {_LARGEST} MB unzipped", f"{largest:.1f} MB", largest <= _LARGEST)
    print(markdown.goals([size]))
    imports = {
        name: _median([_imported(function) for _ in range(_RUNS)]) for name, function in functions.items()
    }
    head = ("function", "unzipped with layer, MB", "modules imported", "import, ms", "of it CPU, ms")
    print(markdown.table(head, (_row(name, functions[name], found) for name, found in imports.items())))
    with _surroundings() as variables:
        calls = [_called(functions["proxy"], variables) for _ in range(_RUNS)]
    print(markdown.table(("proxy, `events/proxy_chat.json`", "ms"), _rows(calls)))
    print(f"Medians of {_RUNS} runs.")


def _imported(function: BuiltFunction) -> Imported:
    code = _IMPORT.format(module=function.handler.rpartition(".")[0])
    command: list[str | Path] = [PYTHON, "-c", code]
    done = subprocess.run(
        command, cwd=function.folder, env=function.environment(), capture_output=True, text=True, check=True
    )
    return Imported(*json.loads(done.stdout))


def _called(function: BuiltFunction, variables: Mapping[str, str]) -> Called:
    event = json.loads((ROOT / "events" / "proxy_chat.json").read_text())
    with (
        tempfile.TemporaryDirectory() as folder,
        emulated(function, variables, Path(folder) / "log") as lambda_,
    ):
        first = _timed(lambda_.invoke, event)
        return Called(first, min(_timed(lambda_.invoke, event) for _ in range(10)))


def _timed(invoke: Any, event: Any) -> float:
    start = time.perf_counter()
    answer = invoke(event)
    if answer.get("statusCode") != 200:  # noqa: PLR2004 - HTTP's OK
        raise RuntimeError(f"the proxy answered {answer}")
    return time.perf_counter() - start


@contextmanager
def _surroundings() -> Iterator[dict[str, str]]:
    with memory_store(), demo_provider():
        provider = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": f"{url(DEMO)}/v1"}
        yield {**environment(MEMORY), **provider, "TOLLGATE_MASTER_KEY": KEY}


def _megabytes(function: BuiltFunction) -> float:
    folders = (function.folder, function.layer)
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) / 1e6


def _median(found: list[Imported]) -> Imported:
    return Imported(median(i.wall for i in found), median(i.cpu for i in found), found[0].modules)


def _row(name: str, function: BuiltFunction, found: Imported) -> tuple[object, ...]:
    size = f"{_megabytes(function):.1f}"
    return name, size, found.modules, f"{found.wall * 1000:.0f}", f"{found.cpu * 1000:.0f}"


def _rows(calls: list[Called]) -> list[tuple[str, str]]:
    first, warm = median(call.first for call in calls), median(call.warm for call in calls)
    return [
        ("first call", f"{first * 1000:.0f}"),
        ("warm call", f"{warm * 1000:.1f}"),
        ("init (the difference)", f"{(first - warm) * 1000:.0f}"),
    ]


if __name__ == "__main__":
    main()
