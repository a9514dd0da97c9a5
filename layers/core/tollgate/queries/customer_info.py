"""One customer in LiteLLM's shape (reference 2.1 and 2.2), with when it was made and last seen."""

from datetime import UTC, datetime
from typing import Any

from tollgate.customer import MAX_LENGTH
from tollgate.errors import NotFound
from tollgate.storage.customers import Customer, CustomersTable


async def customer_info(customer_id: str, customers: CustomersTable) -> dict[str, Any]:
    """A customer and its exact lifetime spend in USD. Raises NotFound."""
    found = await customers.get(customer_id) if len(customer_id) <= MAX_LENGTH else None
    if found is None:
        raise NotFound(f"End User Id={customer_id} does not exist in db", param="end_user_id")
    return customer_response(found)


def customer_response(customer: Customer) -> dict[str, Any]:
    """LiteLLM's CustomerResponse."""
    return {
        "user_id": customer.customer_id,
        "blocked": customer.blocked,
        "alias": customer.alias,
        "spend": customer.spend,
        "allowed_model_region": None,
        "default_model": None,
        "models": [],
        "budget_id": None,
        "litellm_budget_table": None,
        "object_permission_id": None,
        "object_permission": None,
        "created_at": _text(customer.created_at),
        "last_seen_at": _text(customer.last_seen_at),
    }


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
