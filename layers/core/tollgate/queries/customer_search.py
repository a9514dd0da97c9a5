"""Pages of customers, put together from the directory's parts: all, those sought, or beginning with a text.

Every part is read at once, so a page is one round trip, however many customers there are. Neither a text
within ids and aliases nor a tier has an index: one round looks at 1 MB of each part (some 150,000 customers
in all), answers what it found there, and the cursor goes on behind it: a page can be short, or empty, and
not be the last.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from itertools import chain, product
from typing import Final, NamedTuple

from tollgate.ids import SLOTS
from tollgate.queries.parallel import each
from tollgate.queries.question import InvalidQuery
from tollgate.storage.directory import Directory, Found, Kind, Look, Named, Place, Sought
from tollgate.storage.naming import MAX_PREFIX

_KINDS: Final[tuple[Kind, ...]] = ("aliases", "names")


class Wanted(NamedTuple):
    """Which part of a list: behind where the last page ended ("" is the beginning), skipping so many."""

    after: str
    skipped: int
    size: int

    @property
    def most(self) -> int:
        """How many to look for: one more than are shown tells that there are more."""
        return self.skipped + self.size + 1


class Slice(NamedTuple):
    """Customers of one page, where the next one begins ("" after the last), and the total where known."""

    found: list[Found]
    following: str
    total: int | None


async def all_customers(directory: Directory, wanted: Wanted) -> Slice:
    """By id; the total is known on the first page."""
    read = partial(directory.ids, after=wanted.after, most=wanted.most)
    if wanted.after or wanted.skipped:
        total = None if wanted.after else await _count(directory)
        if total is not None and wanted.skipped >= max(total, 1):
            return Slice([], "", total)
        parts = await each(read, range(SLOTS))
    else:
        parts, total = await asyncio.gather(each(read, range(SLOTS)), _count(directory))
    found = sorted(chain.from_iterable(parts))[wanted.skipped : wanted.most]
    return _slice(found, wanted.size, "", total)


async def looking(directory: Directory, sought: Sought, wanted: Wanted) -> Slice:
    """By id, those that are sought; a page asked for by its number is looked for on."""
    found: list[Found] = []
    after = wanted.after
    while True:
        parts = await each(partial(directory.looking, after=after, sought=sought), range(SLOTS))
        after = min((part.until for part in parts if part.until), default="")
        found += _up_to(after, parts)
        if not (after and wanted.skipped and len(found) < wanted.most):
            break
    total = None if after or wanted.after else len(found)
    return _slice(found[wanted.skipped :], wanted.size, after, total)


async def beginning(directory: Directory, prefix: str, wanted: Wanted) -> Slice:
    """By the name they are found by: those whose id or alias begins with a text. Raises InvalidQuery."""
    if len(prefix.encode()) > MAX_PREFIX:
        raise InvalidQuery(f"search must be at most {MAX_PREFIX} bytes long with match=prefix")
    kind, _, name = wanted.after.partition("/")
    named: list[Named] = []
    until: Place | None = (name or prefix, kind)
    while until and len(named) < wanted.most:
        more, until = await _names(directory, prefix, until, wanted.most)
        named += more
    shown = named[wanted.skipped :][: wanted.size]
    last = shown[-1].place if len(named) > wanted.skipped + len(shown) else None
    total = None if until or wanted.after else len(named)
    return Slice([one.found for one in shown], f"{last[1]}/{last[0]}" if last else "", total)


async def _names(
    directory: Directory, prefix: str, after: Place, most: int
) -> tuple[list[Named], Place | None]:
    """Those that begin with a text, from behind a place up to where every part was read; None is the end."""
    read = partial(directory.beginning, after=after, most=most)
    parts = await each(lambda part: read(*part), product(range(SLOTS), _KINDS))
    untils = [part.until.place for part in parts if part.until and part.until.name.startswith(prefix)]
    until = min(untils, default=None)
    everyone = chain.from_iterable(part.found for part in parts)
    return sorted(one for one in everyone if one.begins(prefix) and not (until and one.place > until)), until


def _up_to(until: str, parts: Iterable[Look]) -> list[Found]:
    """What was found up to where every part was looked at."""
    found = chain.from_iterable(part.found for part in parts)
    return sorted(one for one in found if not until or one.customer_id <= until)


def _slice(found: list[Found], size: int, looked_until: str, total: int | None) -> Slice:
    shown = found[:size]
    following = shown[-1].customer_id if len(found) > size else looked_until
    return Slice(shown, following, total)


async def _count(directory: Directory) -> int:
    return sum(await each(directory.count, range(SLOTS)))
