"""GET /customer/info and its alias /end_user/info."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from tollgate import rest
from tollgate.queries.customer_info import customer_info
from tollgate.runtime import run, services
from tollgate.scopes import ADMIN, USAGE

app = rest.api()
SCOPES: Final = rest.Scopes(ADMIN, {"/customer/info": USAGE, "/end_user/info": USAGE})


_ABOUT: Final = "One customer and what it has spent in its lifetime."


@app.get("/customer/info", description=_ABOUT)
@app.get("/end_user/info", description=_ABOUT)
def info(end_user_id: Annotated[str, Query()]) -> Response[str]:
    """One customer and what it has spent in its lifetime."""
    return rest.answer(run(_info(end_user_id)))


async def _info(end_user_id: str) -> dict[str, Any]:
    return await customer_info(end_user_id, services().customers)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
