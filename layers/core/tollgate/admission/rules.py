"""Limits as rules about one call: which sum may not pass which limit, and what the call adds to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from tollgate import tracking
from tollgate.limits import Limits
from tollgate.records import Demand
from tollgate.storage.wallets import Sum, Wallet, less
from tollgate.windows import Window

What = Literal["budget", "requests", "tokens", "parallel"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. `need` is what the call adds, USD for a budget; `pattern` is for which models, "" for all.

    `window` is the budget's; `sum` is None for calls in flight, which a wallet lists one by one.
    """

    what: What
    limit: Decimal | int
    need: Decimal | int
    sum: Sum | None = None
    window: Window | None = None
    pattern: str = ""

    @property
    def most(self) -> Decimal | int:
        """What may be used already; below zero where no call can be admitted, as under a limit of 0."""
        return less(self.limit, self.need) if self.limit > 0 else -1

    def used(self, wallet: Wallet) -> Decimal | int:
        """What is used already."""
        return len(wallet.in_flight) if self.sum is None else wallet.amount(self.sum)

    def admits(self, wallet: Wallet) -> bool:
        """Whether the call fits beside what is used."""
        return self.used(wallet) <= self.most


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks of limits: when it began, for which model, and what it may use."""

    request_id: str
    moment: datetime
    model: str
    demand: Demand


def rules_of(limits: Limits, asked: Asked, made: date, zone: str) -> list[Rule]:
    """The rules of limits for a call: budgets first, then rates, then calls in flight."""
    parallel = limits.max_parallel_requests
    found = list(_budgets(tracking.caps_of(limits, asked.moment, made), asked, zone))
    found += _rates(limits.rpm_limit, limits.tpm_limit, "", asked)
    for pattern, limit in limits.of_model(asked.model).items():
        found += _rates(limit.rpm_limit, limit.tpm_limit, pattern, asked)
    return found + ([] if parallel is None else [Rule("parallel", parallel, 1)])


def failing(rules: Iterable[Rule], wallet: Wallet) -> Rule | None:
    """The first rule that a call would break."""
    return next((rule for rule in rules if not rule.admits(wallet)), None)


def _budgets(caps: dict[str, Decimal], asked: Asked, zone: str) -> Iterator[Rule]:
    for of, window in tracking.money(caps, asked.model, asked.moment, zone):
        if caps[of.kind] > 0 and not asked.demand.cost:
            continue  # what costs nothing is refused by a budget of nothing only
        pattern = tracking.pattern_of(of.kind)
        yield Rule("budget", caps[of.kind], asked.demand.cost, of, window, pattern)


def _rates(rpm: int | None, tpm: int | None, pattern: str, asked: Asked) -> list[Rule]:
    found: list[Rule] = []
    if rpm is not None:
        found.append(Rule("requests", rpm, 1, tracking.requests(pattern, asked.moment), pattern=pattern))
    if tpm is not None:
        of = Sum("t", f"|{pattern}" if pattern else "", tracking.minute(asked.moment))
        found.append(Rule("tokens", tpm, asked.demand.tokens, of, pattern=pattern))
    return found
