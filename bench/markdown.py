"""Markdown tables, and goals with what became of them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Goal(NamedTuple):
    """What was aimed at, what was measured, and whether that is enough."""

    aim: str
    measured: str
    met: bool


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; ends with a line feed, so that printing it leaves an empty line."""
    return "".join(f"{line}\n" for line in (_row(head), _row(["---"] * len(head)), *map(_row, rows)))


def goals(found: Iterable[Goal]) -> str:
    """A table of goals."""
    rows = ((goal.aim, goal.measured, "met" if goal.met else "**missed**") for goal in found)
    return table(("goal", "measured", "verdict"), rows)


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
