"""The query string of the spend logs (reference 4.1 and 4.2), and the filters in it."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from tollgate.queries.formats import Formatted
from tollgate.queries.question import InvalidQuery, key_id_of
from tollgate.records import Entry, SpendEvent

Text = Annotated[str, Field(max_length=512)]
SortBy = Literal["startTime", "endTime", "spend", "total_tokens", "request_duration_ms", "model"]


class LogParameters(Formatted):
    """The query string of the logs; `end_user` is a customer, `api_key` a key or its id.

    `session_id` is a part of one; `status_filter` success or failure; `since` the last answer's `next_since`,
    or `now` to begin to follow; `summarize` is of /spend/logs only.
    """

    start_date: Text = ""
    end_date: Text = ""
    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1, le=1000)] = 50
    cursor: str = ""
    since: str = ""
    end_user: Text = ""
    user_id: Text = ""
    api_key: Text = ""
    request_id: Text = ""
    model: Text = ""
    model_group: Text = ""
    custom_llm_provider: Text = ""
    session_id: Text = ""
    tag: Text = ""
    error_code: Text = ""
    status_filter: Literal["success", "failure", ""] = ""
    min_spend: Text = ""
    max_spend: Text = ""
    sort_by: SortBy = "startTime"
    sort_order: Literal["asc", "desc"] = "desc"
    summarize: bool = True
    # LiteLLM's filters by what this gateway does not keep: refused, since ignoring one would tell untruths.
    team_id: Text = ""
    model_id: Text = ""
    key_alias: Text = ""
    error_message: Text = ""
    search: Text = ""
    agent_id: Text = ""
    span_type: Text = ""
    cache_hit_filter: Text = ""
    group_by_session: bool = False


UNKNOWN: Final = (
    "team_id",
    "model_id",
    "key_alias",
    "error_message",
    "search",
    "agent_id",
    "span_type",
    "cache_hit_filter",
    "group_by_session",
)


class Filters(NamedTuple):
    """Which records of a range are asked for; empty texts ask for all."""

    key_id: str = ""
    model: str = ""
    model_group: str = ""
    provider: str = ""
    session: str = ""
    tag: str = ""
    error_code: str = ""
    status: str = ""
    min_spend: Decimal | None = None
    max_spend: Decimal | None = None

    def cover(self, event: SpendEvent) -> bool:
        """Whether a spend event is asked for."""
        return (
            self.cover_entry(event.entry)
            and self.error_code in ("", str(event.http_status))
            and self.status in ("", event.status)
            and (self.min_spend is None or event.charge >= self.min_spend)
            and (self.max_spend is None or event.charge <= self.max_spend)
        )

    def cover_entry(self, entry: Entry) -> bool:
        """Whether an entry is asked for, by what was known when its call began."""
        return (
            self.key_id in ("", entry.key_id)
            and self.model in ("", entry.model)
            and self.model_group in ("", entry.model_group)
            and self.provider in ("", entry.provider)
            and self.session in entry.session_id
            and (not self.tag or self.tag in entry.tags)
        )


def filters_of(asked: LogParameters) -> Filters:
    """The filters of a query string. Raises InvalidQuery."""
    least, most = _usd("min_spend", asked.min_spend), _usd("max_spend", asked.max_spend)
    if least is not None and most is not None and least > most:
        raise InvalidQuery("max_spend must be at least min_spend")
    return Filters(
        key_id_of(asked.api_key),
        asked.model,
        asked.model_group,
        asked.custom_llm_provider,
        asked.session_id,
        asked.tag,
        asked.error_code,
        asked.status_filter,
        least,
        most,
    )


def _usd(name: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise InvalidQuery(f"{name} must be an amount in USD, such as 0.25")
    return amount
