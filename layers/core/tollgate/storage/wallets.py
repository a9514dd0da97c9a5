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
from tollgate.storage.codec import Item, to_item, typed

NOTHING: Final = "-"
_SEPARATOR: Final = ","
_SLOTS: Final = "slots"
_VERSION: Final = "version"
_TRACKED: Final = "tracked"


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


class WalletUpdate:
    """One write to a wallet, put together step by step: what it changes, and under which conditions.

    Every name is used once: DynamoDB takes neither two changes of an attribute nor one that overlaps another.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._sets: list[str] = []
        self._adds: list[str] = []
        self._removes: list[str] = []
        self._deletes: list[str] = []
        self._conditions: list[str] = []
        self.increase(_VERSION, 1)

    def increase(self, name: str, amount: int | Decimal) -> None:
        """Add to a number."""
        self._adds.append(f"{self._name(name)} {self._value(amount)}")

    def use(self, of: Sum, amount: int | Decimal) -> None:
        """Add to what is used."""
        self.increase(_sum_name(of), amount)

    def at_most(self, of: Sum, most: int | Decimal) -> None:
        """Only if no more than so much is used by now; below nothing there is no room."""
        name, value = self._name(_sum_name(of)), self._value(most)
        absent = f"attribute_not_exists({name}) OR " if most >= 0 else ""
        self._conditions.append(f"({absent}{name} <= {value})")

    def hold(self, request_id: str, hold: Hold) -> None:
        """Set money aside, once."""
        name = self._name(_hold_name(request_id))
        self._sets.append(f"{name} = {self._value(_hold_text(hold))}")
        self._conditions.append(f"attribute_not_exists({name})")

    def expect(self, request_id: str, hold: Hold | None) -> None:
        """Only if a hold stands as it was seen, or stands no more; it is then taken away."""
        name = self._name(_hold_name(request_id))
        if hold is None:
            self._conditions.append(f"attribute_not_exists({name})")
            return
        self._conditions.append(f"{name} = {self._value(_hold_text(hold))}")
        self._removes.append(name)

    def shrink(self, request_id: str, old: Hold, new: Hold) -> None:
        """Replace a hold that stands as it was seen by a smaller one."""
        name = self._name(_hold_name(request_id))
        self._conditions.append(f"{name} = {self._value(_hold_text(old))}")
        self._sets.append(f"{name} = {self._value(_hold_text(new))}")

    def occupy(self, request_id: str, most: int) -> None:
        """Count a call as in flight, if fewer than so many are."""
        name = self._name(_SLOTS)
        self._adds.append(f"{name} {self._value(frozenset({_compact(request_id)}))}")
        absent = f"attribute_not_exists({name}) OR " if most > 0 else ""
        self._conditions.append(f"({absent}size({name}) < {self._value(most)})")

    def vacate(self, request_ids: Iterable[str]) -> None:
        """Count calls as in flight no more."""
        ids = frozenset(map(_compact, request_ids))
        self._deletes.append(f"{self._name(_SLOTS)} {self._value(ids)}")

    def track(self, tracked: str) -> None:
        """Keep these kinds of windows from now on."""
        self._sets.append(f"{self._name(_TRACKED)} = {self._value(tracked)}")

    def put(self, of: Sum, amount: int | Decimal) -> None:
        """Say what is used, whatever stood there."""
        self._sets.append(f"{self._name(_sum_name(of))} = {self._value(amount)}")

    def drop(self, sums: Iterable[Sum]) -> None:
        """Forget windows that are over."""
        self._removes += [self._name(_sum_name(of)) for of in sums]

    def set(self, name: str, value: Any, *, once: bool = False) -> None:
        """Set an attribute of the item that the wallet is part of; `once` keeps what is there."""
        own, to = self._name(name), self._value(value)
        self._sets.append(f"{own} = if_not_exists({own}, {to})" if once else f"{own} = {to}")

    def remove(self, name: str) -> None:
        """Take an attribute away from the item that the wallet is part of."""
        self._removes.append(self._name(name))

    def only_if_tracked(self, tracked: str) -> None:
        """Only if these kinds are kept; "" stands for a wallet that keeps none yet."""
        if tracked:
            self.only_if_equal(_TRACKED, tracked)
        else:
            self.only_if_missing(_TRACKED)

    def only_if_version(self, version: int) -> None:
        """Only if nothing but management has changed the item."""
        if version:
            self.only_if_equal(_VERSION, version)
        else:
            self.only_if_missing(_VERSION)

    def only_if_missing(self, name: str) -> None:
        """Only if an attribute of the item is not there."""
        self._conditions.append(f"attribute_not_exists({self._name(name)})")

    def only_if_there(self, name: str) -> None:
        """Only if an attribute of the item is there."""
        self._conditions.append(f"attribute_exists({self._name(name)})")

    def only_if_equal(self, name: str, value: Any) -> None:
        """Only if an attribute of the item is this."""
        self._conditions.append(f"{self._name(name)} = {self._value(value)}")

    def request(self) -> dict[str, Any]:
        """As UpdateItem takes it."""
        clauses = {"SET": self._sets, "ADD": self._adds, "REMOVE": self._removes, "DELETE": self._deletes}
        expression = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)
        request = {
            "TableName": self._account.table,
            "Key": self._account.key,
            "UpdateExpression": expression,
            "ExpressionAttributeNames": {token: name for name, token in self._names.items()},
            "ExpressionAttributeValues": self._values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return request | ({"ConditionExpression": " AND ".join(self._conditions)} if self._conditions else {})

    def action(self) -> dict[str, Any]:
        """As a transaction takes it."""
        return {"Update": self.request()}

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{len(self._names)}")

    def _value(self, value: Any) -> str:
        token = f":{len(self._values)}"
        self._values[token] = typed(value)
        return token


def parse_wallet(item: Item) -> Wallet:
    """The wallet in an item."""
    used: dict[Sum, int | Decimal] = {}
    holds: dict[str, Hold] = {}
    for name, value in item.items():
        if name.startswith(("w#", "q#", "t#")):
            used[_parse_sum(name)] = value
        elif name.startswith("h#"):
            holds[_request_id(name[2:])] = _parse_hold(value)
    in_flight = frozenset(map(_request_id, item.get(_SLOTS, ())))
    return Wallet(item.get(_TRACKED, ""), used, holds, in_flight, item.get(_VERSION, 0))


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


def _sum_name(of: Sum) -> str:
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


def _hold_name(request_id: str) -> str:
    return f"h#{_compact(request_id)}"


def _hold_text(hold: Hold) -> str:
    return f"{plain(hold.amount)} {hold.model}"


def _parse_hold(text: str) -> Hold:
    amount, _, model = text.partition(" ")
    return Hold(Decimal(amount), model)


def _compact(request_id: str) -> str:
    """A request id in 22 characters: a wallet is billed by the kilobyte."""
    return base64.urlsafe_b64encode(UUID(request_id).bytes).decode().rstrip("=")


def _request_id(compact: str) -> str:
    return str(UUID(bytes=base64.urlsafe_b64decode(f"{compact}==")))
