"""One key in LiteLLM's shape, found by a secret of it or by its id; a secret is never shown."""

import re
from typing import Any, Final

from tollgate.errors import NotFound
from tollgate.keys import PREFIX, secret_id
from tollgate.limits import Limits
from tollgate.queries.budget_table import Clock, budget_table, text_of, tier_table
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.keys import Key, KeysTable, Secret

_ID: Final = re.compile("[0-9a-f]{64}")
_NO_LIMITS: Final = Limits()
_OF_A_TABLE: Final = frozenset({"budget_id", "allowed_models", "created_at"})


async def find_key(text: str, keys: KeysTable) -> Key | None:
    """The key of a secret, also of one that was replaced, or of an id."""
    hashed = secret_id(text) if text.startswith(PREFIX) else text
    found = await keys.get(hashed) if _ID.fullmatch(hashed) else None
    if isinstance(found, Secret):
        found = await keys.get(found.key_id)
    return found if isinstance(found, Key) else None


async def key_info(text: str, keys: KeysTable, budgets: BudgetsTable, clock: Clock) -> dict[str, Any]:
    """LiteLLM's answer about one key: its id, and all that is set of it. Raises NotFound."""
    found = await find_key(text, keys)
    if found is None:
        raise NotFound(
            "Key not found in database: name a secret or a key id, as /key/list does.", param="key"
        )
    row = key_row(found, await tier_of_key(found, budgets), clock)
    return {"key": row.pop("token"), "info": row}


async def tier_of_key(key: Key, budgets: BudgetsTable) -> Budget | None:
    """The tier that a key is on, or None; a tier that was deleted is none."""
    return await budgets.get(key.profile.budget_id or "")


def key_row(key: Key, tier: Budget | None, clock: Clock) -> dict[str, Any]:
    """LiteLLM's row of a key; `token` is its id. Its own limits stand beside its tier's budget table."""
    profile = key.profile
    return {
        "token": key.key_id,
        "key_name": profile.name,
        "key_alias": profile.alias,
        "spend": key.spend,
        "expires": text_of(profile.expires_at),
        "scopes": list(profile.scopes),
        "customer_id": profile.customer_id or None,
        "models": list(profile.models),
        "metadata": dict(profile.metadata or {}),
        "blocked": profile.blocked,
        **_limits(key, clock),
        "budget_id": profile.budget_id,
        "end_user_budget_id": profile.end_user_budget_id,
        "litellm_budget_table": tier_table(tier, key.created_at, clock),
        "created_at": text_of(key.created_at),
        "created_by": key.created_by,
        "updated_at": text_of(key.updated_at),
        "last_used_at": text_of(key.last_used_at),
    }


def _limits(key: Key, clock: Clock) -> dict[str, Any]:
    shown = budget_table(None, key.profile.limits or _NO_LIMITS, key.created_at, clock)
    return {name: value for name, value in shown.items() if name not in _OF_A_TABLE}
