"""One write to a wallet, put together step by step; what its attributes are called is in wallets.py."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tollgate.storage.codec import typed
from tollgate.storage.wallets import (
    IN_FLIGHT,
    REVISION,
    SEEN,
    TRACKED,
    VERSION,
    Account,
    Hold,
    Sum,
    compact,
    hold_name,
    hold_text,
    sum_name,
)


class WalletUpdate:
    """One write to a wallet, put together step by step: what it changes, and under which conditions.

    Every name is used once: DynamoDB takes neither two changes of an attribute nor one that overlaps another.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._sets: list[str] = []
        self._adds: list[str] = []
        self._removes: list[str] = []
        self._deletes: list[str] = []
        self._conditions: list[str] = []
        self.begins = False
        self.increase(VERSION, 1)

    def increase(self, name: str, amount: int | Decimal) -> None:
        """Add to a number."""
        self._adds.append(f"{self._name(name)} {self._value(amount)}")

    def use(self, of: Sum, amount: int | Decimal) -> None:
        """Add to what is used."""
        self.increase(sum_name(of), amount)

    def at_most(self, of: Sum, most: int | Decimal) -> None:
        """Only if no more than so much is used by now; below nothing there is no room."""
        name, value = self._name(sum_name(of)), self._value(most)
        absent = f"attribute_not_exists({name}) OR " if most >= 0 else ""
        self._conditions.append(f"({absent}{name} <= {value})")

    def hold(self, request_id: str, hold: Hold) -> None:
        """Set money aside, once."""
        name = self._name(hold_name(request_id))
        self._sets.append(f"{name} = {self._value(hold_text(hold))}")
        self._conditions.append(f"attribute_not_exists({name})")

    def expect(self, request_id: str, hold: Hold | None) -> None:
        """Only if a hold stands as it was seen, or stands no more; it is then taken away."""
        name = self._name(hold_name(request_id))
        if hold is None:
            self._conditions.append(f"attribute_not_exists({name})")
            return
        self._conditions.append(f"{name} = {self._value(hold_text(hold))}")
        self._removes.append(name)

    def shrink(self, request_id: str, old: Hold, new: Hold) -> None:
        """Replace a hold that stands as it was seen by a smaller one."""
        name = self._name(hold_name(request_id))
        self._conditions.append(f"{name} = {self._value(hold_text(old))}")
        self._sets.append(f"{name} = {self._value(hold_text(new))}")

    def never(self) -> None:
        """Not at all: the write is only to tell how the wallet stands."""
        self._conditions.append(f"{self._name(VERSION)} = {self._value('never')}")

    def occupy(self, request_id: str, most: int | None = None) -> None:
        """Count a call as in flight, if fewer than so many are."""
        name = self._name(IN_FLIGHT)
        self._adds.append(f"{name} {self._value(frozenset({compact(request_id)}))}")
        if most is None:
            return
        absent = f"attribute_not_exists({name}) OR " if most > 0 else ""
        self._conditions.append(f"({absent}size({name}) < {self._value(most)})")

    def vacate(self, request_ids: Iterable[str]) -> None:
        """Count calls as in flight no more."""
        ids = frozenset(map(compact, request_ids))
        self._deletes.append(f"{self._name(IN_FLIGHT)} {self._value(ids)}")

    def track(self, tracked: str) -> None:
        """Keep these kinds of windows from now on; until now, the item may not have been there."""
        self.begins = True
        self._sets.append(f"{self._name(TRACKED)} = {self._value(tracked)}")

    def forget(self) -> None:
        """Keep no windows any more."""
        self.remove(TRACKED)

    def put(self, of: Sum, amount: int | Decimal) -> None:
        """Say what is used, whatever stood there."""
        self._sets.append(f"{self._name(sum_name(of))} = {self._value(amount)}")

    def drop(self, sums: Iterable[Sum]) -> None:
        """Forget windows that are over."""
        self._removes += [self._name(sum_name(of)) for of in sums]

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
            self.only_if_equal(TRACKED, tracked)
        else:
            self.only_if_missing(TRACKED)

    def only_if_version(self, version: int) -> None:
        """Only if nothing but management has changed the item."""
        if version:
            self.only_if_equal(VERSION, version)
        else:
            self.only_if_missing(VERSION)

    def only_if_occupied(self) -> None:
        """Only if calls are in flight."""
        self.only_if_there(IN_FLIGHT)

    def only_if_unseen(self) -> None:
        """Only if nothing of the account was ever counted."""
        self.only_if_missing(SEEN)

    def only_if_revision(self, revision: int) -> None:
        """Only if management has not changed the item since; 0 stands for one it never wrote."""
        if revision:
            self.only_if_equal(REVISION, revision)
        else:
            self.only_if_missing(REVISION)

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
            "TableName": self.account.table,
            "Key": self.account.key,
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
