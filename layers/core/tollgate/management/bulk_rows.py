"""Many customers in one body: an array of objects, `{"customers": [...]}`, or CSV headed by field names."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tollgate.errors import BodyTooLarge, InvalidBody
from tollgate.management.customer_fields import CustomerFields
from tollgate.money import dumps, loads

MOST_ROWS: Final = 10_000
# Lambda takes and gives 6 MB; the report repeats the ids, and a quote in one has three characters there.
_MOST_BYTES: Final = 4_500_000
_OBJECTS: Final = ("metadata", "object_permission", "model_max_budget", "budget_limits")


def rows_of_json(body: Any) -> list[Any]:
    """The rows of a parsed body. Raises InvalidBody, BodyTooLarge."""
    rows = body.get("customers") if isinstance(body, Mapping) else body
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise InvalidBody(
            'The body must be an array of customers, or {"customers": [...]}.', param="customers"
        )
    return _bounded(list(rows))


def rows_of_csv(text: str) -> list[Any]:
    """The rows of a CSV file; an empty cell is a field that is not sent, a bad line the error that says so.

    Raises InvalidBody, BodyTooLarge.
    """
    try:
        lines = [line for line in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True) if line]
    except csv.Error as error:
        raise InvalidBody(f"The body is not CSV: {error}.") from None
    names = [name.strip() for name in lines[0]] if lines else []
    _check_names(names)
    return _bounded([_row(names, line) for line in lines[1:]])


def _check_names(names: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in CustomerFields.model_fields]:
        raise InvalidBody(f"There is no field {unknown[0]!r}: the first line names fields.", param=unknown[0])
    if "user_id" not in names or len(set(names)) < len(names):
        raise InvalidBody("The first line must name each field once, and user_id.", param="user_id")


def _row(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any] | InvalidBody:
    if len(cells) > len(names):
        return InvalidBody(f"The line has {len(cells)} cells, and the first line names {len(names)} fields")
    return {name: _value(name, cell) for name, cell in zip(names, cells, strict=False) if cell.strip()}


def _value(name: str, cell: str) -> Any:
    if name == "models":
        return [model for model in re.split(r"[,\s]+", cell) if model]
    if name not in _OBJECTS:
        return cell
    try:
        return loads(cell)
    except msgspec.DecodeError:
        return cell  # its field says what it should have been


def _bounded(rows: list[Any]) -> list[Any]:
    if not 0 < len(rows) <= MOST_ROWS:
        raise InvalidBody(f"The body has {len(rows)} customers; send 1 to {MOST_ROWS}.", param="customers")
    told = [
        row["user_id"] for row in rows if isinstance(row, Mapping) and isinstance(row.get("user_id"), str)
    ]
    if len(dumps(dumps(told).decode())) > _MOST_BYTES:
        raise BodyTooLarge("The ids are too long for one report: send fewer customers at once.")
    return rows
