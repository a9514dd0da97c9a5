"""Which of a wallet's sums a call belongs to: windows of USD, and the minute's tokens; some by model.

A kind names what windows are of, `1d` or `10d^2026-05-04` (see windows.py), and `1d|gpt-4*` when they are of
some models only; `tpm` stands for tokens per minute.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from tollgate import windows
from tollgate.ids import EPOCH
from tollgate.limits import Limits, fits
from tollgate.money import add
from tollgate.storage.wallets import Hold, Sum, Wallet, began
from tollgate.windows import Window

TOKENS: Final = "tpm"
_BAR: Final = "|"
_MINUTE: Final = timedelta(minutes=1)
# What is over this long is forgotten: longer than clocks differ, and nobody asks for a window that is over.
_KEPT: Final = timedelta(minutes=2)
_KEPT_MINUTES: Final = 2


class Tracked(NamedTuple):
    """One sum that a call belongs to, and its window."""

    sum: Sum
    window: Window


def kind_of(duration: str, made: date, pattern: str = "") -> str:
    """The kind of windows of a duration, for some models or all."""
    return windows.kind(duration, made) + (f"{_BAR}{pattern}" if pattern else "")


def caps_of(limits: Limits, now: datetime, made: date) -> dict[str, Decimal]:
    """The USD that limits allow, by kind of window."""
    found = {kind_of(duration, made): amount for duration, amount in limits.caps(now).items()}
    for pattern, limit in limits.model_max_budget.items():
        if limit.max_budget is not None:
            found[kind_of(limit.budget_duration, made, pattern)] = limit.max_budget
    return found


def kinds_of(limits: Limits, now: datetime, made: date) -> frozenset[str]:
    """Every kind that limits need to be kept."""
    found = {*caps_of(limits, now, made)} | ({TOKENS} if limits.tpm_limit is not None else set())
    by_model = limits.model_max_budget.items()
    return frozenset(found | {f"{TOKENS}{_BAR}{name}" for name, of in by_model if of.tpm_limit is not None})


def money(kinds: Iterable[str], model: str, moment: datetime, zone: str) -> list[Tracked]:
    """The windows, of the kinds kept, that a call of a model belongs to at a moment."""
    found = []
    for kind in kinds:
        of, _, pattern = kind.partition(_BAR)
        if of != TOKENS and (not pattern or fits(model, pattern)):
            window = windows.window(of, moment, zone)
            found.append(Tracked(Sum("w", kind, window.second), window))
    return found


def returned_by(holds: Mapping[str, Hold], kinds: Iterable[str], zone: str) -> dict[Sum, int | Decimal]:
    """What holds are part of: each of every window kept that its call began in and its model fits."""
    found: dict[Sum, int | Decimal] = {}
    for request_id, hold in holds.items():
        for of, _ in money(kinds, hold.model, began(request_id), zone):
            if hold.amount:
                found[of] = add(found.get(of, 0), hold.amount)
    return found


def tokens(kinds: Iterable[str], model: str, moment: datetime) -> list[Sum]:
    """The minute's token sums, of the kinds kept, that a call of a model belongs to."""
    found = []
    for kind in kinds:
        of, bar, pattern = kind.partition(_BAR)
        if of == TOKENS and (not pattern or fits(model, pattern)):
            found.append(Sum("t", bar + pattern, minute(moment)))
    return found


def requests(pattern: str, moment: datetime) -> Sum:
    """The minute's requests, of some models or all."""
    return Sum("q", f"{_BAR}{pattern}" if pattern else "", minute(moment))


def minute(moment: datetime) -> int:
    """The minute since the epoch."""
    return (moment - EPOCH) // _MINUTE


def end_of_minute(number: int) -> datetime:
    """When a minute since the epoch is over."""
    return EPOCH + (number + 1) * _MINUTE


def is_settled(window: Window, now: datetime) -> bool:
    """Whether a window has been over for so long that nothing is added to it."""
    return window.end + _KEPT < now


def is_recent(moment: datetime, now: datetime) -> bool:
    """Whether a moment's minute is this one or the one before."""
    return minute(now) - minute(moment) < _KEPT_MINUTES


def litter(wallet: Wallet, now: datetime, zone: str) -> list[Sum]:
    """The sums of a wallet that are over and done with."""
    return [of for of in wallet.used if _is_over(of, now, zone)]


def window_of(of: Sum, zone: str) -> Window:
    """The window of a sum of USD."""
    kind = of.kind.partition(_BAR)[0]
    return windows.window(kind, EPOCH + timedelta(seconds=of.start), zone)


def is_tokens(kind: str) -> bool:
    """Whether a kind is of tokens, and not of USD."""
    return kind.partition(_BAR)[0] == TOKENS


def pattern_of(kind: str) -> str:
    """The models that a kind is for; "" for all."""
    return kind.partition(_BAR)[2]


def _is_over(of: Sum, now: datetime, zone: str) -> bool:
    if of.what == "w":
        return is_settled(window_of(of, zone), now)
    return minute(now) - of.start > _KEPT_MINUTES
