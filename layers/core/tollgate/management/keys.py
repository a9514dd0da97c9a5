"""Making, changing, replacing, blocking and deleting keys, each with its audit record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tollgate.errors import AlreadyThere, NotFound
from tollgate.management.audited import Actor, Audited, persistently
from tollgate.management.customers import unknown_tier
from tollgate.management.key_fields import KeyFields, KeyRegeneration, KeyUpdate, SomeKeys
from tollgate.management.key_steps import KeyStep, KeySteps, SeenKey, new_secret
from tollgate.management.profiles import tier_named
from tollgate.queries.key_info import find_key, tier_of_key
from tollgate.queries.parallel import each
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.keys import KeyProfile

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VirtualKeys:
    """One request's changes of keys; a secret is in the answer of what made it, and nowhere else.

    Every method raises Conflict when others keep changing the same keys.
    """

    steps: KeySteps
    budgets: BudgetsTable
    audited: Audited
    actor: Actor

    async def generate(self, fields: KeyFields) -> Shown:
        """A new key with its secret. Raises AlreadyThere for its alias, NotFound, Unprocessable."""
        secret = new_secret()
        tier = await self._tier(tier_named(KeyProfile(), fields))
        await self._tier(fields.end_user_budget_id or "")

        async def attempt() -> Shown:
            await self._check_alias(fields)
            return _with(secret, await self._write(self.steps.made(fields, tier, secret)))

        return await persistently(attempt)

    async def update(self, fields: KeyUpdate) -> Shown:
        """A key with what the body names changed. Raises AlreadyThere, NotFound, Unprocessable."""

        async def attempt() -> Shown:
            seen, tier = await self._asked(fields)
            return await self._write(self.steps.changed(seen, fields, tier))

        row = await persistently(attempt)
        return {"key": row["token"], **row}

    async def regenerate(self, fields: KeyRegeneration) -> Shown:
        """A key with another secret, and with what the body names changed. Raises as `update` does."""
        secret, grace = new_secret(), fields.grace(self.steps.clock.now)

        async def attempt() -> Shown:
            seen, tier = await self._asked(fields)
            step = self.steps.regenerated(seen, fields, tier, secret, grace)
            return _with(secret, await self._write(step))

        return await persistently(attempt)

    async def block(self, text: str, *, blocked: bool) -> Shown:
        """A key whose holder is let in no more, or again. Raises NotFound."""

        async def attempt() -> Shown:
            return await self._write(self.steps.blocked(await self._one(text), blocked=blocked))

        return await persistently(attempt)

    async def delete(self, asked: SomeKeys) -> list[str]:
        """Delete all of them, or if one is missing, none; their ids. Raises NotFound."""

        async def attempt() -> list[str]:
            found = {seen.key.key_id: seen for seen in await self._some(asked)}
            await self._write_all([self.steps.deleted(seen) for seen in found.values()])
            return list(found)

        return await persistently(attempt)

    async def _asked(self, fields: KeyUpdate) -> tuple[SeenKey, Budget | None]:
        """The key that a body is about, and the tier that it will be on."""
        seen = await self._one(fields.key)
        await self._check_alias(fields, seen.key.key_id)
        await self._tier(fields.end_user_budget_id or "")
        named = "budget_id" in fields.model_fields_set
        return seen, await self._tier(fields.budget_id or "") if named else seen.tier

    async def _check_alias(self, fields: KeyFields, key_id: str = "") -> None:
        alias = fields.key_alias
        if alias and await self.steps.table.owner(alias) not in ("", key_id):
            raise AlreadyThere(
                f"Key with alias '{alias}' already exists. Key aliases are unique: choose another.",
                param="key_alias",
            )

    async def _tier(self, budget_id: str) -> Budget | None:
        found = await self.budgets.get(budget_id)
        if budget_id and found is None:
            raise unknown_tier(budget_id)
        return found

    async def _one(self, text: str) -> SeenKey:
        found = await self._find(text)
        if found is None:
            raise NotFound("Key not found in database: name a secret or a key id.", param="key")
        return found

    async def _find(self, text: str) -> SeenKey | None:
        key = await find_key(text, self.steps.table)
        return SeenKey(key, await tier_of_key(key, self.budgets)) if key else None

    async def _some(self, asked: SomeKeys) -> list[SeenKey]:
        aliases = asked.key_aliases or []
        texts = asked.keys or await each(self.steps.table.owner, aliases)
        found = [seen for seen in await each(self._find, texts) if seen]
        if len(found) < len(texts):
            field = "keys" if asked.keys else "key_aliases"
            raise NotFound(
                f"{len(texts) - len(found)} of these {field} are not in the database: nothing was deleted.",
                param=field,
            )
        return found

    async def _write(self, step: KeyStep) -> Shown:
        await self._write_all([step])
        return self.steps.shown(step.after) or {}

    async def _write_all(self, steps: Sequence[KeyStep]) -> None:
        writing = [step for step in steps if step.actions]
        if writing:
            actions = [action for step in writing for action in step.actions]
            await self.audited.write(actions, [self.steps.change(step) for step in writing], self.actor)


def _with(secret: str, row: Shown) -> Shown:
    return {"key": secret, "token_id": row["token"], **row}
