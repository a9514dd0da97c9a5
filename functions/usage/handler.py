"""GET /customer/daily/activity and its alias /end_user/daily/activity."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from tollgate import rest
from tollgate.queries.daily_activity import DailyActivity
from tollgate.queries.question import Parameters, Question, question, within
from tollgate.runtime import run, services
from tollgate.scopes import USAGE
from tollgate.settings import reporting_settings

app = rest.api()
route = rest.Named(app, ("/customer", "/end_user"))
SCOPES: Final = rest.Scopes(USAGE)


@route.get("/daily/activity")
def daily_activity(parameters: Annotated[Parameters, Query()]) -> Response[str]:
    """Spend, tokens and requests by day, model, provider, endpoint, key and customer."""
    asked = within(question(parameters), rest.caller_of(app).readable)
    return rest.answer(run(_daily_activity(asked)))


async def _daily_activity(asked: Question) -> dict[str, Any]:
    at = services()
    activity = DailyActivity(at.counters, at.customers, reporting_settings().reporting_timezone)
    return await activity.answer(asked)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
