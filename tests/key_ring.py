"""Virtual keys as they stand in the table, and their holders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import SecretStr

from tests.builders import MASTER_KEY
from tests.stack import Stack
from tollgate.keys import Caller, Keys, secret_id
from tollgate.secret_values import Secrets
from tollgate.settings import AccessSettings
from tollgate.storage.aws import SECRETS_MANAGER
from tollgate.storage.keys import Key, KeyProfile, Secret

SECRET: Final = "sk-of-an-application"


def keys(stack: Stack, master: str = MASTER_KEY, *, ttl: int = 5) -> Keys:
    """The authentication of one process."""
    settings = AccessSettings(tollgate_master_key=SecretStr(master))
    return Keys(settings, Secrets(stack.client(SECRETS_MANAGER)), stack.keys, ttl=ttl)


def presented(secret: str = SECRET) -> dict[str, str]:
    """The headers of who holds a secret."""
    return {"authorization": f"Bearer {secret}"}


async def holder(stack: Stack, secret: str = SECRET) -> Caller:
    """Who a secret lets in, in a process of its own."""
    return await keys(stack).authenticate(presented(secret))


async def put(stack: Stack, secret: str = SECRET, **profile: Any) -> Key:
    """A key of a secret, as management makes it."""
    now, hashed = datetime.now(UTC), secret_id(secret)
    key = Key(hashed, KeyProfile(**profile), now, "me", now, hashed)
    await stack.database.transact([stack.keys.create(key)])
    return key


async def replace_secret(stack: Stack, key: Key, secret: str, grace: timedelta) -> Key:
    """The key with another secret, the one before good for a grace period."""
    later, until = secret_id(secret), datetime.now(UTC) + grace
    changed = replace(
        key, secret_id=later, previous_id=key.secret_id, valid_until=until, revision=key.revision + 1
    )
    put = stack.keys.put_secret(Secret(later, key.key_id))
    await stack.database.transact([stack.keys.change(changed, key), put])
    return changed
