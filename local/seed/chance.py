"""Chance that is the same every time: a generator for whatever it is named after."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*parts: object) -> Random:
    """The generator of these names and numbers, the same on every machine."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - reproducible, and no secret


def number_near(random: Random, mean: float) -> int:
    """A count of at least 1 that is about so much, now and then far more."""
    return 1 + int(random.expovariate(1 / mean))


def one_of(random: Random, options: Sequence[tuple[float, T]]) -> T:
    """One of some options by their weights."""
    return random.choices([option for _, option in options], [weight for weight, _ in options])[0]
