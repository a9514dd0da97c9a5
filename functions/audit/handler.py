"""GET /audit: who changed what, when, and from where."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from tollgate import rest
from tollgate.queries.audit_log import AuditLog, AuditParameters, AuditQuestion, audit_question
from tollgate.queries.budget_table import Clock
from tollgate.runtime import run, services
from tollgate.scopes import ADMIN
from tollgate.settings import reporting_settings

app = rest.api()
route = rest.Named(app)
SCOPES: Final = rest.Scopes(ADMIN)


@route.get("/audit")
def audit(parameters: Annotated[AuditParameters, Query()]) -> Response[str]:
    """Records of management's writes, newest first; next_cursor says how to go on."""
    clock = Clock(datetime.now(UTC), reporting_settings().reporting_timezone)
    return rest.answer(run(_page(audit_question(parameters, clock), parameters.page_size)))


async def _page(asked: AuditQuestion, size: int) -> dict[str, Any]:
    return await AuditLog(services().audit).page(asked, size)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
