"""Customers in order, the orders worked out once. Pure."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Final, Literal
from weakref import ref

from tollgate.money import EXACT, ZERO
from tollgate.queries.breakdown import added_up
from tollgate.records import Usage
from tollgate.storage.sums import Sums

Standings = dict[str, Sums]  # by customer id
Measure = Literal["spend", "requests", "tokens"]
Number = int | Decimal
Key = tuple[Decimal, str]


def tokens(sums: Mapping[str, Number]) -> int:
    """LiteLLM's total_tokens."""
    usage = Usage.of(sums)  # type: ignore[arg-type]  # token classes are whole numbers
    return usage.prompt_tokens + usage.completion_tokens


def spend(sums: Mapping[str, Number]) -> Decimal:
    """What was charged, in USD."""
    return Decimal(sums.get("charge", ZERO))


MEASURES: Final[Mapping[Measure, Callable[[Sums], Number]]] = {
    "spend": spend,
    "requests": lambda sums: sums.get("api_requests", 0),
    "tokens": tokens,
}


def key(value: Number, customer_id: str) -> Key:
    """What sorts the largest value first, equals by id."""
    return Decimal(value).copy_negate(), customer_id


class Ranks:
    """Customers with a value each, the largest first, equals by id."""

    def __init__(self, values: Mapping[str, Number]) -> None:
        self.values = values

    @cached_property
    def order(self) -> list[str]:
        """Everybody."""
        return sorted(sorted(self.values), key=self.values.__getitem__, reverse=True)

    def key(self, customer_id: str) -> Key:
        """What the order is by."""
        return key(self.values[customer_id], customer_id)


class Growth(Ranks):
    """How much more USD each customer spent than before."""

    def __init__(self, now: Standings, before: Standings) -> None:
        super().__init__({one: growth(now, before, one) for one in now.keys() | before.keys()})

    @cached_property
    def largest(self) -> list[str]:
        """Everybody, the largest change first, up or down; equals by id."""
        return sorted(sorted(self.values), key=lambda one: Decimal(self.values[one]).copy_abs(), reverse=True)


class Board:
    """What each customer amounts to, and what follows from it, each part worked out when it is asked for."""

    def __init__(self, standings: Standings, total: Sums | None = None) -> None:
        self.standings = standings
        self._total = total
        self._ranks: dict[Measure, Ranks] = {}
        self._grown: tuple[ref[Board], Growth] | None = None
        self._others: tuple[frozenset[str], Board] | None = None

    @property
    def total(self) -> Sums:
        """What all of them amount to."""
        if self._total is None:
            self._total = added_up(self.standings.values())
        return self._total

    def ranks(self, by: Measure) -> Ranks:
        """The customers in order."""
        if by not in self._ranks:
            of = MEASURES[by]
            self._ranks[by] = Ranks({one: of(sums) for one, sums in self.standings.items()})
        return self._ranks[by]

    def growth(self, before: "Board") -> Growth:
        """Against an earlier board, the last of which is remembered."""
        if self._grown is None or self._grown[0]() is not before:
            self._grown = ref(before), Growth(self.standings, before.standings)
        return self._grown[1]

    def without(self, customers: frozenset[str]) -> "Board":
        """The same of all others, the last of which is remembered."""
        if not customers:
            return self
        if self._others is None or self._others[0] != customers:
            rest = {one: sums for one, sums in self.standings.items() if one not in customers}
            self._others = customers, Board(rest, self.rest(customers))
        return self._others[1]

    def rest(self, customers: Iterable[str]) -> Sums:
        """What all others amount to in all, empty when there is nobody else."""
        gone = added_up(self.standings[one] for one in customers if one in self.standings)
        with localcontext(EXACT):
            left = {name: value - gone.get(name, 0) for name, value in self.total.items()}
        return {name: value for name, value in left.items() if value}


def growth(now: Standings, before: Standings, customer_id: str) -> Decimal:
    """How much more a customer spent now than before, in USD."""
    return EXACT.subtract(spend(now.get(customer_id, {})), spend(before.get(customer_id, {})))
