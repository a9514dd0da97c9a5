"""The client of a deployment: `Tollgate(url, key).customers.info("acme")["spend"]` is a Decimal."""

from types import TracebackType
from typing import Self

import httpx2

from tollgate_cli.connection import Connection
from tollgate_cli.resources.audit import Audit
from tollgate_cli.resources.budgets import Budgets
from tollgate_cli.resources.customers import Customers
from tollgate_cli.resources.keys import Keys
from tollgate_cli.resources.usage import Usage


class Tollgate:
    """One deployment, by the URL of its gateway (with the stage, if it has one) and a key.

    Takes and gives the API's own names; amounts are exact Decimals in USD. Every method raises ApiError.
    Raises Unusable for a URL or key that no call can carry.
    """

    def __init__(self, url: str, key: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._connection = Connection(url, key, transport)
        self.customers = Customers(self._connection)
        self.budgets = Budgets(self._connection)
        self.keys = Keys(self._connection)
        self.usage = Usage(self._connection)
        self.audit = Audit(self._connection)

    def close(self) -> None:
        """Give the sockets back."""
        self._connection.close()

    def __enter__(self) -> Self:
        """`with Tollgate(…) as api`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()
