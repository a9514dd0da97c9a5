"""What was spent, by day."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from tollgate_cli.connection import Connection, Row

_DAYS_A_PAGE: Final = 10  # an answer is at most 6 MB, and a day names every customer


class Usage:
    """The /customer/daily routes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def daily_activity(
        self,
        start_date: date,
        end_date: date,
        *,
        end_user_ids: Sequence[str] = (),
        model: str = "",
        page_size: int = _DAYS_A_PAGE,
    ) -> Iterator[Row]:
        """Days with usage, newest first, each `{date, metrics, breakdown}`; both ends included.

        Days are of the deployment's time zone; without ids, of all customers.
        """
        query = {"start_date": start_date.isoformat(), "end_date": end_date.isoformat(), "model": model}
        query |= {"end_user_ids": _listed(end_user_ids)}
        page, more = 0, True
        while more:
            page += 1
            paged = query | {"page": page, "page_size": page_size}
            found = self._connection.get("/customer/daily/activity", paged).value
            yield from found["results"]
            more = bool(found["metadata"]["has_more"])


def _listed(ids: Sequence[str]) -> str:
    """Ids as one list parameter: one with a comma or a quote is quoted as in CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(ids)
    return text.getvalue()
