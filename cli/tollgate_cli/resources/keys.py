"""The keys that let applications and people in."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tollgate_cli.connection import Connection, Row
from tollgate_cli.errors import Unusable

MOST_A_PAGE: Final = 100


class Keys:
    """The /key routes. A key is named by its id (`token`) or, where it travels in a body, by its secret."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, key_alias: str = "", page_size: int = MOST_A_PAGE) -> Iterator[Row]:
        """Keys, pages read as they are needed; never their secrets."""
        query: dict[str, str | int | None] = {"size": page_size, "key_alias": key_alias}
        query |= {"return_full_object": "true"}
        page, pages = 0, 1
        while page < pages:
            page += 1
            found = self._connection.get("/key/list", query | {"page": page}).value
            yield from found["keys"]
            pages = found.get("total_pages") or 0

    def info(self, key_id: str | None = None) -> Row:
        """One key; without an id the one that calls. Raises Unusable for a secret, which URLs leak."""
        if key_id and key_id.startswith("sk-"):
            raise Unusable("A secret does not belong in a URL: name the key by its id")
        found: Row = self._connection.get("/key/info", {"key": key_id}).value
        return found

    def generate(self, **fields: Any) -> Row:
        """Make a key. Its secret, `key`, is in this answer and never again."""
        return self._post("generate", fields)

    def update(self, key: str, **fields: Any) -> Row:
        """Change the fields given; None clears one."""
        return self._post("update", {"key": key, **fields})

    def delete(self, keys: Sequence[str]) -> Row:
        """Delete keys: all of them, or if one is missing, none."""
        return self._post("delete", {"keys": keys})

    def block(self, key: str) -> Row:
        """Let a key in no more."""
        return self._post("block", {"key": key})

    def unblock(self, key: str) -> Row:
        """Let a key in again."""
        return self._post("unblock", {"key": key})

    def regenerate(self, key: str, *, grace_period: str | None = None) -> Row:
        """Give a key a new secret; the old one stays good for the grace period (`24h`), if any."""
        grace = {"grace_period": grace_period} if grace_period else {}
        return self._post("regenerate", {"key": key, **grace})

    def _post(self, verb: str, body: Row) -> Row:
        answer: Row = self._connection.post(f"/key/{verb}", body)
        return answer
