"""`tollgate usage`."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from tollgate_cli.command import command
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


@command(app, "usage", example="tollgate usage --customer acme --from 2026-11-01 --to 2026-11-30")
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
