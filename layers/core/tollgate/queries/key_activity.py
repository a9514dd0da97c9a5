"""The keys of an aggregated question: page by page, searched, or the top ones of a model (reference 3.3)."""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any, Final

from pydantic import Field

from tollgate.queries.breakdown import NAMELESS, KeyNames, Sheet
from tollgate.queries.metrics import CLASSIC, classic
from tollgate.queries.names import NameTables
from tollgate.queries.question import Selection
from tollgate.queries.sums_by import by, group_of, key_of, model_of, only
from tollgate.storage.sums import Sums

COLUMNS: Final = ("api_key", "key_alias", *CLASSIC)


class KeysParameters(Selection):
    """The query string of `aggregated/keys`."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class SearchParameters(Selection):
    """The query string of `aggregated/search`; `search` is part of a key's id or alias, in any case."""

    search: Annotated[str, Field(min_length=1, max_length=256)]
    limit: Annotated[int, Field(ge=1, le=100)] = 100


class TopKeysParameters(Selection):
    """The query string of `aggregated/model_top_keys`."""

    model_group: Annotated[str, Field(min_length=1)]
    by_model_group: bool = True
    limit: Annotated[int, Field(ge=1, le=100)] = 5


async def answer(
    found: Sheet, asked: KeysParameters | SearchParameters | TopKeysParameters, names: NameTables
) -> dict[str, Any]:
    """LiteLLM's response to any of the three. Raises AwsError, AwsUnavailable."""
    if isinstance(asked, KeysParameters):
        return await _page(found, asked, names)
    if isinstance(asked, SearchParameters):
        return await _found(found, asked, names)
    return await _top(found, asked, names)


def rows(answered: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys of an answer as rows."""
    return [
        {"api_key": key["api_key"], "key_alias": key["metadata"]["key_alias"], **key["metrics"]}
        for key in answered["api_keys"]
    ]


async def _page(found: Sheet, asked: KeysParameters, names: NameTables) -> dict[str, Any]:
    keys = by(found, key_of)
    shown = _some(keys, asked.offset, asked.limit)
    return {
        "api_keys": _shown(shown, await names.keys(shown)),
        "total_api_keys": len(keys),
        "offset": asked.offset,
        "limit": asked.limit,
    }


async def _found(found: Sheet, asked: SearchParameters, names: NameTables) -> dict[str, Any]:
    keys = by(found, key_of)
    metadata = await names.keys(keys)
    text = asked.search.lower()
    fits = [
        key
        for key in keys
        if text in key.lower() or text in str(metadata.get(key, NAMELESS)["key_alias"] or "").lower()
    ]
    return {"api_keys": _shown({key: keys[key] for key in fits[: asked.limit]}, metadata)}


async def _top(found: Sheet, asked: TopKeysParameters, names: NameTables) -> dict[str, Any]:
    name = group_of if asked.by_model_group else model_of
    keys = by(only(found, lambda dims: name(dims) == asked.model_group), key_of)
    shown = _some(keys, 0, asked.limit)
    return {
        "model": asked.model_group,
        "by_model_group": asked.by_model_group,
        "api_keys": _shown(shown, await names.keys(shown)),
    }


def _some(keys: Mapping[str, Sums], offset: int, limit: int) -> dict[str, Sums]:
    return dict(islice(keys.items(), offset, offset + limit))


def _shown(keys: Mapping[str, Sums], metadata: KeyNames) -> list[dict[str, Any]]:
    return [
        {"api_key": key, "metrics": classic(sums), "metadata": metadata.get(key, NAMELESS)}
        for key, sums in keys.items()
    ]
