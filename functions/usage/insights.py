"""Answers of our own: charts, who leads, totals by day, what changed and why, what is to come."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from tollgate.queries.compare import CompareParameters, Comparison
from tollgate.queries.daily_totals import DailyTotals
from tollgate.queries.forecast import Forecast, ForecastParameters, of_month
from tollgate.queries.formats import View
from tollgate.queries.leaderboard import Leaderboard, LeaderboardParameters
from tollgate.queries.question import Question, Selection, selected
from tollgate.queries.refusals import Refusals, refusals_question
from tollgate.queries.series import Series, SeriesParameters
from tollgate.runtime import run, services
from usage import wiring
from usage.wiring import customer, show, viewing, visible


@viewing(customer, "/activity/series")
def series(parameters: Annotated[SeriesParameters, Query()]) -> Response[str]:
    """Usage over time to draw: a few models, customers, keys … told apart, all others as one, and totals."""
    return show(run(_series(visible(selected(parameters)), parameters, wiring.readable())), parameters)


@viewing(customer, "/leaderboard")
def leaderboard(parameters: Annotated[LeaderboardParameters, Query()]) -> Response[str]:
    """The customers by spend, requests, tokens or growth of spend, a page at a time."""
    return show(run(_leaderboard(visible(selected(parameters)), parameters)), parameters)


@viewing(customer, "/daily/totals")
def daily_totals(parameters: Annotated[Selection, Query()]) -> Response[str]:
    """Totals by day, and how many customers called."""
    return show(run(_daily_totals(visible(selected(parameters)))), parameters)


@viewing(customer, "/compare")
def compare(parameters: Annotated[CompareParameters, Query()]) -> Response[str]:
    """A range against the one before or the same last month: what changed by volume, mix and price."""
    return show(run(_compare(visible(selected(parameters)), parameters)), parameters)


@viewing(customer, "/forecast")
def forecast(parameters: Annotated[ForecastParameters, Query()]) -> Response[str]:
    """What this month will have cost each customer, and when their budgets run out."""
    asked = visible(of_month(parameters, wiring.reporting()))
    return show(run(_forecast(asked, parameters.limit)), parameters)


@viewing(customer, "/refusals")
def refusals(parameters: Annotated[Selection, Query()]) -> Response[str]:
    """Refused calls by reason and day."""
    return show(run(_refusals(visible(refusals_question(parameters)))), parameters)


async def _series(asked: Question, parameters: SeriesParameters, readable: frozenset[str] | None) -> View:
    parts = wiring.parts()
    return await Series(parts.source, parts.rankings, parts.names).answer(asked, parameters, readable)


async def _leaderboard(asked: Question, parameters: LeaderboardParameters) -> View:
    parts = wiring.parts()
    return await Leaderboard(parts.source, parts.rankings, parts.names).page(asked, parameters)


async def _daily_totals(asked: Question) -> View:
    parts = wiring.parts()
    return await DailyTotals(parts.source, parts.rankings).answer(asked)


async def _compare(asked: Question, parameters: CompareParameters) -> View:
    parts = wiring.parts()
    return await Comparison(parts.source, parts.rankings, parts.names).answer(asked, parameters)


async def _forecast(asked: Question, limit: int) -> View:
    parts = wiring.parts()
    return await Forecast(parts.source, parts.rankings, wiring.known()).answer(asked, limit)


async def _refusals(asked: Question) -> View:
    return await Refusals(services().refusals, wiring.reporting()).answer(asked)
