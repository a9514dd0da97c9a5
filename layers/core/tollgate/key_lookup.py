"""Which key a secret is of: one read in POLICY_TTL_SECONDS, also for a secret that is none of ours."""

import asyncio
from datetime import datetime
from typing import Final, NamedTuple

from tollgate import observability
from tollgate.cached import Cached
from tollgate.errors import StoreUnavailable
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.keys import Key, KeysTable, Secret

_GOOD_FOR: Final = 60.0  # seconds that a key is still good for when the store cannot be asked


class Known(NamedTuple):
    """A secret's key, as it was read; `valid_until` is the end of a secret that was replaced."""

    key: Key
    valid_until: datetime | None


class _Read(NamedTuple):
    at: float
    known: Known | None


class KeyLookup:
    """Finds keys by the SHA-256 of a secret, and remembers a bounded number of answers for a while."""

    def __init__(self, table: KeysTable, ttl: float) -> None:
        self._table = table
        self._cached = Cached[str, _Read](self._read, ttl)

    async def find(self, secret_id: str) -> Known | None:
        """The key of a secret, or None. Raises StoreUnavailable."""
        try:
            return (await self._cached.get(secret_id)).known
        except (AwsError, AwsUnavailable) as error:
            reason = getattr(error, "code", type(error).__name__)
            observability.logger.error("key not looked up", extra={"reason": reason})
            known = self.recent(secret_id)
            if known is None:
                raise StoreUnavailable("The key could not be looked up; try again.") from error
            return known

    def recent(self, secret_id: str) -> Known | None:
        """The key of a secret that was read within the last minute, without a look into the store."""
        read = self._cached.stale(secret_id, _Read(0, None))
        return read.known if _now() - read.at <= _GOOD_FOR else None

    async def _read(self, secret_id: str) -> _Read:
        at = _now()
        found = await self._table.get(secret_id)
        key = await self._table.get(found.key_id) if isinstance(found, Secret) else found
        return _Read(at, Known(key, _end(key, secret_id)) if isinstance(key, Key) else None)


def _end(key: Key, secret_id: str) -> datetime | None:
    """Until when a secret of a key is good; None for the present one."""
    if secret_id == key.secret_id:
        return None
    return key.valid_until if secret_id == key.previous_id else key.created_at


def _now() -> float:
    return asyncio.get_running_loop().time()
