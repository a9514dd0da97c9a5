"""A view as JSON or as CSV, told apart from the one that the client already has.

CSV is RFC 4180 with CRLF; a cell that a spreadsheet would take for a formula gets a leading apostrophe, and
the last column names the zone that the days are of.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel

from tollgate.money import dumps, plain

Format = Literal["json", "csv"]
Row = Mapping[str, Any]

JSON: Final = "application/json"
CSV: Final = "text/csv"
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_ZONE: Final = "timezone"
_ETAG_BYTES: Final = 16


class Formatted(BaseModel):
    """The query parameter that every view has; without it the header Accept decides."""

    format: Format | None = None


class View(NamedTuple):
    """An answer: what its JSON is, the columns and rows of its CSV, and the zone its days are of.

    `filename` makes it a download that is kept nowhere, `headers` say what else there is to say.
    """

    body: Any
    columns: Sequence[str]
    rows: Sequence[Row]
    zone: str
    filename: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


class Rendered(NamedTuple):
    """A body, its media type and the headers that go with it."""

    body: str
    kind: str
    headers: dict[str, str]


def rendered(view: View, accept: str, chosen: Format | None = None) -> Rendered:
    """A view in the format chosen, or else in the one that the header Accept prefers."""
    as_csv = chosen == "csv" or (chosen is None and _prefers_csv(accept))
    body = to_csv(view) if as_csv else dumps(view.body).decode()
    digest = sha256(body.encode()).hexdigest()[: 2 * _ETAG_BYTES]
    headers = {
        "ETag": f'W/"{digest}"',  # weak: the same whether it goes out compressed or not
        "Cache-Control": "no-store" if view.filename else "private, no-cache",
        "Vary": "Accept, Authorization",
        **view.headers,
    }
    if view.filename:
        extension = "csv" if as_csv else "json"
        headers["Content-Disposition"] = f'attachment; filename="{view.filename}.{extension}"'
    return Rendered(body, f"{CSV}; charset=utf-8; header=present" if as_csv else JSON, headers)


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether a client that sent If-None-Match has what the ETag stands for (RFC 9110, section 13.1.2)."""
    known = {text.strip().removeprefix("W/") for text in if_none_match.split(",")}
    return "*" in known or etag.removeprefix("W/") in known


def to_csv(view: View) -> str:
    """The rows of a view as CSV, formula-safe, its zone in the last column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*map(_safe, view.columns), _ZONE])
    for row in view.rows:
        writer.writerow([*(_cell(row.get(column)) for column in view.columns), view.zone])
    return text.getvalue()


def _cell(value: object) -> str:
    """A value as a cell. Numbers are written in digits and are no formulas, negative ones neither."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, int) else _safe(str(value))


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _prefers_csv(accept: str) -> bool:
    """Whether CSV is asked for by name, and not less than JSON is."""
    weights = dict(_weighed(part) for part in accept.lower().split(","))
    wanted = weights.get(CSV, 0)
    named = list(weights)
    if wanted == 0 or JSON not in weights or wanted != weights[JSON]:
        return wanted > weights.get(JSON, 0)
    return named.index(CSV) < named.index(JSON)


def _weighed(part: str) -> tuple[str, Decimal]:
    """A media type of an Accept header and its weight; a weight that is no number is none."""
    kind, *parameters = (text.strip() for text in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            digits = value.strip()
            whole = digits.replace(".", "", 1).isdecimal() and digits.isascii()
            return kind, Decimal(digits) if whole else Decimal(0)
    return kind, Decimal(1)
