"""Who calls: an admin, a holder of a key that reads usage, and somebody without a key."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from requests import Session

from audit.handler import handler as audit
from budgets.handler import handler as budgets
from customers.handler import handler as customers
from keys.handler import handler as keys
from spend_logs.handler import handler as spend_logs
from tests.contract.wire import BASE, Handler, ToFunctions, session
from tests.ministack import MASTER_KEY
from tollgate import runtime
from tollgate.keys import secret_id
from tollgate.storage.keys import Key, KeyProfile
from usage.handler import handler as usage

SECRET: Final = "sk-of-the-contract"
ROUTES: Final[tuple[tuple[str, Handler], ...]] = (
    *((path, spend_logs) for path in ("/spend/logs", "/spend/tags", "/global/spend/tags")),
    ("/global/spend/all_tag_names", spend_logs),
    ("/audit", audit),
    ("/budget/", budgets),
    ("/management/v1/budgets", budgets),
    ("/key/", keys),
    ("/customer/daily/", usage),
    ("/end_user/daily/", usage),
    ("/customer/", customers),
    ("/end_user/", customers),
)


@dataclass(frozen=True, slots=True)
class Callers:
    """One of each."""

    admin: Session
    usage_reader: Session
    nobody: Session


def everybody() -> Callers:
    """One of each, of a deployment as it stands; and a key of a known secret, for them to ask about."""
    transport = ToFunctions(ROUTES)
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
