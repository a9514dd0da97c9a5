"""Who may come in: a bearer secret, in any of the headers that the clients of OpenAI and Anthropic use."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from tollgate import observability, scopes
from tollgate.errors import BlockedKey, ExpiredKey, InvalidKey, NotAllowed, RateLimited, Unauthorized
from tollgate.key_lookup import KeyLookup, Known
from tollgate.secret_values import Secrets
from tollgate.settings import AccessSettings
from tollgate.slowing import Slowing
from tollgate.storage.keys import Key, KeysTable

PREFIX: Final = "sk-"
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

    @property
    def readable(self) -> frozenset[str] | None:
        """The customers whose usage it may read; None for everybody's."""
        found = scopes.readable(self.scopes)
        if not self.bound_to or scopes.ADMIN in self.scopes:
            return found
        own = frozenset({self.bound_to})
        return own if found is None else own & found


class Keys:
    """The keys of a deployment: its master key, and those in its table, remembered for `ttl` seconds."""

    def __init__(self, settings: AccessSettings, secrets: Secrets, table: KeysTable, ttl: float) -> None:
        self._reference = settings.tollgate_master_key.get_secret_value()
        self._secrets = secrets
        self._lookup = KeyLookup(table, ttl)
        self._slowing = Slowing()
        self._master_was_here = False

    async def authenticate(self, headers: Mapping[str, str], source: str = "") -> Caller:
        """The caller whose key the headers (in lower case) carry; `source` is the address it calls from.

        Raises Unauthorized, RateLimited for a source that keeps failing, StoreUnavailable.
        """
        secret = _presented(headers)
        try:
            return await self._known(secret, source)
        except (Unauthorized, RateLimited):
            observability.count("AuthFailures")
            raise

    async def for_proxy(self, headers: Mapping[str, str], source: str = "") -> Caller:
        """A caller that may call models. Raises Unauthorized, RateLimited, StoreUnavailable."""
        caller = await self.authenticate(headers, source)
        caller.require(scopes.PROXY, "the proxy's routes")
        return caller

    async def _known(self, secret: str, source: str) -> Caller:
        master = await self._secrets.reveal(self._reference)
        if hmac.compare_digest(secret.encode(), master.encode()):
            return self._master(secret, source)
        try:
            return await self._virtual(secret, source)
        except Unauthorized:
            self._slowing.failed(source)
            raise

    def _master(self, secret: str, source: str) -> Caller:
        # Only who was let in here before is not slowed: a master key that people chose can be guessed.
        if not self._master_was_here:
            self._slowing.check(source)
        self._master_was_here = True
        return Caller(secret_id(secret))

    async def _virtual(self, secret: str, source: str) -> Caller:
        hashed = secret_id(secret)
        if fault_of(self._lookup.recent(hashed), datetime.now(UTC)):
            self._slowing.check(source)
        if not secret.startswith(PREFIX):
            raise Unauthorized(
                "Authentication Error, Virtual Key expected. "
                f"Received={_masked(secret)}, expected to start with '{PREFIX}'."
            )
        known = await self._lookup.find(hashed)
        if fault := fault_of(known, datetime.now(UTC)):
            raise fault
        assert known is not None  # noqa: S101 - or there was a fault
        return Caller(known.key.key_id, frozenset(known.key.profile.scopes), known.key)


def secret_id(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hex."""
    return sha256(secret.encode()).hexdigest()


def fault_of(known: Known | None, now: datetime) -> Unauthorized | None:
    """Why a key does not let its holder in, if so."""
    if known is None:
        return InvalidKey("Authentication Error, Invalid proxy server token passed.", param="key")
    expires_at = known.key.profile.expires_at
    if known.valid_until is not None and known.valid_until <= now:
        told = "this secret of the key was replaced. Use the new one"
        return ExpiredKey(f"Authentication Error, {told}.", param="key")
    if expires_at is not None and expires_at <= now:
        told = f"Expired Key. It expired at {expires_at.isoformat(timespec='seconds')}"
        return ExpiredKey(f"Authentication Error, {told}.", param="key")
    if known.key.profile.blocked:
        told = "Key is blocked. An admin can lift that with /key/unblock"
        return BlockedKey(f"Authentication Error, {told}.", param="key")
    return None


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
