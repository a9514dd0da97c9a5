"""`tollgate reconcile`."""

from typing import Annotated, Any

import typer

from tollgate_cli.command import command
from tollgate_cli.output import Output
from tollgate_cli.reconciling import on_local_stack, through_aws
from tollgate_cli.session import Session

app = typer.Typer()


@command(app, "reconcile", example="tollgate reconcile --local")
def reconcile(
    session: Session,
    *,
    function: Annotated[
        str | None,
        typer.Option(
            envvar="TOLLGATE_RECONCILE_FUNCTION",
            help="A deployment's reconcile function (its stack's output ReconcileFunctionName), "
            "called with AWS's usual credentials.",
        ),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="The stack that `make run` started, from inside its checkout.")
    ] = False,
) -> None:
    """Close, count and replay what was left, and prove that the books balance; 1 when they do not."""
    if local:
        report = on_local_stack(session.url)
    elif function:
        report = through_aws(function, session.outside.lambda_client)
    else:
        raise typer.BadParameter("say --function NAME for a deployment, or --local")
    _show(session.output, report)


def _show(output: Output, report: dict[str, Any]) -> None:
    output.one(report)
    drift = sum(report["drift"].values())
    if drift:
        output.note(f"tollgate: {drift} sums differ between ledger and counters")
        raise typer.Exit(1)
