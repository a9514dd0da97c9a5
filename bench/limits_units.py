"""What limits add to a call in DynamoDB: units and round trips, and what they add to counting it.

The gateway runs in this process, warm, over MiniStack and the demo provider. "Every limit" is a budget for a
lifetime, a day and a month, two budgets by model, requests and tokens a minute for all models and for one,
and calls in flight: a place in flight is given back by a write of its own, beside the one that closes the
entry. A wallet is part of its customer's or key's item, here with the holds of two calls, of which one is not
counted yet. AWS bills a write that a limit refuses and what BatchGetItem reads, though MiniStack does not say
so. Each call is counted in a batch of its own, its wallets settled by the same transaction.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any, Final, NamedTuple

import httpx2
import msgspec

from bench import markdown, rules
from bench.limited import EVERY_LIMIT, ONE_BUDGET, THREE_WINDOWS, Counted, Deployment
from bench.processes import demo_provider, ministack, provider_environment
from bench.stack import Tables, create_tables
from bench.watched import Measured, Watched
from tollgate.limits import Limits
from tollgate.settings import LimitSettings
from tollgate.storage.customers import Profile

_NONE, _ONE, _ALL, _BOTH = "no limits", "one budget", "every limit", "every limit, of customer and key"
_EACH: Final = "one budget each, of customer and key"
_LONG: Final = "every limit, and 2,000 letters of metadata"
_HELD: Final = "one budget, all of it held for a call that has ended"
_SIMPLE: Final[dict[str, tuple[Limits | None, dict[str, Any]]]] = {
    _NONE: (None, {}),
    _ONE: (ONE_BUDGET, {}),
    "a budget for a lifetime, a day and a month": (THREE_WINDOWS, {}),
    _ALL: (EVERY_LIMIT, {}),
    _LONG: (EVERY_LIMIT, {}),
    "every limit, streamed": (EVERY_LIMIT, {"stream": True}),
    "every limit, only observed": (msgspec.structs.replace(EVERY_LIMIT, mode="observe"), {}),
    "a budget of 0: refused": (Limits(max_budget=Decimal(0)), {}),
}
_HEAD: Final = (
    "call",
    "before the provider's call, in sequence",
    "beside it",
    "after it, at once",
    "wallet's item",
    "WRU (MiniStack)",
    "WRU (by rule)",
    "RRU",
    "WRU to count it (MiniStack, by rule)",
)


class Line(NamedTuple):
    """One call, and what counting it costs; nothing was counted of one that was refused."""

    name: str
    call: Measured
    counted: Counted | None

    @property
    def to_admit(self) -> int:
        """The write units of one update that admits, by the rules."""
        return rules.write_units(self.call.wallets[0])

    @property
    def before(self) -> list[str]:
        """What the store was asked before the provider was."""
        return [name.removeprefix("store ") for name, *_ in self.call.timeline[: self.call.order.before]]


class Bench:
    """A gateway, and what it finds in its tables."""

    def __init__(self, http: httpx2.AsyncClient, tables: Tables) -> None:
        self._tables = tables
        self._deployment = Deployment(http, tables)
        self._numbers = count(10)

    async def lines(self) -> AsyncIterator[Line]:
        """Every call."""
        watched = Watched(self._tables)
        for name, (limits, extra) in _SIMPLE.items():
            metadata = {"note": "x" * 2000} if name == _LONG else None
            customer = await self._customer(limits, metadata)
            yield await self._line(name, await watched.measure(extra, customer))
        customer = await self._customer(Limits(max_budget=await self._hold(watched)))
        yield await self._line(_HELD, await watched.measure({}, customer))
        for name, limits in {_EACH: ONE_BUDGET, _BOTH: EVERY_LIMIT}.items():
            yield await self._of_customer_and_key(name, limits)
        async for line in self._of_strangers():
            yield line

    async def _hold(self, watched: Watched) -> Decimal:
        """What is held for one call, and half of that again."""
        call = await watched.measure({}, await self._customer(ONE_BUDGET))
        event = await self._deployment.event(call.request_id)
        return event.entry.held * Decimal("1.5")

    async def _of_customer_and_key(self, name: str, limits: Limits) -> Line:
        customer = await self._customer(limits)
        key = await self._deployment.key(f"sk-{name}", limits)
        return await self._line(name, await Watched(self._tables, key=key).measure({}, customer))

    async def _of_strangers(self) -> AsyncIterator[Line]:
        """Nobody has met the customer; then the same, once what holds for it has to be read again."""
        await self._deployment.tier("default", ONE_BUDGET)
        of_default = LimitSettings(max_end_user_budget_id="default", policy_ttl_seconds=0)
        watched = Watched(self._tables, of_default)
        for name in ("the default tier: a customer's first call ever", "the same, its second"):
            call = await watched.measure({}, "stranger", warm=False)
            yield await self._line(f"{name}, nothing read yet", call)

    async def _customer(self, limits: Limits | None, metadata: Mapping[str, Any] | None = None) -> str:
        """A new customer with these limits."""
        customer_id = f"customer-{next(self._numbers)}"
        await self._deployment.customer(customer_id, Profile(limits=limits, metadata=metadata))
        return customer_id

    async def _line(self, name: str, call: Measured) -> Line:
        if not call.request_id:
            return Line(name, call, None)
        return Line(name, call, await self._deployment.count([await self._deployment.event(call.request_id)]))


async def _measure(tables: Tables) -> list[Line]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return [line async for line in Bench(http, tables).lines()]


def main() -> None:
    """Print the tables."""
    os.environ |= provider_environment()
    with ministack(), demo_provider():
        lines = asyncio.run(_measure(create_tables()))
    print(markdown.goals(_goals({line.name: line for line in lines})))
    print(markdown.table(_HEAD, map(_row, lines)))


def _goals(lines: dict[str, Line]) -> list[markdown.Goal]:
    none = lines[_NONE]
    found = [markdown.Goal(f"{_NONE}: 0 round trips, 0 writes to admit", _told(none), not none.before)]
    for line in (lines[_ONE], lines[_ALL]):
        units = line.to_admit
        is_one = (line.before, units) == (["UpdateItem"], 1)
        aim = f"{line.name}: 1 round trip, 1 write of 1 WRU to admit"
        found.append(markdown.Goal(aim, f"{_told(line)}, {units} WRU", is_one))
    return found


def _told(line: Line) -> str:
    return ", ".join(line.before) or "none"


def _row(line: Line) -> tuple[object, ...]:
    call, counted = line.call, line.counted
    wallets = f"{max(call.wallets):,} B" if call.wallets else ""
    units = f"{counted.said:g}, {counted.ruled}" if counted else ""
    order = (_told(line), call.order.beside, call.order.after)
    return line.name, *order, wallets, f"{call.written:g}", call.ruled, f"{call.read:g}", units


if __name__ == "__main__":
    main()
