"""What limits leave: for each window what is spent, held and remaining, and when the next one begins."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tollgate import tracking, windows
from tollgate.admission.history import History, Owner
from tollgate.limits import Limits
from tollgate.money import EXACT, ZERO
from tollgate.storage.wallets import Hold, Standing, Sum, began


class Balanced(NamedTuple):
    """Whose limits, and the item that holds the wallet."""

    owner: Owner
    limits: Limits
    standing: Standing


class Balances:
    """Reads balances from wallets, and from history where a limit is so new that no wallet keeps it yet.

    `hold_seconds` is how long a call can be under way: what is held for longer is nobody's.
    """

    def __init__(self, history: History, hold_seconds: int, zone: str) -> None:
        self._history = history
        self._hold = timedelta(seconds=hold_seconds)
        self._zone = zone

    async def of(self, asked: Balanced, now: datetime) -> list[dict[str, Any]]:
        """One object for each budget, of some models or all. Raises AwsError, AwsUnavailable."""
        caps = tracking.caps_of(asked.limits, now, asked.owner.made)
        return [await self._of(asked, kind, cap, now) for kind, cap in caps.items()]

    async def _of(self, asked: Balanced, kind: str, cap: Decimal, now: datetime) -> dict[str, Any]:
        window = windows.window(kind.partition("|")[0], now, self._zone)
        used = await self._used(asked, kind, Sum("w", kind, window.second), now)
        holds = asked.standing.wallet.holds
        spent = EXACT.subtract(used, held(holds, kind, window, self._zone))
        active = held(alive(holds, now - self._hold), kind, window, self._zone)
        return {
            "budget_duration": None if window.is_lifetime else window.kind.partition("^")[0],
            "model": tracking.pattern_of(kind) or None,
            "max_budget": cap,
            "spent": spent,
            "held": active,
            "remaining": max(EXACT.subtract(EXACT.subtract(cap, spent), active), ZERO),
            "window_start": None if window.is_lifetime else _text(window.start),
            "resets_at": None if window.is_lifetime else _text(window.end),
        }

    async def _used(self, asked: Balanced, kind: str, of: Sum, now: datetime) -> Decimal:
        standing = asked.standing
        was_used = standing.seen or bool(standing.opening and standing.opening.amount)
        if kind in standing.wallet.kinds or not was_used:
            return Decimal(standing.wallet.amount(of))
        return (await self._history.used(asked.owner, kind, standing, now))[1]


def alive(holds: Mapping[str, Hold], since: datetime) -> dict[str, Hold]:
    """The holds of calls that can be under way, as they began since a moment."""
    return {name: hold for name, hold in holds.items() if began(name) >= since}


def held(holds: Mapping[str, Hold], kind: str, window: windows.Window, zone: str) -> Decimal:
    """What holds set aside of a limit in its window, in USD."""
    found = tracking.returned_by(holds, [kind], zone)
    return Decimal(found.get(Sum("w", kind, window.second), 0))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
