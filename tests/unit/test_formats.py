import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollgate.queries.formats import View, is_known, rendered, to_csv

CELLS = View([], ("who", "spend"), [{"who": "acme", "spend": Decimal("1E-7")}], "Europe/Rome")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_a_header_crlf_every_digit_and_the_zone() -> None:
    assert to_csv(CELLS) == "who,spend,timezone\r\nacme,0.0000001,Europe/Rome\r\n"


def test_csv_without_rows_still_has_its_header() -> None:
    assert to_csv(CELLS._replace(rows=[])) == "who,spend,timezone\r\n"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_no_cell_is_a_formula_and_none_loses_a_character(text: str) -> None:
    (_, (cell, _, _)) = read(to_csv(CELLS._replace(rows=[{"who": text}])))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text in (cell, cell[1:])


def test_a_negative_amount_is_a_number_and_no_formula() -> None:
    rows: list[dict[str, Any]] = [{"who": True, "spend": Decimal("-0.50")}, {"who": None, "spend": -3}]
    assert read(to_csv(CELLS._replace(rows=rows)))[1:] == [
        ["true", "-0.5", "Europe/Rome"],
        ["", "-3", "Europe/Rome"],
    ]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV; charset=utf-8", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("application/json;q=0.5, text/csv;q=0.9", "text/csv"),
        ("application/json;q=0.9, text/csv;q=0.5", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=x", "application/json"),
        ("text/html, text/csv;q=0.1, */*;q=0.01", "text/csv"),
    ],
)
def test_the_header_accept_decides(accept: str, kind: str) -> None:
    assert rendered(CELLS, accept).kind.partition(";")[0] == kind


def test_the_parameter_format_counts_more_than_the_header() -> None:
    assert rendered(CELLS, "text/csv", "json").kind == "application/json"
    assert rendered(CELLS, "application/json", "csv").body.startswith("who,")


def test_an_etag_stands_for_what_was_answered() -> None:
    one, same = rendered(CELLS, ""), rendered(CELLS, "")
    other = rendered(CELLS._replace(body=[1]), "")
    assert one.headers["ETag"] == same.headers["ETag"] != other.headers["ETag"]


@pytest.mark.parametrize(
    ("sent", "known"),
    [("", False), ('"a"', True), ('W/"a"', True), ('"b", W/"a"', True), ('"b"', False), ("*", True)],
)
def test_if_none_match_names_what_a_client_has(sent: str, known: bool) -> None:
    assert is_known('W/"a"', sent) == known


def test_a_download_has_a_name_and_is_not_kept() -> None:
    headers = rendered(CELLS._replace(filename="usage"), "text/csv").headers
    assert headers["Content-Disposition"] == 'attachment; filename="usage.csv"'
    assert headers["Cache-Control"] == "no-store"
