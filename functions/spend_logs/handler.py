"""The spend logs: LiteLLM's old and new routes, one entry explained, and what was spent by tag."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from spend_logs import wiring
from tollgate import rest
from tollgate.queries import tag_spend
from tollgate.queries.log_parameters import LogParameters
from tollgate.queries.tag_spend import TagParameters
from tollgate.runtime import run
from tollgate.scopes import USAGE
from tollgate.settings import reporting_settings

app = rest.api()
route = rest.Named(app)
SCOPES: Final = rest.Scopes(USAGE)
Logs = Annotated[LogParameters, Query()]
Tags = Annotated[TagParameters, Query()]


@route.get("/spend/logs")
def logs(parameters: Logs) -> Response[str]:
    """LiteLLM's old logs: spend by day, or with summarize=false rows; x-next-cursor says how to go on."""
    return rest.show(app, run(wiring.rows(parameters, _may())), parameters.format)


@route.get("/spend/logs/v2")
@route.get("/spend/logs/ui")
def page(parameters: Logs) -> Response[str]:
    """Calls, newest first, a page at a time by number or cursor; or with `since` those that came since."""
    return rest.show(app, run(wiring.page(parameters, _may())), parameters.format)


@route.get("/spend/logs/<request_id>")
def entry(request_id: Annotated[str, Path(max_length=64)]) -> Response[str]:
    """One call, its cost worked out class by class; a key of some customers is told quantities and charge."""
    return rest.answer(run(wiring.entry(request_id, _may())))


@route.get("/spend/tags")
def tags(parameters: Tags) -> Response[str]:
    """Spend and calls by tag; a call counts under each of its tags."""
    found = run(wiring.by_tag(parameters, _may()))
    return rest.show(app, tag_spend.spend_tags(found, _zone()), parameters.format)


@route.get("/global/spend/tags")
def spend_per_tag(parameters: Tags) -> Response[str]:
    """Spend and calls by tag, of some tags or all."""
    found = run(wiring.by_tag(parameters, _may()))
    return rest.show(app, tag_spend.spend_per_tag(found, _zone()), parameters.format)


@route.get("/global/spend/all_tag_names")
def tag_names(parameters: Tags) -> Response[str]:
    """The tags that calls had."""
    found = run(wiring.by_tag(parameters, _may()))
    return rest.show(app, tag_spend.tag_names(found, _zone()), parameters.format)


def _may() -> frozenset[str] | None:
    return rest.caller_of(app).readable


def _zone() -> str:
    return reporting_settings().reporting_timezone


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
