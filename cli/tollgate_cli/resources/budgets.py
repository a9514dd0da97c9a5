"""Tiers of limits that customers share."""

from collections.abc import Sequence
from typing import Any

from tollgate_cli.connection import Connection, Row, Rows


class Budgets:
    """The /budget routes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Rows:
        """Every tier, by id."""
        found: Rows = self._connection.get("/budget/list").value
        return found

    def info(self, budget_ids: Sequence[str]) -> Rows:
        """The tiers there are among the ids."""
        found: Rows = self._connection.post("/budget/info", {"budgets": budget_ids})
        return found

    def settings(self, budget_id: str) -> Rows:
        """The fields of a form for tiers, with a tier's values."""
        found: Rows = self._connection.get("/budget/settings", {"budget_id": budget_id}).value
        return found

    def new(self, budget_id: str | None = None, **fields: Any) -> Row:
        """Make a tier; without an id it gets one."""
        return self._post("new", ({"budget_id": budget_id} if budget_id else {}) | fields)

    def update(self, budget_id: str, **fields: Any) -> Row:
        """Change the fields given, for all who are on the tier; None clears one."""
        return self._post("update", {"budget_id": budget_id, **fields})

    def delete(self, budget_id: str) -> Row:
        """Delete a tier."""
        return self._post("delete", {"id": budget_id})

    def _post(self, verb: str, body: Row) -> Row:
        answer: Row = self._connection.post(f"/budget/{verb}", body)
        return answer
