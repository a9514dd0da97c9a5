"""Keys: LiteLLM's /key routes. Whoever calls them is an admin, but for what a key asks of itself."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from tollgate import rest
from tollgate.management.audited import Actor, Audited
from tollgate.management.key_fields import KeyFields, KeyRegeneration, KeyUpdate, OneKey, SomeKeys
from tollgate.management.key_steps import KeySteps
from tollgate.management.keys import VirtualKeys
from tollgate.queries.budget_table import Clock
from tollgate.queries.key_info import key_info
from tollgate.queries.key_list import KeyListParameters, key_list
from tollgate.queries.key_self import key_self
from tollgate.runtime import run, services
from tollgate.scopes import ADMIN, ANY
from tollgate.settings import reporting_settings, storage_settings

app = rest.api()
route = rest.Named(app)
SCOPES: Final = rest.Scopes(ADMIN, {"/key/self": ANY})


def malformed(error: RequestValidationError) -> Response[str]:
    """What was sent is not told back here: there may be a secret in it."""
    return rest.refusal(RequestValidationError([{**fault, "input": None} for fault in error.errors()]))


app.exception_handler(RequestValidationError)(malformed)


@route.post("/key/generate")
def generate(body: Annotated[KeyFields, Body()]) -> Response[str]:
    """Make a key; its secret is in this answer, and is never shown again."""
    return rest.answer(run(_changing(lambda keys: keys.generate(body))))


@route.post("/key/update")
def update(body: Annotated[KeyUpdate, Body()]) -> Response[str]:
    """Change what the body names of a key; null clears, and 0 is a limit."""
    return rest.answer(run(_changing(lambda keys: keys.update(body))))


@route.post("/key/regenerate")
def regenerate(body: Annotated[KeyRegeneration, Body()]) -> Response[str]:
    """Give a key another secret; its id stays, and so does its usage."""
    return rest.answer(run(_changing(lambda keys: keys.regenerate(body))))


@route.post("/key/delete")
def delete(body: Annotated[SomeKeys, Body()]) -> Response[str]:
    """Delete keys: all of them, or if one is missing, none; answers their ids."""
    return rest.answer({"deleted_keys": run(_changing(lambda keys: keys.delete(body)))})


@route.post("/key/block")
def block(body: Annotated[OneKey, Body()]) -> Response[str]:
    """Let the holder of a key in no more."""
    return rest.answer(run(_changing(lambda keys: keys.block(body.key, blocked=True))))


@route.post("/key/unblock")
def unblock(body: Annotated[OneKey, Body()]) -> Response[str]:
    """Let the holder of a key in again."""
    return rest.answer(run(_changing(lambda keys: keys.block(body.key, blocked=False))))


@route.get("/key/info")
def info(key: Annotated[str, Query(max_length=512)] = "") -> Response[str]:
    """One key, by a secret of it or by its id; without either, the caller's own."""
    return rest.answer(run(_info(key or rest.caller_of(app).key_id)))


@route.get("/key/self")
def itself() -> Response[str]:
    """What the caller's own key may do, whatever its scopes; and the deployment's time zone and version."""
    zone, hours = reporting_settings().reporting_timezone, storage_settings().hourly_retention_days
    return rest.answer(key_self(rest.caller_of(app), zone, hours))


@route.get("/key/list")
def listed(parameters: Annotated[KeyListParameters, Query()]) -> Response[str]:
    """Key ids in order, a page at a time; or with return_full_object, the keys."""
    return rest.answer(run(_list(parameters)))


async def _changing(change: Callable[[VirtualKeys], Awaitable[Any]]) -> Any:
    at = services()
    actor: Actor = rest.actor_of(app)
    steps = KeySteps(at.keys, _clock(), actor.key_id)
    return await change(VirtualKeys(steps, at.budgets, Audited(at.database, at.audit), actor))


async def _info(text: str) -> dict[str, Any]:
    at = services()
    return await key_info(text, at.keys, at.budgets, _clock())


async def _list(asked: KeyListParameters) -> dict[str, Any]:
    at = services()
    return await key_list(asked, at.keys, at.budgets, _clock())


def _clock() -> Clock:
    return Clock(datetime.now(UTC), reporting_settings().reporting_timezone)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
