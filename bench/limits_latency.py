"""What limits add to a call: latency, and CPU of the gateway's process, on one uvicorn worker over MiniStack.

Measured as above. The limits are those of the default tier, so every customer of the load has them, and so
high that nobody is refused. Every call is counted, and its hold settled, between the runs and not during
them: a wallet has as many holds standing as its customer made calls in the run so far.
"""

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple

import httpx2

from bench import markdown
from bench.gateway_load import CALLS, RUNS, Measured, measure
from bench.limited import EVERY_LIMIT, ONE_BUDGET, Deployment
from bench.load import CUSTOMERS
from bench.processes import MINISTACK, demo_provider, gateway, ministack
from bench.stack import Tables, create_tables, environment

_GOAL: Final = 7  # milliseconds of CPU a call
_NONE: Final = "none"
_TIERS: Final = {"one budget": ONE_BUDGET, "every limit": EVERY_LIMIT}
_HEAD: Final = (
    "limits",
    "answer",
    "connections",
    "CPU, ms a call",
    "of it limits",
    "calls/s",
    "added p50, ms",
    "of it limits",
    "added p99, ms",
    "of it limits",
)


class Case(NamedTuple):
    """What is called, and how."""

    kind: str
    connections: int

    @property
    def name(self) -> str:
        """As goals name it."""
        plural = "" if self.connections == 1 else "s"
        return f"{self.kind}, {self.connections} connection{plural}"


class Figures(NamedTuple):
    """Of one case, in milliseconds a call, but for the calls per second."""

    cpu: float
    p50: float
    p99: float
    per_second: float


_CASES: Final = tuple(Case(kind, connections) for kind in ("whole", "stream") for connections in (1, 16))
Found = dict[str, dict[Case, Figures]]


def _measure() -> Found:
    with ministack(), demo_provider():
        tables = create_tables()
        asyncio.run(_make_tiers(tables))
        return {limits: dict(_under(tables, limits)) for limits in (_NONE, *_TIERS)}


async def _make_tiers(tables: Tables) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        for name, limits in _TIERS.items():
            await Deployment(http, tables).tier(name, limits)


def _under(tables: Tables, limits: str) -> Iterator[tuple[Case, Figures]]:
    """Every case, with a tier as everybody's."""

    def count() -> None:
        asyncio.run(_count(tables))

    chosen = {"MAX_END_USER_BUDGET_ID": "" if limits == _NONE else limits}
    with gateway(environment(MINISTACK) | chosen) as pid:
        for case in _CASES:
            yield case, _figures(measure(pid, case.connections, case.kind, count))


async def _count(tables: Tables) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        await Deployment(http, tables).count_all()


def _figures(measured: Measured) -> Figures:
    through, direct = measured
    return Figures(through.cpu, through.p50 - direct.p50, through.p99 - direct.p99, through.per_second)


def main() -> None:
    """Print the tables."""
    found = _measure()
    print(markdown.goals(_goals(found)))
    print(markdown.table(_HEAD, _rows(found)))
    most = CALLS // CUSTOMERS
    print(
        f"Medians of {RUNS} runs of {CALLS:,} calls of {CUSTOMERS} customers: at most {most} holds a wallet."
    )
    print("Latencies hold MiniStack's own time and whatever else the machine did: below zero is chance.")


def _goals(found: Found) -> Iterator[markdown.Goal]:
    for limits in _TIERS:
        for case, figures in found[limits].items():
            aim = f"at most {_GOAL} ms of CPU a call, {limits}, {case.name}"
            yield markdown.Goal(aim, f"{figures.cpu:.2f} ms", figures.cpu <= _GOAL)


def _rows(found: Found) -> Iterator[tuple[object, ...]]:
    for limits, cases in found.items():
        for case, own in cases.items():
            none = found[_NONE][case]
            yield (
                limits,
                *case,
                *_beside(own.cpu, none.cpu, 2),
                f"{own.per_second:.0f}",
                *_beside(own.p50, none.p50, 1),
                *_beside(own.p99, none.p99, 1),
            )


def _beside(own: float, none: float, digits: int) -> tuple[str, str]:
    """A figure, and how much more it is than without limits."""
    return f"{own:.{digits}f}", f"{own - none:+.{digits}f}" if own != none else ""


if __name__ == "__main__":
    main()
