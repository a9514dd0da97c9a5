"""Changes of single keys: what is written, and how the key stands before and after."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from tollgate.keys import PREFIX, secret_id
from tollgate.management.audited import Change
from tollgate.management.key_fields import KeyFields
from tollgate.management.profiles import check_size, replaced
from tollgate.queries.budget_table import Clock
from tollgate.queries.key_info import key_row
from tollgate.storage.budgets import Budget
from tollgate.storage.keys import Key, KeyProfile, KeysTable, Secret, size_of

_PLAIN: Final = ("scopes", "models", "blocked", "metadata")
_BYTES: Final = 32
_SHOWN: Final = 4


class SeenKey(NamedTuple):
    """A key as it was read, and the tier that it is on."""

    key: Key
    tier: Budget | None = None


class KeyStep(NamedTuple):
    """One key's change; `after` None when it is deleted, no `actions` when nothing is to be written."""

    verb: str
    actions: Sequence[Mapping[str, Any]]
    before: SeenKey | None
    after: SeenKey | None


@dataclass(frozen=True, slots=True)
class KeySteps:
    """The steps of one request, at its moment, by one key's holder."""

    table: KeysTable
    clock: Clock
    actor_id: str

    def made(self, fields: KeyFields, tier: Budget | None, secret: str) -> KeyStep:
        """A new key. Raises Unprocessable."""
        profile = self._profile(KeyProfile(name=masked(secret)), fields, tier)
        now, hashed = self.clock.now, secret_id(secret)
        key = Key(hashed, profile, now, self.actor_id, now, hashed)
        alias = [self.table.claim(profile.alias, hashed)] if profile.alias else []
        return KeyStep("generate", [self.table.create(key), *alias], None, _seen(key, tier))

    def changed(self, seen: SeenKey, fields: KeyFields, tier: Budget | None) -> KeyStep:
        """A key changed as a body says; `tier` is the one it names, or is on. Raises Unprocessable."""
        return self._replaced("update", seen, self._profile(seen.key.profile, fields, tier), tier)

    def blocked(self, seen: SeenKey, *, blocked: bool) -> KeyStep:
        """A key blocked or not."""
        profile = msgspec.structs.replace(seen.key.profile, blocked=blocked)
        return self._replaced("block" if blocked else "unblock", seen, profile, seen.tier)

    def regenerated(
        self, seen: SeenKey, fields: KeyFields, tier: Budget | None, secret: str, grace: datetime
    ) -> KeyStep:
        """A key with another secret, the one before good until the end of its grace; none before that is."""
        read, hashed = seen.key, secret_id(secret)
        profile = self._profile(read.profile, fields, tier)
        changed = replace(
            self._after(read, msgspec.structs.replace(profile, name=masked(secret))),
            secret_id=hashed,
            previous_id=read.secret_id,
            valid_until=grace,
        )
        forgotten = set(read.later_secrets) - {read.secret_id}
        actions = [
            *self._change(changed, read),
            self.table.put_secret(Secret(hashed, read.key_id)),
            *map(self.table.forget_secret, forgotten),
        ]
        return KeyStep("regenerate", actions, seen, _seen(changed, tier))

    def deleted(self, seen: SeenKey) -> KeyStep:
        """A key gone."""
        return KeyStep("delete", self.table.delete(seen.key), seen, None)

    def shown(self, seen: SeenKey | None) -> dict[str, Any] | None:
        """A key as the API shows it."""
        return key_row(seen.key, seen.tier, self.clock) if seen else None

    def change(self, step: KeyStep) -> Change:
        """A step for the audit."""
        seen = step.after or step.before
        name = seen.key.key_id if seen else ""
        return Change(f"key.{step.verb}", name, self.shown(step.before), self.shown(step.after))

    def _profile(self, profile: KeyProfile, fields: KeyFields, tier: Budget | None) -> KeyProfile:
        found = replaced(profile, fields, tier.limits if tier else None, _PLAIN)
        found = msgspec.structs.replace(found, **_renamed(fields, self.clock.now))
        check_size("key", size_of(found))
        return found

    def _replaced(self, verb: str, seen: SeenKey, profile: KeyProfile, tier: Budget | None) -> KeyStep:
        if profile == seen.key.profile:
            return KeyStep(verb, [], seen, seen)
        changed = self._after(seen.key, profile)
        return KeyStep(verb, self._change(changed, seen.key), seen, _seen(changed, tier))

    def _after(self, read: Key, profile: KeyProfile) -> Key:
        return replace(read, profile=profile, updated_at=self.clock.now, revision=read.revision + 1)

    def _change(self, changed: Key, read: Key) -> list[dict[str, Any]]:
        old, new = read.profile.alias, changed.profile.alias
        actions = [self.table.change(changed, read)]
        if new != old:
            actions += [self.table.release(old)] if old else []
            actions += [self.table.claim(new, read.key_id)] if new else []
        return actions


def new_secret() -> str:
    """A key's secret: 256 bits of chance."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def masked(secret: str) -> str:
    """A secret as people may see it: sk-...abcd."""
    return f"{PREFIX}...{secret[-_SHOWN:]}"


def _renamed(fields: KeyFields, now: datetime) -> dict[str, Any]:
    """The fields that a profile has under another name, or another value."""
    sent = fields.model_fields_set
    found: dict[str, Any] = {}
    if "key_alias" in sent:
        found["alias"] = fields.key_alias or None
    if "customer_id" in sent:
        found["customer_id"] = fields.customer_id or ""
    if "end_user_budget_id" in sent:
        found["end_user_budget_id"] = fields.end_user_budget_id or None
    if sent & {"duration", "expires"}:
        found["expires_at"] = fields.end(now)
    return found


def _seen(key: Key, tier: Budget | None) -> SeenKey:
    return SeenKey(key, tier if key.profile.budget_id else None)
