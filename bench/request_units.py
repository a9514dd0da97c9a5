"""What one proxied call costs in DynamoDB, warm, for a customer without limits: units and round trips.

The gateway runs in this process, over MiniStack and the demo provider. Every answer is held back, so that
what waits for what shows: a round trip in sequence before the provider's call would push it back.
"""

import asyncio
import os
from typing import Any, Final

from bench import markdown
from bench.processes import demo_provider, ministack, provider_environment
from bench.stack import Tables, create_tables
from bench.watched import HOLD, Measured, Watched

_GOAL: Final = 3  # write units
_WHO: Final = "customer-17"
_CALLS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "whole": ({}, _WHO),
    "streamed": ({"stream": True}, _WHO),
    "no customer named": ({}, ""),
    "the provider answers 500": ({"demo": {"fault": "error_500"}}, _WHO),
    "the provider breaks the stream off": ({"stream": True, "demo": {"fault": "cut_stream"}}, _WHO),
    "a customer id of 256 letters": ({}, "c" * 256),
    "a customer id of 256 emoji, the longest in bytes": ({}, "🌉" * 256),
}
_HEAD: Final = (
    "call",
    "item opened, closed",
    "WRU (MiniStack)",
    "WRU (by rule)",
    "RRU",
    "round trips before the provider's call",
    "beside it",
    "after it",
)


async def _measure(tables: Tables) -> dict[str, Measured]:
    watched = Watched(tables)
    return {name: await watched.measure(*call) for name, call in _CALLS.items()}


def main() -> None:
    """Print the tables."""
    os.environ |= provider_environment()
    with ministack(), demo_provider():
        found = asyncio.run(_measure(create_tables()))
    print(markdown.goals(_goals(found["whole"], found["streamed"])))
    print(markdown.table(_HEAD, (_row(name, one) for name, one in found.items())))
    held = f"{HOLD * 1000:.0f} ms"
    print(f"When each request of a call was sent and answered, every answer held back by {held}:\n")
    times = [(kind, *line) for kind in ("whole", "streamed") for line in found[kind].timeline]
    print(markdown.table(("call", "request", "sent, ms", "answered, ms"), times))


def _row(name: str, one: Measured) -> tuple[object, ...]:
    sizes = ", ".join(f"{size:,} B" for size in one.sizes)
    return name, sizes, f"{one.written:g}", one.ruled, f"{one.read:g}", *one.order


def _goals(*calls: Measured) -> list[markdown.Goal]:
    before, after = max(one.order.before for one in calls), max(one.order.after for one in calls)
    units = max(max(one.written, one.ruled) for one in calls)
    return [
        markdown.Goal("0 round trips in sequence before the provider's call", str(before), before == 0),
        markdown.Goal("1 round trip after it", str(after), after == 1),
        markdown.Goal(f"at most {_GOAL} WRU in all", f"{units:g} WRU", units <= _GOAL),
    ]


if __name__ == "__main__":
    main()
