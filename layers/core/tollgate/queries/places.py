"""Where a page of a leaderboard begins and which customers are on it. Pure."""

from bisect import bisect_left, bisect_right
from decimal import Decimal
from typing import Literal, NamedTuple

from tollgate.queries import cursors
from tollgate.queries.boards import Key, Ranks, key
from tollgate.queries.question import InvalidQuery

SortOrder = Literal["desc", "asc"]


class Place(NamedTuple):
    """Where a page begins: behind a customer with a value, at a rank."""

    value: Decimal
    customer_id: str
    rank: int

    @property
    def key(self) -> Key:
        """What the order is by."""
        return key(self.value, self.customer_id)


class Page(NamedTuple):
    """The customers of a page by rank, the largest value having the first, and whether there are more."""

    customers: dict[str, int]
    more: bool


def page_of(ranks: Ranks, after: Place | None, limit: int, order: SortOrder) -> Page:
    """From the largest on, or from the smallest; ranks are the same either way."""
    ordered = ranks.order
    if order == "desc":
        start = bisect_right(ordered, after.key, key=ranks.key) if after else 0
        first = after.rank + 1 if after else 1
        shown = ordered[start : start + limit]
        return Page({one: first + n for n, one in enumerate(shown)}, start + limit < len(ordered))
    end = bisect_left(ordered, after.key, key=ranks.key) if after else len(ordered)
    first = after.rank - 1 if after else len(ordered)
    shown = ordered[max(end - limit, 0) : end][::-1]
    return Page({one: first - n for n, one in enumerate(shown)}, end > limit)


def place_of(ranks: Ranks, page: Page) -> Place:
    """Where a page ends."""
    one = next(reversed(page.customers))
    return Place(Decimal(ranks.values[one]), one, page.customers[one])


def place_after(cursor: str, of: str) -> Place | None:
    """Where a page begins, None for the first one. Raises InvalidQuery."""
    if not cursor:
        return None
    place = cursors.read(cursor, Place, of)
    if not place.value.is_finite():
        raise InvalidQuery("cursor is not one that this route gave: pass the last answer's as it came")
    return place
