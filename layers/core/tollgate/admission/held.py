"""What is set aside for an attempt, as the attempt sees it: what its client is told, and when it is over."""

import asyncio
from collections.abc import Iterator
from typing import Final

from tollgate.admission.admission import Admission, Admitted
from tollgate.admission.holding import Plan
from tollgate.admission.rules import Rule
from tollgate.money import EXACT, plain
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.wallets import Wallet, less

_SCOPES: Final = {"end_user": "end_user", "key": "api_key"}
_BUDGETS: Final = {"end_user": "x-tollgate-budget-remaining", "key": "x-tollgate-key-budget-remaining"}


class Held:
    """The holds of one attempt. Wallets that admission did not tell of are read while the provider works."""

    def __init__(self, admission: Admission, admitted: Admitted) -> None:
        self._admission = admission
        self._admitted = admitted
        self._reading: asyncio.Task[list[Wallet]] | None = None
        if None in admitted.wallets:
            self._reading = asyncio.create_task(admission.wallets(admitted))
            self._reading.add_done_callback(_looked_at)

    async def headers(self) -> dict[str, str]:
        """What the client is told is left: none without limits, or when the store does not say."""
        try:
            wallets = await self._reading if self._reading else self._admitted.wallets
        except (AwsError, AwsUnavailable):
            return {}
        pairs = zip(self._admitted.plans, wallets, strict=True)
        return dict(header for plan, wallet in pairs for header in _headers(plan, wallet))

    async def release(self) -> None:
        """The call is not made."""
        await self._admission.release(self._admitted)

    async def leave(self) -> None:
        """The call is over."""
        await self._admission.leave(self._admitted)


def _headers(plan: Plan, wallet: Wallet | None) -> Iterator[tuple[str, str]]:
    """LiteLLM's for rates; and for money the least that any window leaves."""
    if wallet is None:
        return
    scope = _SCOPES[plan.grant.scope]
    left = [(rule, max(less(rule.limit, rule.used(wallet)), 0)) for rule in plan.rules]
    for rule, amount in left:
        if rule.what in ("requests", "tokens") and not rule.pattern:
            yield f"x-ratelimit-{scope}-limit-{rule.what}", str(rule.limit)
            yield f"x-ratelimit-{scope}-remaining-{rule.what}", str(amount)
    if money := [amount for rule, amount in left if _is_money(rule)]:
        yield _BUDGETS[plan.grant.scope], plain(EXACT.create_decimal(min(money)))


def _looked_at(task: "asyncio.Task[list[Wallet]]") -> None:
    """A failure that no answer waits for is nobody's."""
    if not task.cancelled():
        task.exception()


def _is_money(rule: Rule) -> bool:
    return rule.what == "budget"
