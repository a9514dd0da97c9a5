"""What a call costs by a provider's published price list: its own arithmetic, and nothing of Tollgate.

A price list gives each class of usage a rate as its page states it: "2.50" is USD per million tokens, and
other units are named: "0.006/minute", "0.111/hour", "10/1k", "15/1M", "0.04/each". Sums are exact fractions,
put into digits at the end: 28 of them where an hour's price does not come out even.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction

UNITS = {"1M": 1_000_000, "1k": 1000, "minute": 60, "hour": 3600, "each": 1}
DIGITS = Context(prec=28)


def cost(classes: Mapping[str, int], prices: Mapping[str, str], least: Mapping[str, int]) -> Decimal:
    """The USD for counts by class; `least` is what is billed at least. Raises KeyError without a rate."""
    counts = {name: max(count, least.get(name, 0)) for name, count in classes.items()}
    exact = sum((count * rate(prices[name]) for name, count in counts.items()), Fraction(0))
    return DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def rate(published: str) -> Fraction:
    """The USD for one token, second, character or call."""
    amount, _, unit = published.partition("/")
    return Fraction(amount) / UNITS[unit or "1M"]
