"""Keys in order of their ids, a page at a time, in LiteLLM's shape."""

from math import ceil
from typing import Annotated, Any

from pydantic import BaseModel, Field

from tollgate.customer import MAX_LENGTH
from tollgate.queries.budget_table import Clock
from tollgate.queries.key_info import key_row
from tollgate.queries.parallel import each
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.keys import KeysTable


class KeyListParameters(BaseModel):
    """The query string of a list; `key_alias` is a whole alias."""

    page: Annotated[int, Field(ge=1)] = 1
    size: Annotated[int, Field(ge=1, le=100)] = 10
    return_full_object: bool = False
    key_alias: Annotated[str, Field(max_length=MAX_LENGTH)] = ""


async def key_list(
    asked: KeyListParameters, keys: KeysTable, budgets: BudgetsTable, clock: Clock
) -> dict[str, Any]:
    """LiteLLM's page of keys: their ids, or whole rows."""
    ids = await _ids(asked.key_alias.strip(), keys)
    start = (asked.page - 1) * asked.size
    shown: list[Any] = ids[start : start + asked.size]
    if asked.return_full_object:
        shown = await _rows(shown, keys, budgets, clock)
    return {
        "keys": shown,
        "total_count": len(ids),
        "current_page": asked.page,
        "total_pages": ceil(len(ids) / asked.size),
    }


async def _ids(alias: str, keys: KeysTable) -> list[str]:
    if alias:
        owner = await keys.owner(alias)
        return [owner] if owner else []
    return [key_id async for key_id in keys.directory.all()]


async def _rows(ids: list[str], keys: KeysTable, budgets: BudgetsTable, clock: Clock) -> list[dict[str, Any]]:
    found = await keys.get_many(ids)
    named = {key.profile.budget_id for key in found.values() if key.profile.budget_id}
    tiers = {tier.budget_id: tier for tier in await each(budgets.get, named) if tier}
    return [
        key_row(found[one], tiers.get(found[one].profile.budget_id or ""), clock)
        for one in ids
        if one in found
    ]
