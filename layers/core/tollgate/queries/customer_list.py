"""Customers in order of their ids, a page at a time: by its number, or from where the last one ended."""

from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, Field

from tollgate.customer import MAX_LENGTH
from tollgate.ids import SLOTS
from tollgate.queries import cursors
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_info import customer_response
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import Customer, CustomersTable
from tollgate.storage.directory import Directory

_LIST: Final = "customer_list"


class ListParameters(BaseModel):
    """The query string of a list; `search` is part of an id or alias, in any case."""

    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 50
    search: Annotated[str, Field(max_length=2 * MAX_LENGTH)] = ""
    cursor: str = ""


class Cursor(NamedTuple):
    """Where the next page begins: behind an id, in a list of so many, for a search."""

    after: str
    total: int
    search: str


class Page(NamedTuple):
    """Customers as the API shows them, how many there are in all, and the cursor of the next page, or ""."""

    customers: list[dict[str, Any]]
    total: int
    next_cursor: str


class CustomerList:
    """Reads the directory's parts at once, and of the customers only those of the page."""

    def __init__(
        self, directory: Directory, customers: CustomersTable, budgets: BudgetsTable, clock: Clock
    ) -> None:
        self._directory = directory
        self._customers = customers
        self._budgets = budgets
        self._clock = clock

    async def page(self, asked: ListParameters) -> Page:
        """One page. Raises InvalidQuery for a cursor that is none of ours."""
        cursor = cursors.read(asked.cursor, Cursor, _LIST) if asked.cursor else None
        text = asked.search.lower()
        if cursor and text not in ("", cursor.search):
            raise InvalidQuery("The cursor is of another search: ask for its first page without a cursor")
        text = cursor.search if cursor else text
        total = cursor.total if cursor else await self._count(text)
        skipped = 0 if cursor else (asked.page - 1) * asked.page_size
        if skipped >= max(total, 1):
            return Page([], total, "")
        ids = (await self._ids(cursor.after if cursor else "", skipped + asked.page_size + 1, text))[skipped:]
        shown = ids[: asked.page_size]
        more = len(ids) > len(shown)
        following = cursors.written(Cursor(shown[-1], total, text), _LIST) if more else ""
        return Page(await self._shown(shown), total, following)

    async def _count(self, text: str) -> int:
        return sum(await each(partial(self._directory.count, text=text), range(SLOTS)))

    async def _ids(self, after: str, most: int, text: str) -> list[str]:
        read_part = partial(self._directory.ids, after=after, most=most, text=text)
        return sorted(chain.from_iterable(await each(read_part, range(SLOTS))))[:most]

    async def _shown(self, ids: list[str]) -> list[dict[str, Any]]:
        found = await self._customers.get_many(ids)
        tiers = await self._tiers(found.values())
        return [
            customer_response(found[one], tiers.get(found[one].profile.budget_id or ""), self._clock)
            for one in ids
            if one in found
        ]

    async def _tiers(self, customers: Iterable[Customer]) -> dict[str, Budget]:
        ids = {c.profile.budget_id for c in customers if c.profile.budget_id}
        return {tier.budget_id: tier for tier in await each(self._budgets.get, ids) if tier}
