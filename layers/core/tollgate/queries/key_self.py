"""What a caller is told of its own key: what it opens here, and what it needs to ask well."""

from typing import Any

import tollgate
from tollgate.keys import Caller
from tollgate.queries.budget_table import text_of
from tollgate.storage.keys import KeyProfile


def key_self(caller: Caller, timezone: str, hourly_retention_days: int) -> dict[str, Any]:
    """The caller's scopes, customer and expiry, and the deployment's zone, hours kept and version.

    The master key has no row: its names and expiry are null. The secret is not told back.
    """
    profile = caller.key.profile if caller.key else KeyProfile(scopes=tuple(sorted(caller.scopes)))
    return {
        "key_alias": profile.alias,
        "key_name": profile.name or None,
        "scopes": list(profile.scopes),
        "customer_id": profile.customer_id or None,
        "master": caller.key is None,
        "expires": text_of(profile.expires_at),
        "reporting_timezone": timezone,
        "hourly_retention_days": hourly_retention_days,
        "version": tollgate.__version__,
    }
