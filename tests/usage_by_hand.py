"""Random spend events, counted by the project's own bundles, and what they amount to added up one by one."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, localcontext
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.builders import event
from tests.direct import Direct
from tollgate.bundles import pack
from tollgate.days import reporting_day
from tollgate.money import EXACT
from tollgate.queries.breakdown import entity
from tollgate.queries.calendar import Reporting
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection, selected
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Source
from tollgate.queries.totals import Totals
from tollgate.records import SpendEvent, Usage

NOW: Final = datetime(2026, 11, 5, 13, 30, tzinfo=UTC)  # the clocks of Europe and America went back lately
CUSTOMERS: Final = ("", "Unassigned", "acme", "zoë", "Doe, John", "x1", "x2")
ZONES: Final = ("UTC", "Europe/Rome", "America/New_York", "Asia/Kolkata")
FILTERS: Final = {
    "model": ("gpt-4o-mini", "claude-x"),
    "api_key": ("k1", "k2", "k3"),
    "endpoint": ("/chat/completions", "/v1/messages"),
    "provider": ("openai", "anthropic"),
}
# Few days, so that events meet in them: on both sides of months, of the clocks' change and of 35 days ago.
DAYS: Final = (0, 1, 4, 5, 11, 12, 33, 65)
_HOURS: Final = (0, 4, 5, 12, 18, 22, 23)  # in UTC: midnights somewhere, and noon

money = st.decimals(0, 1000, places=12)
moments = st.builds(
    lambda days, hour, minute: NOW.replace(hour=hour, minute=minute) - timedelta(days=days),
    st.sampled_from(DAYS),
    st.sampled_from(_HOURS),
    st.sampled_from([0, 30, 59]),
).map(lambda moment: min(moment, NOW))
events = st.lists(
    st.builds(
        event,
        started_at=moments,
        customer_id=st.sampled_from(CUSTOMERS),
        model_group=st.sampled_from(["fast", "clever"]),
        model=st.sampled_from(FILTERS["model"]),
        provider=st.sampled_from(FILTERS["provider"]),
        endpoint=st.sampled_from(FILTERS["endpoint"]),
        key_id=st.sampled_from(FILTERS["api_key"]),
        charge=money,
        cost=money,
        usage=st.builds(
            Usage, input=st.integers(0, 9999), cache_read=st.integers(0, 99), output=st.integers(0, 99)
        ),
        status=st.sampled_from(["success", "failure"]),
    ),
    max_size=20,
)
filters = st.fixed_dictionaries({}, optional={name: st.sampled_from(of) for name, of in FILTERS.items()})
some = st.lists(st.sampled_from([c for c in CUSTOMERS if c]), unique=True, max_size=3)


@st.composite
def selections(draw: st.DrawFn, /, oldest: int = DAYS[-1], **fixed: Any) -> Selection:
    """A range of the days there are events on, with filters, and customers named or excluded."""
    days = st.sampled_from([day for day in DAYS if day <= oldest])
    ends = draw(days), draw(days)
    today = NOW.date()
    chosen: dict[str, Any] = draw(filters) | fixed
    return Selection(
        start_date=(today - timedelta(days=max(ends))).isoformat(),
        end_date=(today - timedelta(days=min(ends))).isoformat(),
        end_user_ids=[_quoted(one) for one in draw(some)],
        exclude_end_user_ids=[_quoted(one) for one in draw(some)],
        **chosen,
    )


@dataclass
class Counted:
    """Events in counters, and the parts that queries are made of."""

    events: list[SpendEvent]
    zone: str
    stack: Direct = field(default_factory=Direct)

    async def count(self) -> "Counted":
        """Add the events up."""
        self.events = [_on_its_day(one, self.zone) for one in self.events]
        for bundle in pack(self.events):
            actions = [self.stack.counters.add(key, sums, None) for key, sums in bundle.counters.items()]
            await self.stack.database.transact(actions)
        return self

    @property
    def source(self) -> Source:
        return Source(self.stack.counters, Totals(self.stack.counters), Reporting(NOW, self.zone))

    @property
    def names(self) -> NameTables:
        return NameTables(self.stack.customers, self.stack.keys)

    @property
    def rankings(self) -> Rankings:
        return Rankings(self.stack.counters)

    def asked(self, asked: Question) -> list[SpendEvent]:
        """The events that a question is about, one by one."""
        return [one for one in self.events if self._covers(asked, one)]

    def day(self, asked: Question, one: SpendEvent) -> str:
        """The day of an event in the zone of a question."""
        return one.entry.started_at.astimezone(self.info(asked)).strftime("%Y-%m-%d")

    def info(self, asked: Question) -> tzinfo:
        """The zone of a question."""
        if asked.offset is not None:
            return timezone(timedelta(minutes=-asked.offset))
        return ZoneInfo(asked.tz or self.zone)

    def _covers(self, asked: Question, one: SpendEvent) -> bool:
        entry = one.entry
        wanted = {
            asked.model: entry.model,
            asked.key_id: entry.key_id,
            asked.endpoint: entry.endpoint,
            asked.provider: entry.provider,
        }
        named = asked.customers is None or entry.customer_id in asked.customers
        within = asked.start <= date.fromisoformat(self.day(asked, one)) <= asked.end
        fits = all(value == has for value, has in wanted.items() if value)
        return named and within and fits and entry.customer_id not in asked.excluded


def amounts(of: Iterable[SpendEvent]) -> dict[str, Any]:
    """What events amount to, in LiteLLM's words."""
    listed = list(of)
    with localcontext(EXACT):
        prompt = sum(one.usage.input + one.usage.cache_read for one in listed)
        completion = sum(one.usage.output for one in listed)
        return {
            "spend": sum((one.charge for one in listed), Decimal(0)),
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "cache_read_input_tokens": sum(one.usage.cache_read for one in listed),
            "total_tokens": prompt + completion,
            "api_requests": len(listed),
            "successful_requests": sum(one.status == "success" for one in listed),
            "failed_requests": sum(one.status == "failure" for one in listed),
        }


def grouped(of: Iterable[SpendEvent], name: Callable[[SpendEvent], Any]) -> dict[Any, dict[str, Any]]:
    """What events amount to by what they are called."""
    groups: dict[Any, list[SpendEvent]] = defaultdict(list)
    for one in of:
        groups[name(one)].append(one)
    return {key: amounts(group) for key, group in groups.items()}


def only(metrics: dict[str, Any]) -> dict[str, Any]:
    """The numbers of an answer that `amounts` adds up."""
    return {name: metrics[name] for name in amounts([])}


def customer(one: SpendEvent) -> str:
    """A customer as answers name it."""
    return entity(one.entry.customer_id)


def question(selection: Selection) -> Question:
    """The question of a selection."""
    return selected(selection)


def _on_its_day(one: SpendEvent, zone: str) -> SpendEvent:
    day = reporting_day(one.entry.started_at, zone)
    return replace(one, entry=replace(one.entry, day=day))


def _quoted(customer_id: str) -> str:
    return f'"{customer_id}"'
