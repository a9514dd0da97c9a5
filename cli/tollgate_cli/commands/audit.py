"""`tollgate audit`."""

from typing import Annotated, Final

import typer

from tollgate_cli.command import command
from tollgate_cli.commands.paging import Limit, a_page
from tollgate_cli.session import Session

app = typer.Typer()
COLUMNS: Final = ("updated_at", "changed_by", "action", "object_type", "object_id", "source")


@command(app, "audit", example="tollgate audit --object-type customer --object-id acme --json")
def audit(  # noqa: PLR0913 - each filter of the route is an option
    session: Session,
    *,
    object_type: Annotated[str, typer.Option(help="customer, budget or key.")] = "",
    object_id: Annotated[str, typer.Option(help="The id of what was changed.")] = "",
    action: Annotated[str, typer.Option(help="What was done: created, updated …")] = "",
    changed_by: Annotated[str, typer.Option(help="The id of the key that did it.")] = "",
    start_date: Annotated[str, typer.Option("--from", help="The first day; 30 days back.")] = "",
    end_date: Annotated[str, typer.Option("--to", help="The last day; today.")] = "",
    limit: Limit = 50,
) -> None:
    """Who changed what, newest first; JSON has the values before and after."""
    found = session.api.audit.list(
        page_size=a_page(limit),
        object_type=object_type,
        object_id=object_id,
        action=action,
        changed_by=changed_by,
        start_date=start_date,
        end_date=end_date,
    )
    session.output.rows(found, COLUMNS, limit)
