"""`tollgate customers`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tollgate_cli.command import command
from tollgate_cli.commands.importing import File, Format, report_on, send
from tollgate_cli.commands.paging import Limit, a_page
from tollgate_cli.fields import CUSTOMER, body
from tollgate_cli.session import Session

app = typer.Typer(help="Customers and their limits.", no_args_is_help=True)
UserId = Annotated[str, typer.Argument(help="The customer's id.")]
UserIds = Annotated[list[str], typer.Argument(help="Ids of customers.")]
COLUMNS: Final = (
    "user_id",
    "alias",
    "blocked",
    "spend",
    "budget_id",
    "litellm_budget_table.max_budget",
    "litellm_budget_table.budget_duration",
    "last_seen_at",
)


@command(app, "list", example="tollgate customers list --search acme --limit 20")
def customer_list(
    session: Session,
    *,
    search: Annotated[str, typer.Option(help="Part of an id or alias.")] = "",
    limit: Limit = 50,
) -> None:
    """Customers by id."""
    session.output.rows(session.api.customers.list(search=search, page_size=a_page(limit)), COLUMNS, limit)


@command(app, "info", example="tollgate customers info acme")
def info(session: Session, user_id: UserId) -> None:
    """One customer, its limits and what it has spent."""
    session.output.one(session.api.customers.info(user_id))


@command(
    app, "new", fields=CUSTOMER, example="tollgate customers new acme --max-budget 10 --budget-duration 1mo"
)
def new(session: Session, user_id: UserId, given: dict[str, Any]) -> None:
    """Make a customer, with limits of its own or on a tier."""
    session.output.one(session.api.customers.new(user_id, **body(given)))


@command(
    app, "update", fields=CUSTOMER, example="tollgate customers update acme --rpm-limit 60 --clear max_budget"
)
def update(session: Session, user_id: UserId, given: dict[str, Any]) -> None:
    """Change the fields given; 0 is a limit, and --clear takes one away."""
    session.output.one(session.api.customers.update(user_id, **body(given)))


@command(app, "delete", example="tollgate customers delete acme globex")
def delete(session: Session, user_ids: UserIds) -> None:
    """Delete customers: all of them, or if one is missing, none."""
    session.output.one(session.api.customers.delete(user_ids))


@command(app, "block", example="tollgate customers block acme")
def block(session: Session, user_ids: UserIds) -> None:
    """Refuse the calls of customers, also of those never seen."""
    session.output.rows(session.api.customers.block(user_ids)["blocked_users"], COLUMNS)


@command(app, "unblock", example="tollgate customers unblock acme")
def unblock(session: Session, user_ids: UserIds) -> None:
    """Refuse the calls of customers no more."""
    session.output.rows(session.api.customers.unblock(user_ids)["blocked_users"], COLUMNS)


@command(app, "reset-spend", example="tollgate customers reset-spend acme")
def reset_spend(session: Session, user_id: UserId) -> None:
    """Let a customer's spend and windows begin anew."""
    session.output.one(session.api.customers.reset_spend(user_id))


@command(app, "import", example="tollgate customers import customers.csv")
def import_file(session: Session, file: File, *, form: Format = None) -> None:
    """Make up to 10,000 customers of a CSV or JSON file, going on past bad rows; 1 when there were any."""
    report_on(session.output, send(session.api.customers, Path(file), form))
