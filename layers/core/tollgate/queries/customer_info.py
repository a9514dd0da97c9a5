"""One customer in LiteLLM's shape (reference 2.1 and 2.2), with when it was made, changed and last seen."""

from typing import Any, NamedTuple

from tollgate.admission.history import Owner
from tollgate.admission.policy import Policies, Stores
from tollgate.customer import MAX_LENGTH
from tollgate.days import day_of
from tollgate.errors import NotFound
from tollgate.queries.balances import Balanced, Balances
from tollgate.queries.budget_table import Clock, budget_table, text_of, tier_table
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import Customer
from tollgate.storage.wallets import Standing


class CustomerInfo(NamedTuple):
    """What one customer is asked about: who it is, what limits it has, and what they leave."""

    stores: Stores
    policies: Policies
    balances: Balances

    async def answer(self, customer_id: str, clock: Clock) -> dict[str, Any]:
        """A customer, its exact lifetime spend in USD, and every budget that holds for it. Raises NotFound.

        `limits_source` says where the limits come from: the customer, a tier (`budget:<id>`), or "" without.
        """
        name = customer_id.strip()
        found = await self.stores.customers.get(name) if len(name) <= MAX_LENGTH else None
        if found is None:
            raise NotFound(f"End User Id={customer_id} does not exist in db", param="end_user_id")
        limits, source = await self.policies.limits_of(found)
        owner = Owner(name, is_key=False, made=day_of(found.created_at, clock.zone_name))
        standing = Standing(found.wallet, found.revision, found.last_seen_at is not None, found.opening)
        return {
            **customer_response(found, await tier_of(found, self.stores.budgets), clock),
            "limits_source": source,
            "budgets": await self.balances.of(Balanced(owner, limits, standing), clock.now),
        }


async def tier_of(customer: Customer, budgets: BudgetsTable) -> Budget | None:
    """The tier that a customer is on, or None; a tier that was deleted is none."""
    return await budgets.get(customer.profile.budget_id or "")


def customer_response(customer: Customer, tier: Budget | None, clock: Clock) -> dict[str, Any]:
    """LiteLLM's CustomerResponse; the budget table is of the customer's own limits, or else of its tier."""
    profile = customer.profile
    return {
        "user_id": customer.customer_id,
        "blocked": profile.blocked,
        "alias": profile.alias,
        "spend": customer.spend,
        "allowed_model_region": profile.allowed_model_region,
        "default_model": profile.default_model,
        "models": list(profile.models),
        "budget_id": profile.budget_id,
        "litellm_budget_table": _limits(customer, tier, clock),
        "object_permission_id": None,
        "object_permission": profile.object_permission,
        "metadata": profile.metadata,
        "created_at": text_of(customer.created_at),
        "updated_at": text_of(customer.updated_at),
        "last_seen_at": text_of(customer.last_seen_at),
    }


def _limits(customer: Customer, tier: Budget | None, clock: Clock) -> dict[str, Any] | None:
    if customer.profile.limits is not None:
        return budget_table(None, customer.profile.limits, customer.created_at, clock)
    return tier_table(tier, customer.created_at, clock)
