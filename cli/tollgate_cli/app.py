"""The command `tollgate`."""

from typing import Annotated

import typer

from tollgate_cli.command import AsJson
from tollgate_cli.commands import audit, budgets, customers, keys, reconcile, usage
from tollgate_cli.session import LOCAL_URL, Chosen, Outside

app = typer.Typer(
    name="tollgate",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # their local variables would show keys
)
app.add_typer(customers.app, name="customers")
app.add_typer(budgets.app, name="budgets")
app.add_typer(keys.app, name="keys")
app.add_typer(usage.app, name="usage")
app.add_typer(audit.app)
app.add_typer(reconcile.app)


@app.callback()
def tollgate(
    context: typer.Context,
    *,
    url: Annotated[str, typer.Option(envvar="TOLLGATE_URL", help="The deployment's URL.")] = LOCAL_URL,
    key: Annotated[
        str | None,
        typer.Option(envvar="TOLLGATE_KEY", help="The key to call with; better in the environment."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Customers, budgets, keys and usage of a Tollgate; these options may also follow the command."""
    outside = context.obj if isinstance(context.obj, Outside) else Outside()
    context.obj = Chosen(url or LOCAL_URL, key, as_json, outside)
