"""The customers table's indexes: every customer by id, and by how its id and alias begin, in SLOTS parts.

| index | sort key | answers |
|---|---|---|
| `directory` | the id | lists in order of ids, and texts within ids and aliases |
| `names` | the id in lower case | what ids begin with |
| `aliases` | the alias in lower case; customers without one are not in it | what aliases begin with |

Each also holds the customer's tier, so that it can be read beside the customer. They are asked, never the
table: an item there is as large as its wallet. Reads are eventually consistent.
"""

from typing import Any, Final, Literal, NamedTuple

from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database
from tollgate.storage.naming import alias_in

Kind = Literal["names", "aliases"]
Place = tuple[str, str]  # a name, and the index that it is in

_MOST_READ: Final = 1000  # entries in one answer
_SORT_KEYS: Final[dict[Kind, str]] = {"names": "name", "aliases": "alias_name"}


class Found(NamedTuple):
    """A customer of the directory: its id, and its tier or ""."""

    customer_id: str
    tier: str


class Named(NamedTuple):
    """A customer by the name it stands under in one of the indexes."""

    name: str
    kind: Kind
    found: Found

    @property
    def place(self) -> Place:
        """Where it stands in the order of both indexes."""
        return self.name, self.kind

    def begins(self, prefix: str) -> bool:
        """Whether its id, or only its alias where it stands under that, begins with a text in lower case."""
        id_begins = self.found.customer_id.lower().startswith(prefix)
        if self.kind == "names":
            return id_begins
        return not id_begins and alias_in(self.name, self.found.customer_id).startswith(prefix)


class Names(NamedTuple):
    """What one read of a part found by name, and the last of them; None when there are no more."""

    found: list[Named]
    until: Named | None


class Sought(NamedTuple):
    """Which customers are looked for: with a text, in lower case, in id or alias; on a tier; "" is any."""

    text: str = ""
    tier: str = ""


class Look(NamedTuple):
    """What one read of a part found, and the id up to which it looked; "" when to the end."""

    found: list[Found]
    until: str


class Directory:
    """One part at a time."""

    def __init__(self, database: Database, customers_table: str) -> None:
        self._database = database
        self._table = customers_table

    async def ids(self, slot: int, *, after: str, most: int) -> list[Found]:
        """Up to so many customers, in order of their ids, from behind an id on."""
        request = self._request(slot, after) | {"Limit": min(most, _MOST_READ)}
        found: list[Found] = []
        async for item in self._database.query(request):
            found.append(_found(item))
            if len(found) == most:
                break
        return found

    async def count(self, slot: int) -> int:
        """How many customers there are."""
        return await self._database.count(self._request(slot, ""))

    async def looking(self, slot: int, *, after: str, sought: Sought) -> Look:
        """Those behind an id that are sought, as far as one read looks: 1 MB."""
        conditions = {"text": "contains(found_by, :text)", "tier": "budget_id = :tier"}
        wanted = {name: value for name, value in sought._asdict().items() if value}
        request = self._request(slot, after)
        request["FilterExpression"] = " AND ".join(conditions[name] for name in wanted)
        request["ExpressionAttributeValues"] |= to_item({f":{n}": value for n, value in wanted.items()})
        items, following = await self._database.page(request)
        until = following["customer_id"]["S"] if following else ""
        return Look([_found(item) for item in items], until)

    async def beginning(self, slot: int, kind: Kind, *, after: Place, most: int) -> Names:
        """Up to so many customers by name, from behind a place on, whatever they begin with."""
        name, last = after
        request = {
            "TableName": self._table,
            "IndexName": kind,
            "KeyConditionExpression": f"directory = :slot AND #name {'>=' if kind > last else '>'} :name",
            "ExpressionAttributeNames": {"#name": _SORT_KEYS[kind]},
            "ExpressionAttributeValues": to_item({":slot": str(slot), ":name": name}),
            "Limit": min(most, _MOST_READ),
        }
        items, following = await self._database.page(request)
        named = [Named(item[_SORT_KEYS[kind]], kind, _found(item)) for item in items]
        return Names(named, named[-1] if following and named else None)

    def _request(self, slot: int, after: str) -> dict[str, Any]:
        values = {":slot": str(slot)} | ({":after": after} if after else {})
        return {
            "TableName": self._table,
            "IndexName": "directory",
            "KeyConditionExpression": "directory = :slot" + (" AND customer_id > :after" if after else ""),
            "ExpressionAttributeValues": to_item(values),
        }


def _found(item: Item) -> Found:
    return Found(item["customer_id"], item.get("budget_id", ""))
