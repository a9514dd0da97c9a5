"""Answers on stdout, as tables or as JSON; what is said about them on stderr."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import typer
from rich.console import Console

from tollgate_cli.exact import indented
from tollgate_cli.tables import facts, listing

_UNBOUNDED: Final = 10_000  # columns: what goes into a pipe is not cut to a screen


class Output:
    """Prints what commands found."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def rows(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], limit: int = 0) -> None:
        """Many things, at most `limit` of them if it is not 0; each column is a path in a thing."""
        shown = list(islice(rows, limit + 1)) if limit else list(rows)
        if limit and len(shown) > limit:
            shown.pop()
            self.note(f"The first {limit}; there are more: --limit 0 shows all.")
        if self.as_json:
            self._json(shown)
        else:
            _console().print(listing(shown, columns))

    def one(self, thing: Mapping[str, Any]) -> None:
        """One thing, field by field; fields without a value only in JSON."""
        if self.as_json:
            self._json(thing)
        else:
            _console().print(facts(thing))

    def note(self, text: str) -> None:
        """A word to the person."""
        typer.echo(text, err=True)

    def _json(self, value: Any) -> None:
        typer.echo(indented(value))


def _console() -> Console:
    width = None if sys.stdout.isatty() else _UNBOUNDED
    return Console(width=width, highlight=False, soft_wrap=False)
