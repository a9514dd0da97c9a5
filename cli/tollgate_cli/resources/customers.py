"""Customers and their limits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tollgate_cli.connection import CSV, Connection, Row

MOST_A_PAGE: Final = 100


class Customers:
    """The /customer routes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, search: str = "", page_size: int = MOST_A_PAGE) -> Iterator[Row]:
        """Customers by id, pages read as they are needed; `search` is part of an id or alias."""
        query: dict[str, str | int | None] = {"page_size": page_size, "search": search}
        while True:
            answer = self._connection.get("/customer/list", query)
            yield from answer.value
            query["cursor"] = answer.headers.get("x-next-cursor")
            if not query["cursor"]:
                return

    def info(self, user_id: str) -> Row:
        """One customer, its limits and its spend."""
        found: Row = self._connection.get("/customer/info", {"end_user_id": user_id}).value
        return found

    def new(self, user_id: str, **fields: Any) -> Row:
        """Make a customer."""
        return self._post("new", {"user_id": user_id, **fields})

    def update(self, user_id: str, **fields: Any) -> Row:
        """Change the fields given; None clears one."""
        return self._post("update", {"user_id": user_id, **fields})

    def delete(self, user_ids: Sequence[str]) -> Row:
        """Delete customers: all of them, or if one is missing, none."""
        return self._post("delete", {"user_ids": user_ids})

    def block(self, user_ids: Sequence[str]) -> Row:
        """Refuse the calls of customers, also of those never seen."""
        return self._post("block", {"user_ids": user_ids})

    def unblock(self, user_ids: Sequence[str]) -> Row:
        """Refuse the calls of customers no more."""
        return self._post("unblock", {"user_ids": user_ids})

    def reset_spend(self, user_id: str) -> Row:
        """Let a customer's spend and windows begin anew."""
        return self._post("reset_spend", {"user_id": user_id})

    def bulk(self, rows: Sequence[Mapping[str, Any]]) -> Row:
        """Make up to 10,000 customers; a report of `created`, `failed` and every row."""
        return self._post("bulk", rows)

    def bulk_csv(self, text: str) -> Row:
        """The same, of a CSV file whose first line names the fields."""
        report: Row = self._connection.send("/customer/bulk", text.encode(), CSV)
        return report

    def _post(self, verb: str, body: Any) -> Row:
        answer: Row = self._connection.post(f"/customer/{verb}", body)
        return answer
