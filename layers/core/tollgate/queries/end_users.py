"""The ids of all customers, in order and a page at a time (LiteLLM answers with all of them at once)."""

from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Annotated

from pydantic import Field

from tollgate.customer import MAX_LENGTH
from tollgate.ids import SLOTS
from tollgate.queries import cursors
from tollgate.queries.formats import Formatted, View
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery
from tollgate.storage.directory import Directory

_LIST = "all_end_users"


class EndUsersParameters(Formatted):
    """The query string of the list."""

    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: str = ""


async def end_users(asked: EndUsersParameters, directory: Directory, readable: Iterable[str] | None) -> View:
    """One page, of those whose usage may be read. Raises InvalidQuery for a cursor that is none of ours."""
    after = cursors.read(asked.cursor, str, _LIST) if asked.cursor else ""
    if len(after) > MAX_LENGTH:
        raise InvalidQuery("cursor is not one that this route gave: pass the last answer's as it came")
    most = asked.page_size + 1
    if readable is None:
        read = partial(directory.ids, after=after, most=most, text="")
        found = sorted(chain.from_iterable(await each(read, range(SLOTS))))[:most]
    else:
        found = sorted(one for one in readable if one > after)[:most]
    shown = found[: asked.page_size]
    following = cursors.written(shown[-1], _LIST) if len(found) > len(shown) else None
    headers = {"x-next-cursor": following} if following else {}
    rows = [{"end_user": one} for one in shown]
    return View({"end_users": shown, "next_cursor": following}, ("end_user",), rows, "", headers=headers)
