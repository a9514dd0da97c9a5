"""What a daily-activity query asks, checked and answered with LiteLLM's errors (reference 3.1)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field

from tollgate.customer import MAX_LENGTH
from tollgate.errors import NotAllowed, Told
from tollgate.queries.formats import Formatted
from tollgate.storage.counter_keys import Dims

MAX_DAYS: Final = 400
UNASSIGNED: Final = "Unassigned"
MAX_OFFSET: Final = 14 * 60  # minutes; no zone is further from UTC
EntityLimit = Annotated[int, Field(ge=0, le=1000)] | None
_FIRST_YEAR: Final = 1971  # a year from the ends, so that any zone's midnights can be told
_LAST_YEAR: Final = 9990
_LISTS: Final = (
    "end_user_ids and exclude_end_user_ids must be comma-separated lists; "
    "an id with a comma or a quote is quoted as in CSV"
)


class InvalidQuery(Told):
    """The parameters of a query do not make sense."""


class Selection(Formatted):
    """The query string that every view of usage has; a repeated list parameter adds to the list.

    `timezone` is minutes as JavaScript's getTimezoneOffset() says them, `tz` an IANA name.
    """

    start_date: str = ""
    end_date: str = ""
    end_user_ids: list[str] = Field(default_factory=list)
    exclude_end_user_ids: list[str] = Field(default_factory=list)
    model: str = ""
    api_key: str = ""
    endpoint: str = ""
    provider: str = ""
    timezone: Annotated[int, Field(ge=-MAX_OFFSET, le=MAX_OFFSET)] | None = None
    tz: str = ""


class Parameters(Selection):
    """The query string of daily activity."""

    page: int = 1
    page_size: int = 10
    entity_limit: EntityLimit = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which days, customers, model, key, endpoint and provider are asked for.

    `customers` None means everybody; `entity_limit` is how many are told apart, None all of them.
    """

    start: date
    end: date
    customers: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    model: str = ""
    key_id: str = ""
    endpoint: str = ""
    provider: str = ""
    offset: int | None = None
    tz: str = ""
    page: int = 1
    page_size: int = 10
    entity_limit: int | None = None

    @property
    def by_dims(self) -> bool:
        """Whether only some models, keys … are asked for, which sums over all of them cannot answer."""
        return bool(self.model or self.key_id or self.endpoint or self.provider)

    def covers(self, dims: Dims | None) -> bool:
        """Whether a counter of these dims is asked for."""
        return dims is not None and (
            self.model in ("", dims.model)
            and self.key_id in ("", dims.key_id)
            and self.endpoint in ("", dims.endpoint)
            and self.provider in ("", dims.provider)
        )


def question(asked: Parameters) -> Question:
    """The question in a query string. Raises InvalidQuery."""
    found = selected(asked)
    if asked.page < 1 or asked.page_size < 1:
        raise InvalidQuery("page and page_size must be at least 1")
    return replace(found, page=asked.page, page_size=asked.page_size, entity_limit=asked.entity_limit)


def selected(asked: Selection) -> Question:
    """The question in a query string, all days on one page. Raises InvalidQuery."""
    start, end = _range(asked.start_date, asked.end_date)
    named, excluded = _customers(asked.end_user_ids), _customers(asked.exclude_end_user_ids)
    if asked.timezone is not None and asked.tz:
        raise InvalidQuery("Set either timezone or tz, not both")
    return Question(
        start=start,
        end=end,
        customers=_possible(named - excluded) if named else None,
        excluded=_possible(excluded),
        model=asked.model,
        key_id=key_id_of(asked.api_key),
        endpoint=asked.endpoint,
        provider=asked.provider,
        offset=asked.timezone,
        tz=asked.tz.strip(),
        page_size=MAX_DAYS,
    )


def within(asked: Question, readable: frozenset[str] | None) -> Question:
    """A question of who may read some customers' usage only: about those named, or about all of them.

    Raises NotAllowed when another is named.
    """
    if readable is None:
        return asked
    if asked.customers is None:
        return replace(asked, customers=readable - asked.excluded)
    check_readable(asked.customers, readable)
    return asked


def check_readable(customers: frozenset[str], readable: frozenset[str] | None) -> None:
    """Raise NotAllowed for a customer whose usage a key may not read; None stands for everybody."""
    if readable is not None and (others := customers - readable):
        raise NotAllowed(
            f"Authentication Error, this key may not read the usage of {', '.join(sorted(others))}. "
            f"It may read that of: {', '.join(sorted(readable)) or 'nobody'}."
        )


def tells_cost(readable: frozenset[str] | None) -> bool:
    """Whether a key is told what the provider charges us: one of some customers only learns their charge."""
    return readable is None


def key_id_of(api_key: str) -> str:
    """The id of a key that is named by its id or, as some clients do, by its secret."""
    text = api_key.strip()
    return sha256(text.encode()).hexdigest() if text.startswith("sk-") else text


def _range(start_date: str, end_date: str) -> tuple[date, date]:
    if not (start_date and end_date):
        raise InvalidQuery("Please provide start_date and end_date")
    start, end = date_of(start_date), date_of(end_date)
    if end < start:
        raise InvalidQuery("end_date must be on or after start_date")
    if start.year < _FIRST_YEAR or end.year > _LAST_YEAR:
        raise InvalidQuery(f"start_date and end_date must be of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    if (end - start).days >= MAX_DAYS:
        raise InvalidQuery(f"Date range must be at most {MAX_DAYS} days")
    return start, end


def date_of(text: str) -> date:
    """A YYYY-MM-DD. Raises InvalidQuery."""
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != text:  # fromisoformat also takes 20260105 and 2026-W02-1
        raise InvalidQuery("start_date and end_date must be valid YYYY-MM-DD dates")
    return parsed


def _customers(values: Sequence[str]) -> frozenset[str]:
    """The ids in a comma-separated list; one with a comma or quote is quoted as in CSV.

    `Unassigned` asks for the calls that named no customer, and for a customer of that name.
    """
    try:
        row = next(csv.reader([",".join(values)], skipinitialspace=True, strict=True), [])
    except csv.Error:
        raise InvalidQuery(_LISTS) from None
    ids = {text.strip() for text in row} - {""}
    return frozenset(ids | ({""} if UNASSIGNED in ids else set()))


def _possible(ids: frozenset[str]) -> frozenset[str]:
    """The ids that can be somebody's; longer ones would be keys that DynamoDB refuses."""
    return frozenset(customer_id for customer_id in ids if len(customer_id) <= MAX_LENGTH)
