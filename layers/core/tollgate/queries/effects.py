"""A change of spend, split into volume, mix and price (docs/compare.md).

Of a cell (a customer and a model), S is what was spent and q the units used, before (0) and now (1); Q is the
units of all cells, r = Q1 / Q0 by how much all together grew:

    volume = S0 x (r - 1)                had it grown as all did, at its old price
    mix    = (q1 - q0 x r) x S0 / q0     it grew more or less than all did, at its old price
    price  = S1 - S0 - volume - mix      the rest: q1 x (S1 / q1 - S0 / q0)

A cell without units in one of the ranges has no price to compare: what is not volume is mix. Where there were
no units at all before, everything is volume. Volume and mix are written with 18 decimal places; the last
effect is the remainder, so the three add up to the difference to the last digit, in every cell, and so do the
cells of any customer or model.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Final, NamedTuple

from tollgate.money import EXACT, ZERO, plain

_PLACES: Final = 18


class Amount(NamedTuple):
    """What was spent in USD, on how many units."""

    spend: Decimal = ZERO
    units: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """The sum."""
        return Amount(EXACT.add(self.spend, other.spend), self.units + other.units)


class Change(NamedTuple):
    """Before and now, and the effects that add up to the difference, in USD."""

    before: Amount = Amount()
    now: Amount = Amount()
    volume: Decimal = ZERO
    mix: Decimal = ZERO
    price: Decimal = ZERO

    def plus(self, other: "Change") -> "Change":
        """The sum, effect by effect."""
        return Change(
            self.before.plus(other.before),
            self.now.plus(other.now),
            EXACT.add(self.volume, other.volume),
            EXACT.add(self.mix, other.mix),
            EXACT.add(self.price, other.price),
        )

    @property
    def difference(self) -> Decimal:
        """How much more was spent."""
        return EXACT.subtract(self.now.spend, self.before.spend)

    def shown(self) -> dict[str, Any]:
        """As answered."""
        return {
            "current_spend": self.now.spend,
            "previous_spend": self.before.spend,
            "difference": _tidy(self.difference),
            "volume_effect": _tidy(self.volume),
            "mix_effect": _tidy(self.mix),
            "price_effect": _tidy(self.price),
            "current_units": self.now.units,
            "previous_units": self.before.units,
        }


def total(changes: Iterable[Change]) -> Change:
    """The sum of changes."""
    return reduce(Change.plus, changes, Change())


def change(before: Amount, now: Amount, growth: Fraction | None) -> Change:
    """One cell's change; `growth` is by how much all units grew, None when there were none before."""
    found = Change(before, now)
    if growth is None:
        return found._replace(volume=found.difference)
    volume = _decimal(Fraction(before.spend) * (growth - 1))
    rest = EXACT.subtract(found.difference, volume)
    if not (before.units and now.units):
        return found._replace(volume=volume, mix=rest)
    mix = _decimal((now.units - before.units * growth) * Fraction(before.spend) / before.units)
    return found._replace(volume=volume, mix=mix, price=EXACT.subtract(rest, mix))


def growth_of(before: int, now: int) -> Fraction | None:
    """By how much units grew, None from nothing."""
    return Fraction(now, before) if before else None


def _decimal(value: Fraction) -> Decimal:
    return EXACT.scaleb(Decimal(round(value * 10**_PLACES)), -_PLACES)


def _tidy(amount: Decimal) -> Decimal:
    """The same number without the zeros at its end."""
    return Decimal(plain(amount))


COLUMNS: Final = tuple(Change().shown())
