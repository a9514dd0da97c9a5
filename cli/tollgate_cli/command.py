"""How a function becomes a command: the options that commands share, and errors as exit codes.

0 is done, 1 refused (a message on stderr, no traceback), 2 a command line that makes no sense.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any, Final

import typer

from tollgate_cli.errors import TollgateError, Unusable
from tollgate_cli.session import Chosen, Session
from tollgate_cli.tables import printable

Url = Annotated[str | None, typer.Option(help="The deployment's URL.", rich_help_panel="Deployment")]
Key = Annotated[
    str | None,
    typer.Option(help="The key to call with, instead of TOLLGATE_KEY.", rich_help_panel="Deployment"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.", rich_help_panel="Deployment")]

Options = Sequence[inspect.Parameter]
Function = Callable[..., None]


def option(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    """An option that a command takes beside those of its function."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_CONTEXT: Final = inspect.Parameter(
    "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
)
_SHARED: Final = (option("url", Url), option("key", Key), option("as_json", AsJson, default=False))


def command(
    app: typer.Typer, name: str, *, example: str, fields: Options = (), of_group: bool = False
) -> Callable[[Function], Function]:
    """Make `function(session, …)` a command, with an example in its help.

    With `fields`, the function also takes `given`: the values of those options by name. With `of_group`, it
    is what the app does when none of its commands is named.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def run(context: typer.Context, **options: Any) -> None:
            if context.invoked_subcommand:
                return
            chosen = Chosen(options.pop("url"), options.pop("key"), options.pop("as_json"))
            if fields:
                options["given"] = {field.name: options.pop(field.name) for field in fields}
            with _errors_told():
                _carry_out(function, Session(chosen.over(context.obj)), options)

        own = [one for one in _parameters(function) if one.name not in ("session", "given")]
        signature = inspect.Signature([_CONTEXT, *own, *fields, *_SHARED])
        run.__dict__["__signature__"] = signature  # what typer reads
        epilog = f"Example: {example}"
        if of_group:
            app.callback(invoke_without_command=True, epilog=epilog)(run)
        else:
            app.command(name, epilog=epilog)(run)
        return function

    return decorate


def _parameters(function: Function) -> Options:
    return list(inspect.signature(function, eval_str=True).parameters.values())


def _carry_out(function: Function, session: Session, options: dict[str, Any]) -> None:
    try:
        function(session, **options)
    finally:
        session.close()


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except Unusable as error:
        raise typer.BadParameter(printable(error.message)) from None
    except TollgateError as error:
        typer.echo(f"tollgate: {printable(error.message)}", err=True)
        raise typer.Exit(1) from None
