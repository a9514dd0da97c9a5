"""`tollgate budgets`."""

from typing import Annotated, Any, Final

import typer

from tollgate_cli.command import command
from tollgate_cli.fields import BUDGET, body
from tollgate_cli.session import Session

app = typer.Typer(help="Tiers of limits that customers share.", no_args_is_help=True)
BudgetId = Annotated[str, typer.Argument(help="The tier's id.")]
BudgetIds = Annotated[list[str], typer.Argument(help="Ids of tiers.")]
NewId = Annotated[str | None, typer.Argument(help="The tier's id; without one it gets one.")]
COLUMNS: Final = (
    "budget_id",
    "max_budget",
    "budget_duration",
    "soft_budget",
    "rpm_limit",
    "tpm_limit",
    "max_parallel_requests",
    "created_at",
)


@command(app, "list", example="tollgate budgets list --json")
def budget_list(session: Session) -> None:
    """Every tier, by id."""
    session.output.rows(session.api.budgets.list(), COLUMNS)


@command(app, "info", example="tollgate budgets info gold silver")
def info(session: Session, budget_ids: BudgetIds) -> None:
    """The tiers there are among the ids."""
    session.output.rows(session.api.budgets.info(budget_ids), COLUMNS)


@command(
    app, "new", fields=BUDGET, example="tollgate budgets new gold --max-budget 100 --budget-duration 1mo"
)
def new(session: Session, given: dict[str, Any], budget_id: NewId = None) -> None:
    """Make a tier."""
    session.output.one(session.api.budgets.new(budget_id, **body(given)))


@command(app, "update", fields=BUDGET, example="tollgate budgets update gold --max-budget 120.50")
def update(session: Session, budget_id: BudgetId, given: dict[str, Any]) -> None:
    """Change the fields given, for all who are on the tier."""
    session.output.one(session.api.budgets.update(budget_id, **body(given)))


@command(app, "delete", example="tollgate budgets delete gold")
def delete(session: Session, budget_id: BudgetId) -> None:
    """Delete a tier; who is on it goes on with the next source of limits."""
    session.output.one(session.api.budgets.delete(budget_id))
