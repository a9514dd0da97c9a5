"""Which tags have counters of their own on a day: the first to come, and never more than MOST.

A tag is everybody's to make up, and a counter for each would grow without bound. What comes too late is
counted under `other`. The names stand in SLOTS items a day, spread by hash, each with an equal part of the
bound: an item is written once for each new tag and never when a tag is counted, so none is hot. A name is
there before the first event is counted under it, none goes, and a full item stays full, so that whoever
looks, whenever, finds each event under the same name. (As the parts are equal, one can be full a little
before all are: of 500 tags at random the chance that one is too late is below one in a hundred thousand.)
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from tollgate.ids import SLOTS, slot_of
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import ConditionFailed, Database

OTHER: Final = "other"
MOST: Final = 1000
_EACH: Final = MOST // SLOTS
_REMEMBERED: Final = 8 * SLOTS  # items; recorders see yesterday and today
_SORT: Final = "names"


class Place(NamedTuple):
    """Where a tag's name stands: a day, and one of its slots."""

    day: str
    slot: int


class Names(NamedTuple):
    """The names that stand in some places."""

    by_place: Mapping[Place, frozenset[str]]

    def shown(self, day: str, tag: str) -> str:
        """What a tag of a day is counted under: itself, or `other`."""
        return tag if tag in self.by_place.get(place_of(day, tag), ()) else OTHER


NOBODY: Final = Names({})


class TagNames:
    """Finds and adds names; what a warm process has seen is remembered."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table
        self._seen: OrderedDict[Place, frozenset[str]] = OrderedDict()

    async def admit(self, tags: Iterable[tuple[str, str]]) -> Names:
        """The names under which tags, each with its day, are counted. Raises AwsError, AwsUnavailable."""
        wanted: dict[Place, set[str]] = {}
        for day, tag in tags:
            wanted.setdefault(place_of(day, tag), set()).add(tag)
        return Names({place: await self._admit(place, wanted[place]) for place in sorted(wanted)})

    async def of_day(self, day: str) -> Names:
        """Every name of a day as it now stands. Raises AwsError, AwsUnavailable."""
        places = [Place(day, slot) for slot in range(SLOTS)]
        return Names({place: await self._read(place) for place in places})

    async def _admit(self, place: Place, tags: set[str]) -> frozenset[str]:
        names = self._seen.get(place)
        if names is None:
            names = await self._read(place)
        while len(names) < _EACH and (missing := sorted(tags - names)):
            names = await self._add(place, names, missing[: _EACH - len(names)])
        self._remember(place, names)
        return names

    async def _read(self, place: Place) -> frozenset[str]:
        return _names(await self._database.get(self._table, _key(place)) or {})

    async def _add(self, place: Place, known: frozenset[str], more: list[str]) -> frozenset[str]:
        """The names with more of them, or as another recorder left them meanwhile."""
        names = known | frozenset(more)
        count = {"#count": "count", "#names": "names"}
        values = {":names": names, ":count": len(names)} | ({":known": len(known)} if known else {})
        condition = "#count = :known" if known else "attribute_not_exists(#count)"
        try:
            await self._database.update(
                {
                    "TableName": self._table,
                    "Key": _key(place),
                    "UpdateExpression": "SET #names = :names, #count = :count",
                    "ConditionExpression": condition,
                    "ExpressionAttributeNames": count,
                    "ExpressionAttributeValues": to_item(values),
                }
            )
        except ConditionFailed as found:
            return _names(found.item)
        return names

    def _remember(self, place: Place, names: frozenset[str]) -> None:
        self._seen[place] = names
        self._seen.move_to_end(place)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def place_of(day: str, tag: str) -> Place:
    """Where a tag's name stands, if it does."""
    return Place(day, slot_of(tag))


def _names(item: Item) -> frozenset[str]:
    found: frozenset[str] = item.get("names", frozenset())
    return found


def _key(place: Place) -> dict[str, Any]:
    return to_item({"pk": f"N#{place.day}#{place.slot}", "sk": _SORT})
