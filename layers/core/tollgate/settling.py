"""Wallets follow spend events: what a call held is returned and what it cost is used, by what counts it.

A write supposes how a wallet stands and demands that it does: first as the entries say that admission left
it, and when it is another, as it was then found. So each event settles its wallets once, whatever swept or
shrank its hold before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tollgate import tracking
from tollgate.money import add
from tollgate.records import SpendEvent
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Hold, Standing, Sum, less, split


@dataclass(frozen=True, slots=True)
class Supposed:
    """How a wallet is supposed to stand: the kinds it keeps, and the hold of each event that can have one."""

    tracked: str
    holds: Mapping[str, Hold | None]
    is_unlimited: bool = False  # whether nothing is held there, and these calls had no limits


def as_admitted(events: Sequence[SpendEvent], *, is_key: bool) -> Supposed:
    """How admission left a wallet, as the entries of its events say."""
    latest = max(events, key=lambda event: event.entry.started_at)
    held = [event.entry for event in events if _tracked(event, is_key=is_key)]
    return Supposed(
        tracked=_tracked(latest, is_key=is_key),
        holds={entry.request_id: Hold(entry.held, entry.model_group) for entry in held},
    )


def as_found(events: Sequence[SpendEvent], standing: Standing, *, is_key: bool) -> Supposed:
    """How a wallet was found when it was not as admission left it."""
    wallet = standing.wallet
    ids = [
        e.entry.request_id for e in events if _tracked(e, is_key=is_key) or e.entry.request_id in wallet.holds
    ]
    holds = {request_id: wallet.holds.get(request_id) for request_id in ids}
    return Supposed(wallet.tracked, holds, is_unlimited=bool(wallet.tracked) and not (ids or wallet.holds))


def settle(
    update: WalletUpdate, events: Iterable[SpendEvent], supposed: Supposed, zone: str, now: datetime
) -> None:
    """Add to a write what settles a wallet, if it stands as supposed."""
    update.only_if_tracked(supposed.tracked)
    if supposed.is_unlimited:
        update.forget()  # its limits were removed: from the next ones on, it begins anew
        return
    for request_id, hold in supposed.holds.items():
        update.expect(request_id, hold)
    changes: dict[Sum, int | Decimal] = {}
    for event in events:
        for of, amount in _changes(event, supposed, zone, now).items():
            changes[of] = add(changes.get(of, 0), amount)
    for of, amount in changes.items():
        if amount:
            update.use(of, amount)
    if supposed.holds:
        update.vacate(supposed.holds)


def _changes(event: SpendEvent, supposed: Supposed, zone: str, now: datetime) -> dict[Sum, int | Decimal]:
    """What an event changes in each sum that it belongs to."""
    entry, kinds = event.entry, split(supposed.tracked)
    hold = supposed.holds.get(entry.request_id)
    due = less(event.charge, hold.amount if hold else 0)
    changes: dict[Sum, int | Decimal] = {
        of: due
        for of, window in tracking.money(kinds, entry.model_group, entry.started_at, zone)
        if not tracking.is_settled(window, now)
    }
    if tracking.is_recent(entry.started_at, now):
        used = event.usage.prompt_tokens + event.usage.completion_tokens
        for of in tracking.tokens(kinds, entry.model_group, entry.started_at):
            changes[of] = used - (entry.held_tokens if hold else 0)
    return changes


def _tracked(event: SpendEvent, *, is_key: bool) -> str:
    return event.entry.key_tracked if is_key else event.entry.tracked
