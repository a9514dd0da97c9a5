"""Tiers of limits: LiteLLM's /budget routes, and its sorted page of them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from tollgate import rest
from tollgate.errors import Told
from tollgate.management.audited import Actor, Audited
from tollgate.management.budget_fields import MOST, BudgetIds, BudgetUpdate, NewBudget, OneBudget
from tollgate.management.budgets import Budgets
from tollgate.management.limit_values import DURATION, MONEY
from tollgate.queries.budget_rows import BudgetPage, page_of, row, settings_of
from tollgate.queries.budget_table import Clock
from tollgate.queries.parallel import each
from tollgate.runtime import run, services
from tollgate.scopes import ADMIN
from tollgate.settings import reporting_settings
from tollgate.storage.budgets import Budget

PAGE: Final = "/management/v1/budgets"
app = rest.api()
route = rest.Named(app)
SCOPES: Final = rest.Scopes(ADMIN)


def malformed(error: RequestValidationError) -> Response[str]:
    """LiteLLM tells bad money and durations of a tier with 400, and errors of its page as RFC 9457 has it."""
    if app.current_event.path.endswith(PAGE):
        return rest.problem(error)
    told = [fault["msg"] for fault in error.errors() if fault["type"] in (MONEY, DURATION)]
    return rest.refusal(Told(told[0]) if told else error)


app.exception_handler(RequestValidationError)(malformed)


@route.post("/budget/new")
def new(body: Annotated[NewBudget, Body()]) -> Response[str]:
    """Make a tier."""
    return rest.answer(run(_changing(lambda budgets: budgets.create(body))))


@route.post("/budget/update")
def update(body: Annotated[BudgetUpdate, Body()]) -> Response[str]:
    """Change what the body names of a tier, for all who are on it."""
    return rest.answer(run(_changing(lambda budgets: budgets.update(body))))


@route.post("/budget/delete")
def delete(body: Annotated[OneBudget, Body()]) -> Response[str]:
    """Delete a tier; who is on it goes on with the next source of limits."""
    return rest.answer(run(_changing(lambda budgets: budgets.delete(body.id))))


@route.post("/budget/info")
def info(body: Annotated[BudgetIds, Body()]) -> Response[str]:
    """The tiers there are among the ids."""
    if not body.budgets:
        raise Told("budgets is empty: name the budget ids that you ask for.")
    found = run(_some(list(dict.fromkeys(body.budgets))))
    return rest.answer([row(tier, _clock()) for tier in found])


@route.get("/budget/settings")
def settings(budget_id: Annotated[str, Query(max_length=MOST)]) -> Response[str]:
    """The fields of a form for tiers, with a tier's values."""
    found = run(_some([budget_id]))
    return rest.answer(settings_of(found[0] if found else None, _clock()))


@route.get("/budget/list")
def budget_list() -> Response[str]:
    """Every tier, by id."""
    return rest.answer([row(tier, _clock()) for tier in run(_all())])


@route.get(PAGE, responses=rest.problems("One page of tiers."))
def page(parameters: Annotated[BudgetPage, Query()]) -> Response[str]:
    """One page of tiers, sorted by a column; `-` before it turns the order round."""
    return rest.answer(page_of(run(_all()), parameters, _clock()))


async def _changing(change: Callable[[Budgets], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    at = services()
    actor: Actor = rest.actor_of(app)
    return await change(Budgets(at.budgets, Audited(at.database, at.audit), actor, _clock()))


async def _some(budget_ids: list[str]) -> list[Budget]:
    return [tier for tier in await each(services().budgets.get, budget_ids) if tier]


async def _all() -> list[Budget]:
    return [tier async for tier in services().budgets.all()]


def _clock() -> Clock:
    return Clock(datetime.now(UTC), reporting_settings().reporting_timezone)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
