"""Spend and activity of everybody, in the shapes of LiteLLM's /global and /spend routes."""

from collections.abc import Callable
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from tollgate.queries import global_activity, global_spend, spend_report
from tollgate.queries.breakdown import Sheet
from tollgate.queries.end_users import EndUsersParameters, end_users
from tollgate.queries.formats import View
from tollgate.queries.global_spend import GlobalParameters, LimitedParameters, in_range
from tollgate.queries.question import Question, selected
from tollgate.queries.spend_report import ReportParameters
from tollgate.runtime import run, services
from usage import wiring
from usage.wiring import everybody, show, viewing, visible

Plain = Annotated[GlobalParameters, Query()]
Limited = Annotated[LimitedParameters, Query()]


@viewing(everybody, "/global/spend")
def spend(parameters: Plain) -> Response[str]:
    """What everybody spent, in USD, in a range or the last 30 days."""
    return show(run(_of_sheet(_asked(parameters), global_spend.whole)), parameters)


@viewing(everybody, "/global/spend/logs")
def spend_by_day(parameters: Plain) -> Response[str]:
    """What everybody, or one key, spent by day."""
    return show(run(_of_sheet(_asked(parameters), global_spend.by_date)), parameters)


@viewing(everybody, "/global/spend/keys")
def spend_by_key(parameters: Limited) -> Response[str]:
    """The keys that spent most."""
    return show(run(_keys(_asked(parameters), parameters.limit)), parameters)


@viewing(everybody, "/global/spend/models")
def spend_by_model(parameters: Limited) -> Response[str]:
    """The models, as providers call them, that most was spent on."""
    limit = parameters.limit

    def models(found: Sheet, zone: str) -> View:
        return global_spend.models(found, zone, limit)

    return show(run(_of_sheet(_asked(parameters), models)), parameters)


@viewing(everybody, "/global/spend/provider")
def spend_by_provider(parameters: Plain) -> Response[str]:
    """What was spent at each provider."""
    return show(run(_of_sheet(_asked(parameters), global_spend.providers)), parameters)


@viewing(everybody, "/global/spend/end_users")
def spend_by_end_user(parameters: Limited) -> Response[str]:
    """The customers that spent most."""
    return show(run(_end_users(_asked(parameters), parameters.limit)), parameters)


@viewing(everybody, "/global/spend/report")
def report(parameters: Annotated[ReportParameters, Query()]) -> Response[str]:
    """What customers spent by day, model and key, or what keys spent by model."""
    return show(run(_report(_asked(parameters), parameters.group_by)), parameters)


@viewing(everybody, "/global/activity")
def activity(parameters: Plain) -> Response[str]:
    """Requests and tokens by day."""
    return show(run(_of_sheet(_asked(parameters), global_activity.activity)), parameters)


@viewing(everybody, "/global/activity/model")
def activity_by_model(parameters: Plain) -> Response[str]:
    """Requests and tokens by day, of each of the ten models that most was spent on."""
    return show(run(_of_sheet(_asked(parameters), global_activity.activity_by_model)), parameters)


@viewing(everybody, "/global/all_end_users")
def all_end_users(parameters: Annotated[EndUsersParameters, Query()]) -> Response[str]:
    """The ids of all customers in order, a page at a time; x-next-cursor says how to go on."""
    return show(run(_all_end_users(parameters, wiring.readable())), parameters)


@viewing(everybody, "/spend/keys")
def keys(parameters: Plain) -> Response[str]:
    """The keys with calls in a range or the last 30 days, the largest spend first."""
    return show(run(_keys_by_spend(_asked(parameters))), parameters)


@viewing(everybody, "/spend/users")
def users(parameters: Limited) -> Response[str]:
    """The customers with the largest spend in a range or the last 30 days; there are no other users here."""
    return show(run(_users_by_spend(_asked(parameters), parameters.limit)), parameters)


def _asked(parameters: GlobalParameters) -> Question:
    return visible(selected(in_range(parameters, wiring.reporting())))


async def _of_sheet(asked: Question, shape: Callable[[Sheet, str], View]) -> View:
    reading = wiring.parts().reading(asked)
    return shape(await reading.sheet(), reading.calendar.zone_name)


async def _keys(asked: Question, limit: int) -> View:
    parts = wiring.parts()
    reading = parts.reading(asked)
    found = await parts.names.beside(reading.sheet())
    return await global_spend.keys(found, reading.calendar.zone_name, limit, parts.names)


async def _keys_by_spend(asked: Question) -> View:
    parts = wiring.parts()
    reading = parts.reading(asked)
    found = await parts.names.beside(reading.sheet())
    return await global_spend.keys_by_spend(found, reading.calendar.zone_name, parts.names)


async def _end_users(asked: Question, limit: int) -> View:
    chosen = wiring.parts().selected(asked)
    return global_spend.end_users(await chosen.board(), chosen.reading.calendar.zone_name, limit)


async def _users_by_spend(asked: Question, limit: int) -> View:
    parts = wiring.parts()
    chosen = parts.selected(asked)
    zone = chosen.reading.calendar.zone_name
    return await global_spend.users_by_spend(await chosen.board(), zone, limit, parts.names)


async def _report(asked: Question, group_by: str) -> View:
    chosen = wiring.parts().selected(asked)
    zone = chosen.reading.calendar.zone_name
    if group_by == "customer":
        return spend_report.by_customer(await chosen.shares(), zone)
    return spend_report.by_key(await chosen.reading.sheet(), zone)


async def _all_end_users(parameters: EndUsersParameters, readable: frozenset[str] | None) -> View:
    return await end_users(parameters, services().directory, readable)
