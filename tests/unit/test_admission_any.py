"""Whatever happens to calls, in any order: nobody passes a limit, and nobody is refused who has the money.

The model knows each call's hold and charge, and adds up; the bank's wallets must admit exactly whom it would.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.bank import EXPIRED, Bank
from tollgate import windows
from tollgate.errors import BudgetExceeded
from tollgate.limits import Cap, Limits, ModelLimit
from tollgate.records import Entry, SpendEvent

PROCESSES = 2
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-opus-5")
PATTERN = "gpt-4*"
costs = st.integers(0, 400).map(lambda cents: Decimal(cents) / 100)
caps = st.none() | st.integers(1, 1000).map(lambda cents: Decimal(cents) / 100)


@dataclass
class Call:
    """One admitted call, as the model knows it."""

    entry: Entry
    hold: Decimal
    is_dead: bool
    state: Literal["held", "closed", "counted"] = "held"
    charge: Decimal = Decimal(0)
    event: SpendEvent | None = None

    def uses(self) -> Decimal:
        """What admission must take as used."""
        if self.state == "counted":
            return self.charge
        if self.is_dead:
            return Decimal(0)
        return min(self.hold, self.charge) if self.state == "closed" else self.hold


class AnyOrder(RuleBasedStateMachine):
    """One customer, whose budgets of a lifetime, a day and a model come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bank = Bank(PROCESSES)
        self.calls: list[Call] = []
        self.caps: dict[tuple[str, str], Decimal] = {}

    def teardown(self) -> None:
        self.loop.close()

    def do(self, coroutine: object) -> object:
        return self.loop.run_until_complete(coroutine)  # type: ignore[arg-type]  # it is one

    def room(self, model: str) -> Decimal | None:
        """What a call of a model may cost now; None when nothing limits it."""
        now, left = datetime.now(UTC), []
        for (kind, pattern), cap in self.caps.items():
            if not pattern or fnmatchcase(model, pattern):
                window = windows.window(kind, now, "UTC")
                used = (c.uses() for c in self.calls if fits(c, window, pattern))
                left.append(cap - sum(used, Decimal(0)))
        return min(left, default=None)

    @rule(ever=caps, day=caps, model=caps)
    def manage(self, ever: Decimal | None, day: Decimal | None, model: Decimal | None) -> None:
        found = {("ever", ""): ever, ("1d", ""): day, ("1d", PATTERN): model}
        self.caps = {name: cap for name, cap in found.items() if cap is not None}
        more = () if day is None else (Cap(day, "1d"),)
        of_model = {} if model is None else {PATTERN: ModelLimit(max_budget=model, budget_duration="1d")}
        limits = Limits(max_budget=ever, budget_limits=more, model_max_budget=of_model)
        self.do(self.bank.allow(limits if self.caps else None))

    @rule(
        cost=costs,
        model=st.sampled_from(MODELS),
        process=st.integers(0, PROCESSES - 1),
        is_dead=st.booleans(),
        lost=st.booleans(),
    )
    def admit(self, cost: Decimal, model: str, process: int, *, is_dead: bool, lost: bool) -> None:
        room = self.room(model)
        self.bank.tables.client.lost = int(lost)
        ago = EXPIRED if is_dead else timedelta()
        try:
            made = self.do(self.bank.admit(cost, process=process, ago=ago, model_group=model))
        except BudgetExceeded:
            assert room is not None, "nothing limits it"
            assert cost > room, f"refused {cost} with {room} left"
            return
        finally:
            self.bank.tables.client.lost = 0
        assert isinstance(made, Entry)
        assert room is None or not cost or cost <= room, f"admitted {cost} with {room} left"
        self.do(self.bank.open(made))
        self.calls.append(Call(made, made.held, is_dead and bool(self.caps)))

    @rule(cost=st.integers(1, 200).map(lambda cents: Decimal(cents) / 100), model=st.sampled_from(MODELS))
    def admit_many_at_once(self, cost: Decimal, model: str) -> None:
        room = self.room(model)
        asked = [self.bank.admit(cost, process=n % PROCESSES, model_group=model) for n in range(8)]

        async def all_of_them() -> list[Entry | BaseException]:
            return await asyncio.gather(*asked, return_exceptions=True)

        answers = self.do(all_of_them())
        assert isinstance(answers, list)
        made = [answer for answer in answers if isinstance(answer, Entry)]
        assert all(isinstance(a, Entry | BudgetExceeded) for a in answers), answers
        assert len(made) == (8 if room is None else min(8, max(0, int(room // cost))))
        for one in made:
            self.do(self.bank.open(one))
            self.calls.append(Call(one, one.held, is_dead=False))

    @precondition(lambda self: any(call.state == "held" for call in self.calls))
    @rule(data=st.data(), charge=costs)
    def close(self, data: st.DataObject, charge: Decimal) -> None:
        call = data.draw(st.sampled_from([call for call in self.calls if call.state == "held"]))
        closed = self.do(self.bank.close(call.entry, charge))
        assert isinstance(closed, SpendEvent)
        call.state, call.charge, call.event = "closed", charge, closed

    @precondition(lambda self: any(call.event for call in self.calls))
    @rule(data=st.data())
    def count(self, data: st.DataObject) -> None:
        """Some events, those counted before among them, in any order."""
        events = st.lists(st.sampled_from([call for call in self.calls if call.event]), min_size=1)
        chosen = data.draw(events)
        self.do(self.bank.count([call.event for call in chosen if call.event]))
        for call in chosen:
            call.state = "counted"

    @invariant()
    def what_is_counted_is_spent(self) -> None:
        spend = sum((call.charge for call in self.calls if call.state == "counted"), Decimal(0))
        found = self.do(self.bank.tables.customers.get("acme"))
        assert getattr(found, "spend", Decimal(0)) == spend


def fits(call: Call, window: windows.Window, pattern: str) -> bool:
    model_fits = not pattern or fnmatchcase(call.entry.model_group, pattern)
    return model_fits and window.covers(call.entry.started_at)


# Not shrunk: that takes minutes, and the steps as they were found tell enough.
TRIED = settings(max_examples=1500, stateful_step_count=30, phases=[Phase.reuse, Phase.generate])


def test_nobody_passes_a_limit_and_nobody_with_money_is_refused() -> None:
    run_state_machine_as_test(AnyOrder, settings=TRIED)
