"""Customers, a page at a time: by its number, or from where the last one ended; all, or those of a search."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, Field

from tollgate.customer import MAX_LENGTH
from tollgate.queries import cursors
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_info import customer_response
from tollgate.queries.customer_search import Slice, Wanted, all_customers, beginning, looking
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.directory import Directory, Found, Sought

MOST_OF_TIER: Final = 256  # characters of a tier's id
_LIST: Final = "customer_list"


class ListParameters(BaseModel):
    """The query string of a list; `search` is part of an id or alias, or its beginning, in any case.

    `budget_id` is the tier that customers are linked to; it goes with match=contains only.
    """

    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 50
    search: Annotated[str, Field(max_length=2 * MAX_LENGTH)] = ""
    match: Literal["contains", "prefix"] = "contains"
    budget_id: Annotated[str, Field(max_length=MOST_OF_TIER)] = ""
    cursor: str = ""


class Cursor(NamedTuple):
    """Where the next page begins, in a list of so many (None: not known), of a search, maybe by prefix."""

    after: str
    total: int | None
    search: str
    by_prefix: bool = False
    tier: str = ""

    @property
    def sought(self) -> tuple[str, bool, str]:
        """What tells its search from another."""
        return self.search, self.by_prefix, self.tier


class Page(NamedTuple):
    """Customers as the API shows them, how many there are in all, and the cursor of the next page, or "".

    The total is None where a search would have to look further for it.
    """

    customers: list[dict[str, Any]]
    total: int | None
    next_cursor: str


class CustomerList:
    """Reads the directory's parts at once, and then the customers of the page, with their tiers."""

    def __init__(
        self, directory: Directory, customers: CustomersTable, budgets: BudgetsTable, clock: Clock
    ) -> None:
        self._directory = directory
        self._customers = customers
        self._budgets = budgets
        self._clock = clock

    async def page(self, asked: ListParameters) -> Page:
        """One page. Raises InvalidQuery for a cursor that is none of ours."""
        cursor = _cursor(asked)
        skipped = 0 if asked.cursor else (asked.page - 1) * asked.page_size
        part = await self._slice(cursor, Wanted(cursor.after, skipped, asked.page_size))
        total = cursor.total if asked.cursor else part.total
        following = cursor._replace(after=part.following, total=total)
        next_cursor = cursors.written(following, _LIST) if part.following else ""
        return Page(await self._shown(part.found), total, next_cursor)

    async def _slice(self, cursor: Cursor, wanted: Wanted) -> Slice:
        if cursor.search and cursor.by_prefix:
            return await beginning(self._directory, cursor.search, wanted)
        if cursor.search or cursor.tier:
            return await looking(self._directory, Sought(cursor.search, cursor.tier), wanted)
        return await all_customers(self._directory, wanted)

    async def _shown(self, found: Sequence[Found]) -> list[dict[str, Any]]:
        customers, tiers = await asyncio.gather(
            self._customers.get_many([one.customer_id for one in found]),
            self._tiers(one.tier for one in found),
        )
        # The index may be behind: a tier that it did not know of yet is read now.
        tiers |= await self._tiers({c.profile.budget_id or "" for c in customers.values()} - tiers.keys())
        return [
            customer_response(customer, tiers.get(customer.profile.budget_id or ""), self._clock)
            for customer in (customers.get(one.customer_id) for one in found)
            if customer
        ]

    async def _tiers(self, budget_ids: Iterable[str]) -> dict[str, Budget | None]:
        ids = sorted(set(budget_ids) - {""})
        return dict(zip(ids, await each(self._budgets.get, ids), strict=True))


def _cursor(asked: ListParameters) -> Cursor:
    """Where to begin: as the cursor says, or at the beginning. Raises InvalidQuery."""
    begun = Cursor("", None, asked.search.lower(), asked.match == "prefix", asked.budget_id)
    if begun.by_prefix and begun.tier:
        raise InvalidQuery("budget_id cannot be asked for with match=prefix: leave match out")
    if not asked.cursor:
        return begun
    cursor = cursors.read(asked.cursor, Cursor, _LIST)
    if (begun.search or begun.tier) and begun.sought != cursor.sought:
        raise InvalidQuery("The cursor is of another search: ask for its first page without a cursor")
    return cursor
