"""`tollgate keys`."""

from typing import Annotated, Any, Final

import typer

from tollgate_cli.command import command
from tollgate_cli.commands.paging import Limit, a_page
from tollgate_cli.fields import KEY, body
from tollgate_cli.session import Session

app = typer.Typer(help="Keys that let applications and people in.", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(help="The key's id, which lists call token.")]
KeyIds = Annotated[list[str], typer.Argument(help="Ids of keys.")]
SomeKeyId = Annotated[str | None, typer.Argument(help="The key's id; without one, the key that calls.")]
COLUMNS: Final = ("key_alias", "key_name", "scopes", "customer_id", "spend", "blocked", "expires", "token")
_ONCE: Final = "The key is shown this once; Tollgate keeps only its hash."


@command(app, "list", example="tollgate keys list --alias billing")
def key_list(
    session: Session,
    *,
    key_alias: Annotated[str, typer.Option("--alias", help="Only the key of this alias.")] = "",
    limit: Limit = 50,
) -> None:
    """Keys, without their secrets."""
    found = session.api.keys.list(key_alias=key_alias, page_size=a_page(limit))
    session.output.rows(found, COLUMNS, limit)


@command(
    app, "info", example="tollgate keys info 88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"
)
def info(session: Session, key_id: SomeKeyId = None) -> None:
    """One key, its scopes and limits."""
    session.output.one(session.api.keys.info(key_id))


@command(
    app, "generate", fields=KEY, example="tollgate keys generate --alias web --scope proxy --duration 90d"
)
def generate(session: Session, given: dict[str, Any]) -> None:
    """Make a key and show it, this once."""
    session.output.one(session.api.keys.generate(**body(given)))
    session.output.note(_ONCE)


@command(app, "update", fields=KEY, example="tollgate keys update $KEY_ID --rpm-limit 600 --clear max_budget")
def update(session: Session, key_id: KeyId, given: dict[str, Any]) -> None:
    """Change the fields given; 0 is a limit, and --clear takes one away."""
    session.output.one(session.api.keys.update(key_id, **body(given)))


@command(app, "delete", example="tollgate keys delete $KEY_ID")
def delete(session: Session, key_ids: KeyIds) -> None:
    """Delete keys: all of them, or if one is missing, none."""
    session.output.one(session.api.keys.delete(key_ids))


@command(app, "block", example="tollgate keys block $KEY_ID")
def block(session: Session, key_id: KeyId) -> None:
    """Let a key in no more."""
    session.output.one(session.api.keys.block(key_id))


@command(app, "unblock", example="tollgate keys unblock $KEY_ID")
def unblock(session: Session, key_id: KeyId) -> None:
    """Let a key in again."""
    session.output.one(session.api.keys.unblock(key_id))


@command(app, "regenerate", example="tollgate keys regenerate $KEY_ID --grace-period 24h")
def regenerate(
    session: Session,
    key_id: KeyId,
    *,
    grace_period: Annotated[str | None, typer.Option(help="How long the old secret stays good.")] = None,
) -> None:
    """Give a key a new secret and show it, this once."""
    session.output.one(session.api.keys.regenerate(key_id, grace_period=grace_period))
    session.output.note(_ONCE)
