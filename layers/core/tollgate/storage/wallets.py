"""Wallets: the part of a customer's or key's item that holds are taken from.

| attribute | holds |
|---|---|
| `tracked` | the kinds of windows that are kept, `,` between them: `1d`, `ever`, `1mo|gpt-4*`; `-` for none |
| `w#<kind>@<second>` | USD used in one window: spent and held |
| `q#<minute>`, `t#<minute>` | requests and tokens in a minute, `|<pattern>` after it for some models only |
| `h#<id>` | a hold, `<USD> <model>`: part of every tracked window that its call began in and its model fits |
| `slots` | the calls in flight, where they are limited |
| `version` | counts every change but management's |

A window holds what is used and not what remains, so that a limit that is lowered, raised or removed needs no
write: the condition compares what is used with the limit less the estimate, which the gateway knows.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from tollgate.ids import instant
from tollgate.money import EXACT, ZERO, add, plain
from tollgate.storage.codec import Item, to_item

NOTHING: Final = "-"
_SEPARATOR: Final = ","
IN_FLIGHT: Final = "slots"
VERSION: Final = "version"
TRACKED: Final = "tracked"
REVISION: Final = "revision"
SEEN: Final = "last_seen_at"


class Sum(NamedTuple):
    """What a wallet adds up: USD of a window (w), requests (q) or tokens (t) of a minute."""

    what: str
    kind: str
    start: int


class Hold(NamedTuple):
    """Money set aside for one call of a model."""

    amount: Decimal
    model: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet as it stood. `tracked` is the text of the kinds, "" when none was ever kept."""

    tracked: str = ""
    used: Mapping[Sum, int | Decimal] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    in_flight: frozenset[str] = frozenset()
    version: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of windows kept."""
        return split(self.tracked)

    def amount(self, of: Sum) -> int | Decimal:
        """What was used; nothing yet when the window has not begun."""
        return self.used.get(of, 0)


class Account(NamedTuple):
    """Whose wallet: a customer or a key, by table and key."""

    table: str
    attribute: str
    id: str

    @property
    def key(self) -> dict[str, Any]:
        """The primary key."""
        return to_item({self.attribute: self.id})


def split(tracked: str) -> tuple[str, ...]:
    """The kinds in their text."""
    return () if tracked in ("", NOTHING) else tuple(tracked.split(_SEPARATOR))


def joined(kinds: Iterable[str]) -> str:
    """The text of kinds, in order."""
    return _SEPARATOR.join(sorted(kinds)) or NOTHING


class Opening(NamedTuple):
    """A balance in USD that management set, and when: what was spent since is added to it."""

    amount: Decimal
    at: datetime


class Standing(NamedTuple):
    """A customer's or key's item: its wallet, management's revision, whether anything was counted."""

    wallet: Wallet
    revision: int
    seen: bool
    opening: Opening | None = None


def standing(item: Item) -> Standing:
    """What an item says of its account; of none, that nothing is there."""
    opening = parse_opening(item.get("opening"))
    return Standing(parse_wallet(item), item.get(REVISION, 0), SEEN in item, opening)


def parse_opening(stored: Item | None) -> Opening | None:
    """An opening from the map it is stored as."""
    if stored is None:
        return None
    return Opening(Decimal(stored["amount"]), datetime.fromisoformat(stored["at"]))


def parse_wallet(item: Item) -> Wallet:
    """The wallet in an item."""
    used: dict[Sum, int | Decimal] = {}
    holds: dict[str, Hold] = {}
    for name, value in item.items():
        if name.startswith(("w#", "q#", "t#")):
            used[_parse_sum(name)] = value
        elif name.startswith("h#"):
            holds[_request_id(name[2:])] = _parse_hold(value)
    in_flight = frozenset(map(_request_id, item.get(IN_FLIGHT, ())))
    return Wallet(item.get(TRACKED, ""), used, holds, in_flight, item.get(VERSION, 0))


def held(holds: Iterable[Hold]) -> Decimal:
    """What some holds amount to."""
    total = ZERO
    for hold in holds:
        total = EXACT.add(total, hold.amount)
    return total


def began(request_id: str) -> datetime:
    """When the call of a hold began: its id says."""
    return instant(request_id)


def less(amount: int | Decimal, other: int | Decimal) -> int | Decimal:
    """An exact difference."""
    return add(amount, -other if isinstance(other, int) else EXACT.minus(other))


def sum_name(of: Sum) -> str:
    """The attribute of a sum."""
    if of.what == "w":
        return f"w#{of.kind}@{of.start}"
    return f"{of.what}#{of.start}{of.kind}"


def _parse_sum(name: str) -> Sum:
    what, _, rest = name.partition("#")
    if what == "w":
        kind, _, start = rest.rpartition("@")
        return Sum(what, kind, int(start))
    start, bar, pattern = rest.partition("|")
    return Sum(what, bar + pattern, int(start))


def hold_name(request_id: str) -> str:
    """The attribute of a hold."""
    return f"h#{compact(request_id)}"


def hold_text(hold: Hold) -> str:
    """A hold as it is stored."""
    return f"{plain(hold.amount)} {hold.model}"


def _parse_hold(text: str) -> Hold:
    amount, _, model = text.partition(" ")
    return Hold(Decimal(amount), model)


def compact(request_id: str) -> str:
    """A request id in 22 characters: a wallet is billed by the kilobyte."""
    return base64.urlsafe_b64encode(UUID(request_id).bytes).decode().rstrip("=")


def _request_id(compact: str) -> str:
    return str(UUID(bytes=base64.urlsafe_b64decode(f"{compact}==")))
