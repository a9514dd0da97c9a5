"""Files of customers."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tollgate_cli.exact import loads
from tollgate_cli.output import Output
from tollgate_cli.resources.customers import Customers

COLUMNS: Final = ("row", "user_id", "field", "reason")


class FileFormat(StrEnum):
    """The forms a file can have."""

    CSV = "csv"
    JSON = "json"


File = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV headed by field names, or JSON."),
]
Format = Annotated[FileFormat | None, typer.Option("--format", help="Without it, what the file's name says.")]


def send(customers: Customers, file: Path, form: FileFormat | None) -> dict[str, Any]:
    """Send a file's customers; the API's report. Raises ApiError, typer.BadParameter."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8") from None
    if (form or _by_name(file)) == FileFormat.CSV:
        return customers.bulk_csv(text)
    return customers.bulk(_rows(text, file))


def report_on(output: Output, report: dict[str, Any]) -> None:
    """Print a report; as a table, the rows that failed. Raises typer.Exit when there are any."""
    if output.as_json:
        output.one(report)
    elif report["failed"]:
        output.rows([row for row in report["rows"] if row["status"] != "created"], COLUMNS)
    output.note(f"{report['created']} created, {report['failed']} failed")
    if report["failed"]:
        raise typer.Exit(1)


def _by_name(file: Path) -> FileFormat:
    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in list(FileFormat):
        raise typer.BadParameter(f"the name of {file} does not end in .csv or .json: say --format")
    return FileFormat(suffix)


def _rows(text: str, file: Path) -> list[Any]:
    try:
        rows = loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not JSON: {error}") from None
    if isinstance(rows, dict):
        rows = rows.get("customers")
    if not isinstance(rows, list):
        raise typer.BadParameter(f'{file} is neither an array of customers nor {{"customers": [...]}}')
    return rows
