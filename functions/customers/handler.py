"""Customers, under /customer and under LiteLLM's other name for them, /end_user."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from customers.wiring import asking, changing, clock, listing
from tollgate import rest
from tollgate.management.bulk import Bulk
from tollgate.management.bulk_rows import rows_of_csv, rows_of_json
from tollgate.management.customer_fields import CustomerFields, OneCustomer, SomeCustomers
from tollgate.queries.customer_list import ListParameters
from tollgate.queries.question import check_readable
from tollgate.runtime import run
from tollgate.scopes import ADMIN, USAGE

app = rest.api()
route = rest.Named(app, ("/customer", "/end_user"))
SCOPES: Final = rest.Scopes(ADMIN, {"/customer/info": USAGE, "/end_user/info": USAGE})
BULK: Final = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "array", "items": {"type": "object"}, "maxItems": 10_000}},
        rest.CSV: {"schema": {"type": "string"}},
    },
}
Fields = Annotated[CustomerFields, Body()]
Some = Annotated[SomeCustomers, Body()]


@route.post("/new")
def new(body: Fields) -> Response[str]:
    """Make a customer, with limits of its own or on a tier."""
    return rest.answer(run(changing(app, lambda customers: customers.create(body))))


@route.post("/bulk", openapi_extensions={"requestBody": BULK})
def bulk() -> Response[str]:
    """Make up to 10,000 customers of JSON or CSV, going on past bad rows; a report per row."""
    text, is_csv = app.current_event.body or "", rest.media_type(app.current_event.headers) == rest.CSV
    rows = rows_of_csv(text) if is_csv else rows_of_json(rest.parsed(text))
    return rest.answer(run(changing(app, lambda customers: Bulk(customers).create(rows))))


@route.get("/info")
def info(end_user_id: Annotated[str, Query()]) -> Response[str]:
    """One customer, its limits and what it has spent in its lifetime."""
    check_readable(frozenset({end_user_id.strip()}), rest.caller_of(app).readable)
    return rest.answer(run(_info(end_user_id)))


@route.get("/list")
def customer_list(parameters: Annotated[ListParameters, Query()]) -> Response[str]:
    """Customers, a page at a time: x-next-cursor says how to go on, x-total-count how many, where known.

    A page of a search may be short, or empty, and still have a cursor: there is more to look at.
    """
    page = run(listing(parameters))
    total = {} if page.total is None else {"x-total-count": str(page.total)}
    following = {"x-next-cursor": page.next_cursor} if page.next_cursor else {}
    return rest.answer(page.customers, headers={**total, **following})


@route.post("/update")
def update(body: Fields) -> Response[str]:
    """Change what the body names of a customer; null clears, and 0 is a limit."""
    return rest.answer(run(changing(app, lambda customers: customers.update(body))))


@route.post("/delete")
def delete(body: Some) -> Response[str]:
    """Delete customers: all of them, or if one is missing, none."""
    ids = body.ids
    run(changing(app, lambda customers: customers.delete(ids)))
    message = f"Successfully deleted customers with ids: {ids}"
    return rest.answer({"deleted_customers": len(ids), "message": message})


@route.post("/block")
def block(body: Some) -> Response[str]:
    """Refuse the calls of customers from now on, also of those never seen."""
    return rest.answer({"blocked_users": run(changing(app, lambda customers: customers.block(body.ids)))})


@route.post("/unblock")
def unblock(body: Some) -> Response[str]:
    """Refuse the calls of customers no more; answers them as they now stand."""
    return rest.answer({"blocked_users": run(changing(app, lambda customers: customers.unblock(body.ids)))})


@route.post("/reset_spend")
def reset_spend(body: Annotated[OneCustomer, Body()]) -> Response[str]:
    """Let a customer's spend, and what it used of every window, begin anew; what is held stays held."""
    return rest.answer(run(changing(app, lambda customers: customers.reset_spend(body.user_id))))


async def _info(end_user_id: str) -> dict[str, Any]:
    return await asking().answer(end_user_id, clock())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
