"""What customers and keys are called."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from tollgate.queries.breakdown import NAMELESS, OTHERS, KeyNames, Names
from tollgate.queries.parallel import each
from tollgate.storage.customers import CustomersTable
from tollgate.storage.keys import Key, KeysTable

_BATCH: Final = 100  # in one BatchGetItem


class NameTables:
    """Looks names up, a hundred at a time, all at once."""

    def __init__(self, customers: CustomersTable, keys: KeysTable) -> None:
        self._customers = customers
        self._keys = keys

    async def aliases(self, customers: Collection[str]) -> dict[str, str | None]:
        """The aliases of the customers that are known."""
        batches = _batches(set(customers) - {"", OTHERS})
        found = await each(self._customers.get_many, batches)
        return {customer.customer_id: customer.alias for batch in found for customer in batch.values()}

    async def keys(self, key_ids: Collection[str]) -> KeyNames:
        """The metadata of keys; the master key and deleted ones do not exist."""
        ids = set(key_ids) - {"", OTHERS}
        found: dict[str, Key] = {}
        for batch in await each(self._keys.get_many, _batches(ids)):
            found |= batch
        return {one: key_metadata(found.get(one)) for one in ids}

    async def of(self, customers: Collection[str], key_ids: Collection[str]) -> Names:
        """Both at once."""
        aliases, keys = await asyncio.gather(self.aliases(customers), self.keys(key_ids))
        return Names(aliases, keys)


def key_metadata(key: Key | None) -> dict[str, Any]:
    """LiteLLM's KeyMetadata."""
    alias = key.profile.alias if key else None
    return NAMELESS | {"key_alias": alias, "key_exists": key is not None}


def _batches(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH)]
