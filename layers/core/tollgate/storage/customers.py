"""The customers table: who there is, what they are allowed, what they spent, and their wallets.

| attribute | holds |
|---|---|
| `customer_id` | the id |
| `alias`, `blocked`, `budget_id` | as set |
| `profile` | the rest of what was set, its limits among it, as JSON |
| `revision` | grows with each change by management; admission refuses to go by an older one |
| `spend`, `created_at`, `last_seen_at`, `updated_at` | what its events add up to, and when |
| `opening` | the balance that `spend` was last set to, and when: `amount`, `at` |
| `directory`, `found_by` | index `directory`: every customer by id, in SLOTS parts, and what finds it |
| see `storage/wallets.py` | its wallet: settled by the same write that adds to `spend` |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from tollgate.ids import slot_of
from tollgate.limits import Limits
from tollgate.money import ZERO
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Opening, Wallet, parse_opening, parse_wallet

CUSTOMER_ID: Final = "customer_id"
_BATCH: Final = 100
OPTIONAL: Final = ("alias", "budget_id")
# Metadata may hold numbers, and those keep their digits, too.
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What management sets of a customer. `limits` None means none of its own."""

    alias: str | None = None
    blocked: bool = False
    budget_id: str | None = None
    limits: Limits | None = None
    models: tuple[str, ...] = ()  # empty allows every model
    default_model: str | None = None
    allowed_model_region: str | None = None
    object_permission: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None


_decode: Final = msgspec.json.Decoder(Profile, float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer. `revision` is 0 until management first wrote it; `last_seen_at` None until it called."""

    customer_id: str
    spend: Decimal = ZERO
    created_at: datetime = _NEVER
    last_seen_at: datetime | None = None
    updated_at: datetime | None = None
    profile: Profile = Profile()  # noqa: RUF009 - frozen, so sharing it is safe
    revision: int = 0
    wallet: Wallet = Wallet()  # noqa: RUF009 - frozen, so sharing it is safe
    opening: Opening | None = None

    @property
    def alias(self) -> str | None:
        """Its display name."""
        return self.profile.alias

    @property
    def blocked(self) -> bool:
        """Whether its calls are refused."""
        return self.profile.blocked


class CustomersTable:
    """Customers by id; with `storage/wallets.py` the only place that names their attributes."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self.name = table

    async def get(self, customer_id: str) -> Customer | None:
        """A customer, or None. The unassigned customer "" has no row."""
        if not customer_id:
            return None
        item = await self._database.get(self.name, key_of(customer_id))
        return parse_customer(item) if item else None

    async def get_many(self, customer_ids: Sequence[str]) -> dict[str, Customer]:
        """The customers there are among the ids."""
        found: dict[str, Customer] = {}
        ids = sorted({i for i in customer_ids if i})
        for start in range(0, len(ids), _BATCH):
            keys = [key_of(i) for i in ids[start : start + _BATCH]]
            items = await self._database.get_many(self.name, keys)
            found |= {item["customer_id"]: parse_customer(item) for item in items}
        return found

    def account(self, customer_id: str) -> Account:
        """Whose wallet a customer's is."""
        return Account(self.name, CUSTOMER_ID, customer_id)

    def seen(self, update: WalletUpdate, spend: Decimal, first: datetime, last: datetime) -> None:
        """Make or meet a customer and add to its lifetime spend, in the write that settles its wallet.

        `first` and `last` are when its calls in this transaction began; events are counted roughly in order,
        so `last_seen_at` may step back by seconds.
        """
        update.increase("spend", spend)
        update.set("last_seen_at", _text(last))
        meet(update, first)

    def create(self, customer: Customer) -> dict[str, Any]:
        """The transaction's action that makes a customer, which must not be there."""
        item = {
            "customer_id": customer.customer_id,
            "created_at": _text(customer.created_at),
            "revision": customer.revision or 1,
            **directory_of(customer.customer_id, customer.alias),
            **_profile(customer.profile),
        }
        if customer.opening:
            item["opening"] = opened(customer.opening)
        if customer.spend:
            item["spend"] = customer.spend
        return {
            "Put": {
                "TableName": self.name,
                "Item": to_item(item),
                "ConditionExpression": "attribute_not_exists(customer_id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def change(self, customer: Customer, profile: Profile, now: datetime) -> dict[str, Any]:
        """The transaction's action that replaces a profile, if nobody else changed it since it was read."""
        sets = written(customer, profile, now)
        gone = [name for name in OPTIONAL if name not in sets]
        expression = "SET " + ", ".join(f"#{n} = :{n}" for n in sets)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{n}" for n in gone)
        values = {f":{n}": value for n, value in sets.items()} | {":read": customer.revision}
        return {
            "Update": {
                "TableName": self.name,
                "Key": key_of(customer.customer_id),
                "UpdateExpression": expression,
                "ConditionExpression": _unchanged(customer.revision),
                "ExpressionAttributeNames": {f"#{n}": n for n in [*sets, *gone]},
                "ExpressionAttributeValues": to_item(values),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def delete(self, customer: Customer) -> dict[str, Any]:
        """The transaction's action that deletes a customer, if nobody changed it since it was read."""
        return {
            "Delete": {
                "TableName": self.name,
                "Key": key_of(customer.customer_id),
                "ConditionExpression": _unchanged(customer.revision),
                "ExpressionAttributeValues": to_item({":read": customer.revision}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def meet(update: WalletUpdate, first: datetime) -> None:
    """Make a customer that is not there yet, in a write to its wallet."""
    update.set("created_at", _text(first), once=True)
    for name, value in directory_of(update.account.id, None).items():
        update.set(name, value, once=True)


def written(customer: Customer, profile: Profile, now: datetime) -> Item:
    """The attributes of a customer whose profile is replaced; those of OPTIONAL that are missing go."""
    return {
        **_profile(profile),
        **directory_of(customer.customer_id, profile.alias),
        "updated_at": _text(now),
        "revision": customer.revision + 1 if customer.revision else first_revision(now),
    }


def first_revision(now: datetime) -> int:
    """The revision to begin with: one that nothing of the same id, deleted since, ever had."""
    return (now - _NEVER) // timedelta(milliseconds=1)


def size_of(profile: Profile) -> int:
    """How many bytes of an item a profile takes."""
    return len(_encode(profile))


def key_of(customer_id: str) -> dict[str, Any]:
    """The primary key."""
    return to_item({"customer_id": customer_id})


def directory_of(customer_id: str, alias: str | None) -> Item:
    """What the index `directory` knows a customer by."""
    text = f"{customer_id}\n{alias or ''}".lower()
    return {"directory": str(slot_of(customer_id)), "found_by": text}


def parse_customer(item: Item) -> Customer:
    """A customer from its raw item."""
    rest = _decode(item.get("profile", "{}"))
    profile = msgspec.structs.replace(
        rest,
        alias=item.get("alias"),
        blocked=item.get("blocked", False),
        budget_id=item.get("budget_id"),
    )
    return Customer(
        customer_id=item["customer_id"],
        spend=Decimal(item.get("spend", 0)),
        created_at=_moment(item.get("created_at")) or _NEVER,
        last_seen_at=_moment(item.get("last_seen_at")),
        updated_at=_moment(item.get("updated_at")),
        profile=profile,
        revision=item.get("revision", 0),
        wallet=parse_wallet(item),
        opening=parse_opening(item.get("opening")),
    )


def _profile(profile: Profile) -> Item:
    rest = msgspec.structs.replace(profile, alias=None, blocked=False, budget_id=None)
    item: Item = {"blocked": profile.blocked, "profile": _encode(rest).decode()}
    item |= {"alias": profile.alias} if profile.alias is not None else {}
    return item | ({"budget_id": profile.budget_id} if profile.budget_id is not None else {})


def opened(opening: Opening) -> Item:
    """An opening balance as it is stored."""
    return {"amount": opening.amount, "at": _text(opening.at)}


def _unchanged(revision: int) -> str:
    if revision:
        return "revision = :read"
    return "attribute_exists(customer_id) AND (attribute_not_exists(revision) OR revision = :read)"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
