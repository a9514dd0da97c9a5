"""Usage by day: LiteLLM's daily activity, aggregated, by key, and as a download."""

from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from tollgate.queries import daily_activity as days
from tollgate.queries import key_activity as keys
from tollgate.queries.daily_activity import DailyActivity
from tollgate.queries.export import ExportParameters, export
from tollgate.queries.formats import View
from tollgate.queries.key_activity import KeysParameters, SearchParameters, TopKeysParameters
from tollgate.queries.question import EntityLimit, Parameters, Question, Selection, question, selected
from tollgate.runtime import run
from usage import wiring
from usage.wiring import customer, show, viewing, visible


class AggregatedParameters(Selection):
    """The query string of the aggregated activity."""

    api_key_limit: Annotated[int, Field(ge=1, le=1000)] = 100
    entity_limit: EntityLimit = None


@viewing(customer, "/daily/activity")
def daily_activity(parameters: Annotated[Parameters, Query()]) -> Response[str]:
    """Spend, tokens and requests by day, model, provider, endpoint, key and customer."""
    return show(run(_activity(visible(question(parameters)))), parameters)


@viewing(customer, "/daily/activity/aggregated")
def aggregated(parameters: Annotated[AggregatedParameters, Query()]) -> Response[str]:
    """The same of all days at once."""
    asked = visible(selected(parameters))
    return show(run(_activity(asked, parameters.entity_limit, parameters.api_key_limit)), parameters)


@viewing(customer, "/daily/activity/aggregated/keys")
def aggregated_keys(parameters: Annotated[KeysParameters, Query()]) -> Response[str]:
    """What each key spent, a page at a time, the largest spend first."""
    return show(run(_keys(visible(selected(parameters)), parameters)), parameters)


@viewing(customer, "/daily/activity/aggregated/search")
def aggregated_search(parameters: Annotated[SearchParameters, Query()]) -> Response[str]:
    """What the keys spent whose id or alias contains a text."""
    return show(run(_keys(visible(selected(parameters)), parameters)), parameters)


@viewing(customer, "/daily/activity/aggregated/model_top_keys")
def model_top_keys(parameters: Annotated[TopKeysParameters, Query()]) -> Response[str]:
    """The keys that spent most on a model."""
    return show(run(_keys(visible(selected(parameters)), parameters)), parameters)


@viewing(customer, "/daily/activity/export")
def download(parameters: Annotated[ExportParameters, Query()]) -> Response[str]:
    """Rows to download, by day or hour and customer, and by key, model or user."""
    return show(run(_export(visible(selected(parameters)), parameters)), parameters)


async def _activity(asked: Question, entity_limit: int | None = None, keys_told: int | None = None) -> View:
    parts = wiring.parts()
    activity = DailyActivity(parts.source, parts.rankings, parts.names)
    limited = asked if entity_limit is None else replace(asked, entity_limit=entity_limit)
    answered = await activity.answer(limited, keys_told)
    zone = answered["metadata"]["timezone"]
    return View(answered, days.COLUMNS, days.rows(answered), zone)


async def _keys(asked: Question, parameters: KeysParameters | SearchParameters | TopKeysParameters) -> View:
    parts = wiring.parts()
    reading = parts.reading(asked)
    answered = await keys.answer(await parts.names.beside(reading.sheet()), parameters, parts.names)
    return View(answered, keys.COLUMNS, keys.rows(answered), reading.calendar.zone_name)


async def _export(asked: Question, parameters: ExportParameters) -> View:
    parts = wiring.parts()
    return await export(asked, parameters.export_type, parts.source, parts.names)
