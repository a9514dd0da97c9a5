"""Who changed what."""

from collections.abc import Iterator
from typing import Final

from tollgate_cli.connection import Connection, Row

MOST_A_PAGE: Final = 100


class Audit:
    """The /audit route."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, page_size: int = MOST_A_PAGE, **filters: str) -> Iterator[Row]:
        """Records of management writes, newest first, pages read as they are needed.

        Filters: object_type, object_id, action, changed_by, start_date, end_date (by default 30 days).
        """
        query: dict[str, str | int | None] = {"page_size": page_size, **filters}
        while True:
            found = self._connection.get("/audit", query).value
            yield from found["audit_logs"]
            query["cursor"] = found.get("next_cursor")
            if not (found.get("has_more") and query["cursor"]):
                return
