"""What the customers table's indexes know a customer by: parts of ids and aliases, and where they begin."""

from hashlib import sha256
from typing import Final

from tollgate.ids import slot_of
from tollgate.storage.codec import Item

MAX_PREFIX: Final = 990  # bytes that every name keeps
_MAX_BYTES: Final = 1000  # of a name; with a digest it stays below a sort key's 1,024
_DIGEST: Final = 11  # bytes


def directory_of(customer_id: str, alias: str | None) -> Item:
    """The attributes that put a customer into the indexes; `alias_name` only with an alias."""
    item = {
        "directory": str(slot_of(customer_id)),
        "found_by": f"{customer_id}\n{alias or ''}".lower(),
        "name": id_name(customer_id),
    }
    return item | ({"alias_name": alias_name(alias, customer_id)} if alias else {})


def id_name(customer_id: str) -> str:
    """An id in lower case, made unique: only ids with capital letters can share it."""
    lower = customer_id.lower()
    return _fitting(lower if lower == customer_id else f"{lower}\n{customer_id}", lower)


def alias_name(alias: str, customer_id: str) -> str:
    """An alias in lower case, made unique by the id: many customers may share it."""
    return _fitting(f"{alias.lower()}\n{customer_id}", alias.lower())


def alias_in(name: str, customer_id: str) -> str:
    """The alias that `alias_name` made a name of; the first MAX_PREFIX bytes at least."""
    alias = name.removesuffix(f"\n{customer_id}")
    return name.rpartition("\n")[0] if alias == name else alias


def _fitting(name: str, shown: str) -> str:
    """A name as it is, or its first bytes and a digest in place of the rest."""
    if len(name.encode()) <= _MAX_BYTES:
        return name
    digest = sha256(name.encode()).digest()[:_DIGEST].hex()
    return f"{shown.encode()[:_MAX_BYTES].decode(errors='ignore')}\n{digest}"
