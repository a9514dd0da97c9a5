"""`tollgate usage` and `tollgate usage sql`."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import httpx2
import typer

from tollgate_cli import archive
from tollgate_cli.command import command
from tollgate_cli.connection import is_loopback
from tollgate_cli.errors import Unusable
from tollgate_cli.session import Session

app = typer.Typer()
METRICS: Final = (
    "spend",
    "api_requests",
    "successful_requests",
    "failed_requests",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
)
_DAYS: Final = 30
_EMULATOR: Final = 2  # ports after the gateway's, where `make run` has its AWS
_LOCAL_BUCKET: Final = "tollgate-archivebucket"


class By(StrEnum):
    """What has a line each: a day, or a part of it."""

    DAY = "day"
    MODEL = "model"
    PROVIDER = "provider"
    ENDPOINT = "endpoint"
    KEY = "key"
    CUSTOMER = "customer"


# LiteLLM's names of the parts of a day.
_BREAKDOWN: Final = {
    By.MODEL: "models",
    By.PROVIDER: "providers",
    By.ENDPOINT: "endpoints",
    By.KEY: "api_keys",
    By.CUSTOMER: "entities",
}


@command(
    app, "usage", example="tollgate usage --customer acme --from 2026-11-01 --to 2026-11-30", of_group=True
)
def usage(  # noqa: PLR0913 - each filter of the route is an option
    session: Session,
    *,
    customer: Annotated[
        list[str] | None, typer.Option(help="A customer's id; repeat it. Without one, all.")
    ] = None,
    model: Annotated[str, typer.Option(help="Only this model.")] = "",
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; 30 days back.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; today.")
    ] = None,
    by: Annotated[
        By, typer.Option(help="A line for each day, model, provider, endpoint, key or customer.")
    ] = By.DAY,
) -> None:
    """What was spent and used, by the deployment's days, newest first; JSON has every breakdown."""
    last = (end or datetime.now(UTC)).date()
    first = start.date() if start else last - timedelta(days=_DAYS - 1)
    days = session.api.usage.daily_activity(first, last, end_user_ids=customer or (), model=model)
    if session.output.as_json:
        session.output.rows(days, ())
    else:
        _table(session, list(days), by)


@command(
    app,
    "sql",
    example="tollgate usage sql 'SELECT day, sum(charge) FROM ledger GROUP BY day ORDER BY day'",
)
def sql(
    session: Session,
    *,
    query: Annotated[str, typer.Argument(help="SQL of DuckDB; the table is `ledger`.")],
    place: Annotated[
        str | None,
        typer.Option(
            "--archive",
            envvar="TOLLGATE_ARCHIVE",
            help="s3://BUCKET (the stack's output ArchiveBucketName, with AWS's usual credentials) or a "
            "folder; by default that of `make run`.",
        ),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day to read.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day to read.")
    ] = None,
) -> None:
    """Ask the archive, where every spend event stays, whatever counters do not know; read-only."""
    days = archive.Days(start.date() if start else None, end.date() if end else None)
    found = archive.query(query, _files(session, place, days))
    session.output.rows(found.rows, found.columns)


def _files(session: Session, place: str | None, days: archive.Days) -> list[Path]:
    if place:
        return archive.files_of(place, days, session.outside.s3_client)
    if not is_loopback(session.url):
        raise Unusable("Say where the archive is: --archive s3://BUCKET")
    url = httpx2.URL(session.url)
    emulator = f"http://{url.host}:{(url.port or 80) + _EMULATOR}"
    client = session.outside.s3_client or archive.s3_client(emulator)
    return archive.files_of(f"s3://{_LOCAL_BUCKET}", days, client)


def _table(session: Session, days: list[dict[str, Any]], by: By) -> None:
    lines = list(_lines(days, by))
    columns = ("date", *METRICS) if by is By.DAY else ("date", by.value, *METRICS)
    total = {name: sum(day["metrics"][name] for day in days) for name in METRICS}
    session.output.rows([*lines, {"date": "total", **total}], columns)


def _lines(days: Iterable[dict[str, Any]], by: By) -> Iterator[dict[str, Any]]:
    for day in days:
        if by is By.DAY:
            yield {"date": day["date"], **day["metrics"]}
            continue
        for name, part in sorted(day["breakdown"][_BREAKDOWN[by]].items()):
            yield {"date": day["date"], by.value: name, **part["metrics"]}
