"""What the gateway adds to a call: latency, and CPU of its process (user + system), on one uvicorn worker.

The demo provider is called directly in between, by the same load; what is added is the difference. The
store is MiniStack, or a process that keeps items in memory and answers at once, which leaves the gateway's
own share: a process, not a transport inside the gateway, so that signing, sending and parsing stay in the
figure. At 16 connections calls queue for the one worker, so their latency says little that calls/s does
not.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Final, NamedTuple

from bench import markdown
from bench.gateway_load import CALLS, RUNS, Measured, measure
from bench.processes import MEMORY, MINISTACK, demo_provider, gateway, memory_store, ministack
from bench.stack import create_tables, environment

_GOAL: Final = 5  # milliseconds of CPU a call, on MiniStack
_HEAD: Final = (
    "store",
    "answer",
    "connections",
    "CPU, ms a call",
    "calls/s",
    "added p50, ms",
    "added p99, ms",
    "p50 through, direct",
    "p99 through, direct",
)


class Line(NamedTuple):
    """One line of the table."""

    store: str
    kind: str
    connections: int
    measured: Measured


def _measure() -> list[Line]:
    with ministack(), demo_provider():
        create_tables()
        return [*_over("MiniStack", MINISTACK, nullcontext()), *_over("in memory", MEMORY, memory_store())]


def _over(store: str, port: int, process: AbstractContextManager[None]) -> Iterator[Line]:
    with process, gateway(environment(port)) as pid:
        for kind in ("whole", "stream"):
            for connections in (1, 16):
                yield Line(store, kind, connections, measure(pid, connections, kind))


def main() -> None:
    """Print the tables."""
    lines = _measure()
    print(markdown.goals([_goal(line) for line in lines if line.store == "MiniStack"]))
    print(markdown.table(_HEAD, map(_row, lines)))
    print(
        f"Medians of {RUNS} runs of {CALLS:,} calls. A streamed answer is of 5 to 40 chunks, 22 on average."
    )


def _goal(line: Line) -> markdown.Goal:
    aim = f"at most {_GOAL} ms of CPU a call on MiniStack, {line.kind}, {_plural(line.connections)}"
    cpu = line.measured.gateway.cpu
    return markdown.Goal(aim, f"{cpu:.2f} ms", cpu <= _GOAL)


def _row(line: Line) -> tuple[object, ...]:
    through, direct = line.measured
    return (
        line.store,
        line.kind,
        line.connections,
        f"{through.cpu:.2f}",
        f"{through.per_second:.0f}",
        f"{through.p50 - direct.p50:.1f}",
        f"{through.p99 - direct.p99:.1f}",
        f"{through.p50:.1f}, {direct.p50:.1f}",
        f"{through.p99:.1f}, {direct.p99:.1f}",
    )


def _plural(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"


if __name__ == "__main__":
    main()
