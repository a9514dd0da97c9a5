"""Who may come in: a bearer secret, in any of the headers that the clients of OpenAI and Anthropic use."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tollgate import scopes
from tollgate.errors import InvalidKey, NotAllowed, Unauthorized
from tollgate.secret_values import Secrets
from tollgate.settings import AccessSettings
from tollgate.storage.keys import Key

_HEADERS: Final = ("x-litellm-api-key", "authorization", "x-api-key", "api-key")
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that was let in: its id is the SHA-256 of its first secret, in hex. The master has no `key`."""

    key_id: str
    scopes: frozenset[str] = frozenset({scopes.ADMIN})
    key: Key | None = None

    def require(self, scope: str, route: str) -> None:
        """Raise NotAllowed unless the key has a scope that includes this one."""
        if not scopes.allows(self.scopes, scope):
            raise NotAllowed(
                f"Authentication Error, this key may not call {route}: it needs the scope {scope} and has "
                f"{', '.join(sorted(self.scopes)) or 'none'}."
            )

    @property
    def bound_to(self) -> str:
        """The customer that it speaks for, whatever a call says; "" when it is bound to none."""
        return self.key.profile.customer_id if self.key else ""


class Keys:
    """The keys of a deployment: today, its master key."""

    def __init__(self, settings: AccessSettings, secrets: Secrets) -> None:
        self._reference = settings.tollgate_master_key.get_secret_value()
        self._secrets = secrets

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller whose key the headers (in lower case) carry. Raises Unauthorized."""
        key = _presented(headers)
        master = await self._secrets.reveal(self._reference)
        if hmac.compare_digest(key.encode(), master.encode()):
            return Caller(sha256(key.encode()).hexdigest())
        if not key.startswith("sk-"):
            raise Unauthorized(
                "Authentication Error, Virtual Key expected. "
                f"Received={_masked(key)}, expected to start with 'sk-'."
            )
        raise InvalidKey("Authentication Error, Invalid proxy server token passed.", param="key")


def _presented(headers: Mapping[str, str]) -> str:
    for name in _HEADERS:
        value = headers.get(name, "").strip()
        if name == "authorization" or value.lower().startswith("bearer "):
            value = value.partition(" ")[2].strip() if value.lower().startswith("bearer ") else ""
        if value:
            return value
    raise Unauthorized("Authentication Error, No api key passed in.")


def _masked(key: str) -> str:
    return f"{key[:_SHOWN]}****{key[-_SHOWN:]}" if len(key) > 2 * _SHOWN else "****"
