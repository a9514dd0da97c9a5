"""Tables of what the API answers. Ids and aliases are strangers' text: no markup, no control characters."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tollgate_cli.exact import dumps, plain


def listing(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """A line per thing; a column is a path in it (`litellm_budget_table.max_budget`), headed by its end."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        values = [_at(row, column) for row in rows]
        table.add_column(column.rpartition(".")[2], justify="right" if _are_numbers(values) else "left")
    for row in rows:
        table.add_row(*(_cell(_at(row, column)) for column in columns))
    return table


def facts(thing: Mapping[str, Any]) -> Table:
    """A line per field that has a value, those of nested objects by their path."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for path, value in _leaves(thing):
        table.add_row(_cell(path), _cell(value))
    return table


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor or colour it."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _leaves(thing: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in thing.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        elif value not in (None, []):
            yield f"{prefix}{name}", value


def _cell(value: Any) -> Text:
    return Text(printable(_text(value)), overflow="fold")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case str() | int():
            return str(value)
        case list() if all(isinstance(one, str) for one in value):
            return ", ".join(value)
    return dumps(value).decode()


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(
        value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool))
        for value in values
    )
