"""Counters written as the recorder writes them, and questions to the customers and usage functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any, Final
from urllib.parse import quote, urlencode

from customers.handler import handler as customers_handler
from local import rest_event
from tests.ministack import MASTER_KEY
from tollgate import runtime
from tollgate.ids import slot_of
from tollgate.money import EXACT, loads
from tollgate.storage.counter_keys import Dims, daily, day_leader, leader, total
from tollgate.storage.sums import Sums
from tollgate.storage.wallet_update import WalletUpdate
from usage.handler import handler as usage_handler

CHAT: Final = Dims("fast", "gpt-4o", "openai", "/chat/completions", "first-key")
CLAUDE: Final = Dims("claude-x", "claude-x", "anthropic", "/chat/completions", "other-key")
SEEN: Final = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
RANGE: Final = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
SMALL: Final = "0.000000000001234567890123"  # below a double; MiniStack adds with 28 digits, DynamoDB with 38


@dataclass(frozen=True, slots=True)
class Spent:
    """One call."""

    day: str
    customer: str
    dims: Dims
    charge: str
    tokens: int = 100
    cost: str = ""  # as the charge, unless it is said

    @property
    def sums(self) -> Sums:
        """What its counters grow by."""
        money = Decimal(self.charge)
        return {
            "cost": Decimal(self.cost) if self.cost else money,
            "charge": money,
            "input": self.tokens,
            "api_requests": 1,
            "successful_requests": 1,
        }


MARCH: Final = (
    Spent("2026-03-01", "acme", CHAT, "0.000025"),
    Spent("2026-03-01", "acme", CLAUDE, SMALL),
    Spent("2026-03-01", "zoë", CHAT, "1"),
    Spent("2026-03-02", "acme", CHAT, "0.000025"),
    Spent("2026-03-02", "acme", CHAT, "0.1"),
    Spent("2026-03-02", "", CHAT, "0.2"),
    Spent("2026-03-02", "Unassigned", CHAT, "0.3"),
    Spent("2026-03-31", "Doe, John", CLAUDE, "7"),
    Spent("2026-02-28", "acme", CHAT, "1000"),
    Spent("2026-04-01", "acme", CHAT, "1000"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a parsed body."""

    status: int
    body: Any


def write(*spent: Spent) -> None:
    """Count calls."""
    runtime.run(_write(spent))


def ask(path: str, query: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Answer:
    """GET a path, with the master key unless other headers are given."""
    text = urlencode(query or {}, doseq=True, quote_via=quote)
    sent = {"authorization": f"Bearer {MASTER_KEY}"} if headers is None else headers
    event = rest_event.event(rest_event.Request("GET", path, text, tuple(sent.items()), resource=path))
    handler = customers_handler if path.endswith("/info") else usage_handler
    response = rest_event.response(handler(event, None))
    assert dict(response.headers)["Content-Type"] == "application/json"
    return Answer(response.status, loads(response.body))


def activity(**query: Any) -> Any:
    """The daily activity of March."""
    answer = ask("/customer/daily/activity", RANGE | query)
    assert answer.status == 200, answer.body
    return answer.body


def spend_of(body: Any) -> dict[str, dict[str, Decimal]]:
    """Spend by day and entity."""
    return {
        day["date"]: {name: e["metrics"]["spend"] for name, e in day["breakdown"]["entities"].items()}
        for day in body["results"]
    }


def usd(*amounts: str) -> Decimal:
    """The sum with every digit: Python's own context would round it to 28."""
    with localcontext(EXACT):
        return sum(map(Decimal, amounts), Decimal(0))


async def _write(spent: Sequence[Spent]) -> None:
    at = runtime.services()
    for one in spent:
        keys = [
            daily(one.customer, one.day, one.dims),
            total(one.day, slot_of(one.customer), one.dims),
            day_leader(one.day, one.customer),
            leader(one.day[:7], one.customer),
        ]
        actions = [at.counters.add(key, one.sums, None) for key in keys]
        if one.customer:
            update = WalletUpdate(at.customers.account(one.customer))
            at.customers.seen(update, Decimal(one.charge), SEEN, SEEN)
            actions.append(update.action())
        await at.database.transact(actions)
