"""Making, changing, blocking and deleting customers, each with its audit record; all of a body, or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tollgate.errors import AlreadyThere, NotFound, Unprocessable
from tollgate.management.audited import Actor, Audited, Overtaken, persistently
from tollgate.management.customer_fields import CustomerFields
from tollgate.management.profiles import tier_named
from tollgate.management.steps import Seen, Step, Steps
from tollgate.queries.customer_info import tier_of
from tollgate.queries.parallel import each
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import Profile

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Customers:
    """One request's changes of customers. `serves` says whether a model can be asked for.

    Every method raises Conflict when others keep changing the same customers.
    """

    steps: Steps
    budgets: BudgetsTable
    audited: Audited
    serves: Callable[[str], bool]
    actor: Actor

    async def create(self, fields: CustomerFields) -> Shown:
        """A new customer. Raises AlreadyThere, NotFound for its tier, Unprocessable."""
        self.check(fields)
        step = self.steps.made(fields, await self.tier(tier_named(Profile(), fields)))

        async def attempt() -> Shown:
            try:
                return (await self.write([step]))[0]
            except Overtaken as overtaken:
                if overtaken.items:
                    raise already_there(fields.user_id) from None
                raise

        return await persistently(attempt)

    async def update(self, fields: CustomerFields) -> Shown:
        """A customer with what the body names changed. Raises NotFound, Unprocessable."""
        self.check(fields)

        async def attempt() -> Shown:
            seen = await self._one(fields.user_id)
            named = tier_named(seen.customer.profile, fields)
            links = named and "budget_id" in fields.model_fields_set
            tier = await self.tier(named) if links else seen.tier
            return (await self.write([self.steps.changed(seen, fields, tier)]))[0]

        return await persistently(attempt)

    async def reset_spend(self, customer_id: str) -> Shown:
        """A customer that has spent 0 as of now: its windows are down to what is held. Raises NotFound."""

        async def attempt() -> Shown:
            return (await self.write([self.steps.reset(await self._one(customer_id))]))[0]

        return await persistently(attempt)

    async def block(self, ids: Sequence[str]) -> list[Shown]:
        """Customers whose calls are refused from now on; those never seen are made."""

        async def attempt() -> list[Shown]:
            seen = await each(self._seen, ids)
            pairs = zip(ids, seen, strict=True)
            return await self.write([self.steps.blocked(name, one, blocked=True) for name, one in pairs])

        return await persistently(attempt)

    async def unblock(self, ids: Sequence[str]) -> list[Shown]:
        """Customers whose calls are refused no more. Raises NotFound."""

        async def attempt() -> list[Shown]:
            known = (await self._all(ids)).items()
            return await self.write([self.steps.blocked(name, one, blocked=False) for name, one in known])

        return await persistently(attempt)

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete all of them, or if one is missing, none. Raises NotFound."""

        async def attempt() -> None:
            await self.write([self.steps.deleted(one) for one in (await self._all(ids)).values()])

        return await persistently(attempt)

    def check(self, fields: CustomerFields) -> None:
        """Raise Unprocessable for a default model that is not served."""
        model = fields.default_model
        if model is not None and not self.serves(model):
            raise Unprocessable(
                f"default_model {model} is not served here: name one that /v1/models lists.",
                param="default_model",
            )

    async def tier(self, budget_id: str) -> Budget | None:
        """A tier that a body names; None for "". Raises NotFound."""
        found = await self.budgets.get(budget_id)
        if budget_id and found is None:
            raise unknown_tier(budget_id)
        return found

    async def write(self, steps: Sequence[Step]) -> list[Shown]:
        """Write what there is to write, at once; the customers as they then stand. Raises Overtaken."""
        writing = [step for step in steps if step.action]
        if writing:
            actions = [step.action for step in writing if step.action]
            await self.audited.write(actions, [self.steps.change(step) for step in writing], self.actor)
        return [shown for step in steps if (shown := self.steps.shown(step.after))]

    async def _seen(self, customer_id: str) -> Seen | None:
        customer = await self.steps.table.get(customer_id)
        return Seen(customer, await tier_of(customer, self.budgets)) if customer else None

    async def _one(self, customer_id: str) -> Seen:
        found = await self._seen(customer_id)
        if found is None:
            raise NotFound(f"End User Id={customer_id} does not exist in db", param="user_id")
        return found

    async def _all(self, ids: Sequence[str]) -> dict[str, Seen]:
        found = dict(zip(ids, await each(self._seen, ids), strict=True))
        known = {name: seen for name, seen in found.items() if seen}
        if missing := [name for name in ids if name not in known]:
            raise NotFound(f"End User Id(s)={', '.join(missing)} do not exist in db", param="user_ids")
        return known


def already_there(customer_id: str) -> AlreadyThere:
    """LiteLLM's words for a duplicate."""
    return AlreadyThere(
        f"Customer already exists, passed user_id={customer_id}. Please pass a new user_id.", param="user_id"
    )


def unknown_tier(budget_id: str) -> NotFound:
    """A tier that is not there."""
    return NotFound(f"Budget id={budget_id} does not exist in db", param="budget_id")
