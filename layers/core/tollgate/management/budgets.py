"""Making, changing and deleting tiers, each with its audit record."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from tollgate.errors import NotFound, Told
from tollgate.limits import Limits
from tollgate.management.audited import Actor, Audited, Change, Overtaken, persistently
from tollgate.management.budget_fields import BudgetUpdate, NewBudget
from tollgate.queries.budget_rows import row
from tollgate.queries.budget_table import Clock
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import first_revision

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Budgets:
    """One request's changes of tiers. Methods raise Conflict when others keep changing the same tier."""

    table: BudgetsTable
    audited: Audited
    actor: Actor
    clock: Clock

    async def create(self, fields: NewBudget) -> Shown:
        """A new tier. Raises Told when there is one of its id."""
        now, who = self.clock.now, self.actor.key_id
        limits = fields.changed(None) or Limits()
        name = fields.budget_id or str(uuid4())
        tier = Budget(name, limits, now, now, who, who, first_revision(now))

        async def attempt() -> Shown:
            try:
                return await self._write("new", self.table.create(tier), None, tier)
            except Overtaken as overtaken:
                if overtaken.items:
                    raise Told(f"Budget with id '{tier.budget_id}' already exists.") from None
                raise

        return await persistently(attempt)

    async def update(self, fields: BudgetUpdate) -> Shown:
        """A tier with the fields that were sent changed, for all who are on it. Raises NotFound."""

        async def attempt() -> Shown:
            read = await self._one(fields.budget_id)
            tier = replace(
                read,
                limits=fields.changed(read.limits) or Limits(),
                updated_at=self.clock.now,
                updated_by=self.actor.key_id,
                revision=read.revision + 1,
            )
            return await self._write("update", self.table.change(tier, read), read, tier)

        return await persistently(attempt)

    async def delete(self, budget_id: str) -> Shown:
        """The tier that was deleted. Raises NotFound.

        Customers and keys on it keep their link and go on with the next source of limits: for a customer its
        key's tier, else the deployment's default. A new tier of the same id is theirs again.
        """

        async def attempt() -> Shown:
            read = await self._one(budget_id)
            await self._write("delete", self.table.delete(read), read, None)
            return row(read, self.clock)

        return await persistently(attempt)

    async def _one(self, budget_id: str) -> Budget:
        found = await self.table.get(budget_id)
        if found is None:
            raise NotFound(f"Budget id={budget_id} does not exist in db", param="budget_id")
        return found

    async def _write(self, verb: str, action: Shown, before: Budget | None, after: Budget | None) -> Shown:
        shown = [row(tier, self.clock) if tier else None for tier in (before, after)]
        tier = after or before
        change = Change(f"budget.{verb}", tier.budget_id if tier else "", *shown)
        await self.audited.write([action], [change], self.actor)
        return shown[1] or {}
