"""The keys table: what each key may do, with its wallet; a secret itself is stored nowhere.

A key is known by the SHA-256 of its first secret, and keeps that id when its secret is replaced: each later
secret has an item of its own that says whose it is, and so has an alias, for it to be one key's only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from tollgate.limits import Limits
from tollgate.money import ZERO
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database
from tollgate.storage.key_directory import LISTED, KeyDirectory
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Wallet, parse_wallet

_ALIAS: Final = "alias#"  # no hash in hex begins like that
_OPTIONAL: Final = ("valid_until", "alias")  # the alias again, for the index
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class KeyProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What management sets of a key. `customer_id` binds it: it then speaks for that customer only."""

    name: str = ""  # the secret, masked, for people: sk-...abcd
    alias: str | None = None
    scopes: tuple[str, ...] = ("proxy",)
    customer_id: str = ""
    models: tuple[str, ...] = ()  # empty allows every model
    limits: Limits | None = None
    budget_id: str | None = None
    end_user_budget_id: str | None = None
    blocked: bool = False
    expires_at: datetime | None = None
    metadata: Mapping[str, Any] | None = None


_decode: Final = msgspec.json.Decoder(KeyProfile, float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `secret_id` is the SHA-256 of its present secret.

    `previous_id` is that of the one before, "" without one, good until `valid_until`; no other is good.
    """

    key_id: str
    profile: KeyProfile
    created_at: datetime
    created_by: str
    updated_at: datetime
    secret_id: str
    previous_id: str = ""
    valid_until: datetime | None = None
    last_used_at: datetime | None = None
    spend: Decimal = ZERO
    revision: int = 1
    wallet: Wallet = Wallet()  # noqa: RUF009 - frozen, so sharing it is safe

    @property
    def later_secrets(self) -> list[str]:
        """Its secrets that have an item of their own."""
        return [secret for secret in (self.secret_id, self.previous_id) if secret not in ("", self.key_id)]


@dataclass(frozen=True, slots=True)
class Secret:
    """A later secret of a key: whose it is."""

    secret_id: str
    key_id: str


class KeysTable:
    """Keys by id, secrets by hash; with `storage/wallets.py` the only place that names their attributes."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self.name = table
        self.directory = KeyDirectory(database, table)

    def account(self, key_id: str) -> Account:
        """Whose wallet a key's is."""
        return Account(self.name, "key_id", key_id)

    def used(self, update: WalletUpdate, spend: Decimal, last: datetime) -> None:
        """Add to a key's lifetime spend, in the write that settles its wallet; a deleted one stays so."""
        update.increase("spend", spend)
        update.set("last_seen_at", last.isoformat(timespec="milliseconds"))
        must_stand(update)

    async def get(self, secret_id: str) -> Key | Secret | None:
        """What the hash of a secret stands for: a key, a later secret of one, or nothing."""
        item = await self._database.get(self.name, _key(secret_id))
        if item is None:
            return None
        if "of_key" in item:
            return Secret(item["key_id"], item["of_key"])
        return _parse(item)

    async def owner(self, alias: str) -> str:
        """The id of the key that has an alias; "" when none has."""
        item = await self._database.get(self.name, _key(f"{_ALIAS}{alias}"))
        return str(item["of_key"]) if item else ""

    async def get_many(self, key_ids: list[str]) -> dict[str, Key]:
        """The keys there are among the ids."""
        found: dict[str, Key] = {}
        for start in range(0, len(key_ids), 100):
            keys = [_key(one) for one in dict.fromkeys(key_ids[start : start + 100])]
            items = await self._database.get_many(self.name, keys)
            found |= {item["key_id"]: _parse(item) for item in items if "of_key" not in item}
        return found

    def item(self, key: Key) -> dict[str, Any]:
        """A whole key, for what restores or seeds the table."""
        seen = {"last_seen_at": key.last_used_at.isoformat()} if key.last_used_at else {}
        made: dict[str, Any] = self.create(key)["Put"]["Item"]
        return {**made, **to_item({"spend": key.spend, **seen})}

    def create(self, key: Key) -> dict[str, Any]:
        """The transaction's action that makes a key, which must not be there."""
        item = {"key_id": key.key_id, "created_by": key.created_by, **LISTED, **_written(key)}
        item["created_at"] = key.created_at.isoformat()
        return {
            "Put": {
                "TableName": self.name,
                "Item": to_item(item),
                "ConditionExpression": "attribute_not_exists(key_id)",
            }
        }

    def change(self, key: Key, read: Key) -> dict[str, Any]:
        """The transaction's action that replaces what is set, if nobody changed it since it was read."""
        sets = _written(key)
        expression = "SET " + ", ".join(f"#{n} = :{n}" for n in sets)
        if gone := [name for name in _OPTIONAL if name not in sets]:
            expression += " REMOVE " + ", ".join(gone)
        return {
            "Update": {
                "TableName": self.name,
                "Key": _key(key.key_id),
                "UpdateExpression": expression,
                "ConditionExpression": "revision = :read",
                "ExpressionAttributeNames": {f"#{n}": n for n in sets},
                "ExpressionAttributeValues": to_item(
                    {f":{n}": v for n, v in sets.items()} | {":read": read.revision}
                ),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def delete(self, read: Key) -> list[dict[str, Any]]:
        """The transaction's actions that delete a key, its secrets and its alias, if nobody changed it."""
        own = {
            "TableName": self.name,
            "Key": _key(read.key_id),
            "ConditionExpression": "revision = :read",
            "ExpressionAttributeValues": to_item({":read": read.revision}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        later = [self.forget_secret(secret) for secret in read.later_secrets]
        alias = [self.release(read.profile.alias)] if read.profile.alias else []
        return [{"Delete": own}, *later, *alias]

    def put_secret(self, secret: Secret) -> dict[str, Any]:
        """The transaction's action that says whose a later secret is."""
        item = {"key_id": secret.secret_id, "of_key": secret.key_id}
        return {"Put": {"TableName": self.name, "Item": to_item(item)}}

    def forget_secret(self, secret_id: str) -> dict[str, Any]:
        """The transaction's action that makes a later secret nobody's."""
        return {"Delete": {"TableName": self.name, "Key": _key(secret_id)}}

    def claim(self, alias: str, key_id: str) -> dict[str, Any]:
        """The transaction's action that gives a key an alias, which no other may have."""
        return {
            "Put": {
                "TableName": self.name,
                "Item": to_item({"key_id": f"{_ALIAS}{alias}", "of_key": key_id}),
                "ConditionExpression": "attribute_not_exists(key_id)",
            }
        }

    def release(self, alias: str) -> dict[str, Any]:
        """The transaction's action that frees an alias; the key's own revision guards it."""
        return {"Delete": {"TableName": self.name, "Key": _key(f"{_ALIAS}{alias}")}}


def size_of(profile: KeyProfile) -> int:
    """How many bytes of an item a profile takes."""
    return len(_encode(profile))


def must_stand(update: WalletUpdate) -> None:
    """Only if the key is there: a write to a wallet makes none."""
    update.only_if_there("secret_id")


def _written(key: Key) -> Item:
    item: Item = {
        "profile": _encode(key.profile).decode(),
        "updated_at": key.updated_at.isoformat(),
        "secret_id": key.secret_id,
        "previous_id": key.previous_id,
        "revision": key.revision,
    }
    optional = {"valid_until": _text(key.valid_until), "alias": key.profile.alias}
    return item | {name: value for name, value in optional.items() if value}


def _parse(item: Item) -> Key:
    return Key(
        key_id=item["key_id"],
        profile=_decode(item["profile"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        created_by=item["created_by"],
        updated_at=datetime.fromisoformat(item["updated_at"]),
        secret_id=item["secret_id"],
        previous_id=item.get("previous_id", ""),
        valid_until=_moment(item.get("valid_until")),
        last_used_at=_moment(item.get("last_seen_at")),
        spend=Decimal(item.get("spend", 0)),
        revision=item["revision"],
        wallet=parse_wallet(item),
    )


def _key(key_id: str) -> dict[str, Any]:
    return to_item({"key_id": key_id})


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
