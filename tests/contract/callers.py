"""Who calls: an admin, a holder of a key that reads usage, and somebody without a key."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from requests import Session

from tests.contract.wire import BASE, ToFunctions, session
from tests.ministack import MASTER_KEY
from tollgate import runtime
from tollgate.keys import secret_id
from tollgate.storage.keys import Key, KeyProfile

SECRET: Final = "sk-of-the-contract"


@dataclass(frozen=True, slots=True)
class Callers:
    """One of each."""

    admin: Session
    usage_reader: Session
    nobody: Session


def everybody() -> Callers:
    """One of each, of a deployment as it stands; and a key of a known secret, for them to ask about."""
    transport = ToFunctions()
    runtime.run(_known_key())
    admin = session(transport, MASTER_KEY)
    return Callers(admin, session(transport, _usage_key(admin)), session(transport, ""))


def _usage_key(admin: Session) -> str:
    made = admin.post(f"{BASE}/key/generate", json={"scopes": ["usage:read"]})
    assert made.status_code == 200, made.text
    return str(json.loads(made.text)["key"])


async def _known_key() -> None:
    at, now, hashed = runtime.services(), datetime.now(UTC), secret_id(SECRET)
    key = Key(hashed, KeyProfile(), now, "", now, hashed)
    await at.database.transact([at.keys.create(key)])
