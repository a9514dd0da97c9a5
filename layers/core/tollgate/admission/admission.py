"""Admission: money, requests, tokens and a place in flight are set aside, or the provider is not called.

One conditional update admits a call to a wallet; two wallets, a customer's and a key's, are written by one
transaction. A call without limits costs nothing here. See storage/wallets.py for what a wallet holds.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from tollgate import observability, tracking
from tollgate.admission.beginning import Beginning
from tollgate.admission.history import History
from tollgate.admission.holding import Plan, free, give_back, write
from tollgate.admission.noting import noted
from tollgate.admission.policy import Grant, Policy
from tollgate.admission.refusals import refusal
from tollgate.admission.rescue import Rescue
from tollgate.admission.rules import Asked, Rule, failing, rules_of
from tollgate.errors import StoreUnavailable
from tollgate.records import Demand, Entry
from tollgate.storage.accounts import Accounts, AnotherStands
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.counters import CountersTable
from tollgate.storage.database import ConditionFailed, Database
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.wallets import Account, Standing, Wallet

_TRIES: Final = 10
_PAUSE: Final = 0.002  # seconds; the more tries it took, the more of it
_REMEMBERED: Final = 10_000
Renew = Callable[[], Awaitable[Policy]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that was admitted, and what its entry then says; `plans` and `wallets` are of its limits."""

    entry: Entry
    plans: Sequence[Plan] = ()
    wallets: Sequence[Wallet | None] = ()

    @property
    def in_flight(self) -> list[Account]:
        """The wallets in which the call takes one of so many places."""
        return [p.grant.account for p in self.plans if any(rule.what == "parallel" for rule in p.rules)]


class Terms(NamedTuple):
    """What a deployment chose: its zone, how long a call may be under way, the status of a spent budget."""

    zone: str
    hold_seconds: int
    status: int = 422


class Admission:
    """Admits calls; `renew` finds a policy anew when management has changed it meanwhile."""

    def __init__(self, accounts: Accounts, beginning: Beginning, rescue: Rescue, terms: Terms) -> None:
        self._accounts = accounts
        self._beginning = beginning
        self._rescue = rescue
        self._status = terms.status
        self._zone = terms.zone
        self._last: OrderedDict[Account, Wallet] = OrderedDict()
        self._background: set[asyncio.Task[None]] = set()  # the event loop itself holds tasks only weakly

    @classmethod
    def over(cls, database: Database, counters: CountersTable, ledger: LedgerTable, terms: Terms) -> Self:
        """Admission over the tables of a deployment."""
        accounts = Accounts(database)
        beginning = Beginning(accounts, History(counters, ledger, terms.zone))
        return cls(accounts, beginning, Rescue(accounts, ledger, terms.hold_seconds, terms.zone), terms)

    async def admit(self, policy: Policy, entry: Entry, demand: Demand, renew: Renew) -> Admitted:
        """Set aside what a call may use. Raises BudgetExceeded, RateLimited, StoreUnavailable."""
        asked = Asked(entry.request_id, entry.started_at, entry.model_group, demand)
        plans: list[Plan] = []
        try:
            for attempt in range(_TRIES):
                await asyncio.sleep(random.uniform(0, _PAUSE * attempt))  # noqa: S311 - jitter
                if not policy.grants:
                    return Admitted(entry)
                plans = [await self._plan(grant, asked) for grant in policy.grants]
                if not all(plan.is_kept for plan in plans):
                    continue  # somebody else was writing; what is not kept cannot be limited
                admitted, is_outdated = await self._try(entry, plans)
                if admitted is not None:
                    return admitted
                policy = await renew() if is_outdated else policy
        except (AwsError, AwsUnavailable) as error:
            self._later(self.release(Admitted(entry, plans)))  # it may have been written: answers get lost
            raise StoreUnavailable("The limits of this call could not be checked; try again.") from error
        raise StoreUnavailable("The limits of this call keep changing; try again.")

    async def release(self, admitted: Admitted) -> None:
        """Take back what was set aside for a call that is not made; what fails expires."""
        for plan in admitted.plans:
            try:
                await self._release(plan)
            except (AwsError, AwsUnavailable) as error:
                observability.logger.error("a hold was not released", extra={"reason": str(error)})

    async def _release(self, plan: Plan) -> None:
        """Take back one hold, from the wallet as admission left it, else as it stands by then."""
        account, request_id = plan.grant.account, plan.asked.request_id
        update = free(plan, self._zone)
        for _ in range(_TRIES):
            try:
                await self._accounts.update(update)
            except ConditionFailed:
                wallet = (await self._accounts.standing(account)).wallet
                if request_id not in wallet.holds:
                    return
                update = give_back(account, wallet, {request_id: None}, self._zone)
                update.vacate([request_id])
            else:
                return

    async def leave(self, admitted: Admitted) -> None:
        """A call is no longer in flight; what it spent is settled when it is counted."""
        request_id = admitted.entry.request_id
        await asyncio.gather(*(self._leave(account, request_id) for account in admitted.in_flight))

    async def wallets(self, admitted: Admitted) -> list[Wallet]:
        """The wallets as admission left them, or as they stand by now where it was not told."""
        found = []
        for plan, wallet in zip(admitted.plans, admitted.wallets, strict=True):
            stands = wallet or (await self._accounts.standing(plan.grant.account)).wallet
            self._remember(plan.grant.account, stands)
            found.append(stands)
        return found

    async def _plan(self, grant: Grant, asked: Asked) -> Plan:
        """What to write, by how the wallet was last seen; what is not kept yet begins to be."""
        now = datetime.now(UTC)
        kinds = tracking.kinds_of(grant.limits, asked.moment, grant.made)
        rules = rules_of(grant.limits, asked, grant.made, self._zone)
        plan = Plan(grant, asked, rules, kinds, self._newest(grant))
        if not plan.is_kept:
            moments = (asked.moment, now)  # the window that the call is of, and the one that others are in
            plan = replace(plan, wallet=await self._beginning.keep(grant, kinds, moments))
            self._remember(grant.account, plan.wallet)
        return replace(plan, returns=self._rescue.expired(plan.wallet, now))

    def _newest(self, grant: Grant) -> Wallet:
        last = self._last.get(grant.account, grant.wallet)
        return last if last.version > grant.wallet.version else grant.wallet

    async def _try(self, entry: Entry, plans: list[Plan]) -> tuple[Admitted | None, bool]:
        """The call admitted; or what is to be done before another try: whether to find its policy anew."""
        now = datetime.now(UTC)
        updates = [write(plan, self._zone, now) for plan in plans]
        try:
            wallets = await self._accounts.admit(updates, entry.started_at)
        except AnotherStands as error:
            return await self._reconsider(entry, plans, error.found)
        for place, plan in enumerate(plans):
            if wallets[place] is None and plan.grant.limits.mode == "observe":
                wallets[place] = (await self._accounts.standing(plan.grant.account)).wallet
            self._remember(plan.grant.account, wallets[place])
        return Admitted(noted(entry, plans, wallets), plans, wallets), False

    async def _reconsider(
        self, entry: Entry, plans: list[Plan], found: Sequence[Standing | None]
    ) -> tuple[Admitted | None, bool]:
        stands = [(plan, stand) for plan, stand in zip(plans, found, strict=True) if stand is not None]
        if all(entry.request_id in stand.wallet.holds for _, stand in stands):
            wallets = [stand.wallet if stand else None for stand in found]  # a retry met its own first write
            return Admitted(noted(entry, plans, wallets), plans, wallets), False
        for plan, stand in stands:
            self._remember(plan.grant.account, stand.wallet)
            if _is_outdated(plan, stand):
                return None, True
        for plan, stand in stands:
            rule = failing(plan.rules, stand.wallet) if plan.grant.limits.mode == "strict" else None
            if rule is not None and not await self._made_room(plan, rule, stand.wallet):
                raise refusal(plan.grant, rule, stand.wallet, self._zone, self._status)
        return None, False

    async def _made_room(self, plan: Plan, rule: Rule, wallet: Wallet) -> bool:
        """Whether taking back what is held for ended calls made room for this one, or may have."""
        after = await self._rescue.relieve(plan, rule, wallet)
        if after is not None:
            self._remember(plan.grant.account, after)
        return after is not None

    async def _leave(self, account: Account, request_id: str) -> None:
        try:
            await self._accounts.update(self._rescue.vacated(account, [request_id]))
        except ConditionFailed:
            return  # nobody is in flight there
        except (AwsError, AwsUnavailable) as error:  # the recorder frees the place a second later
            observability.logger.warning("a place in flight was not freed", extra={"reason": str(error)})

    def _later(self, work: Coroutine[None, None, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _remember(self, account: Account, wallet: Wallet | None) -> None:
        if wallet is None:
            return
        self._last[account] = wallet
        self._last.move_to_end(account)
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)


def _is_outdated(plan: Plan, stand: Standing) -> bool:
    """Whether an item is not the one that the policy was found for: changed, deleted, or no longer new."""
    is_another = stand.revision != plan.grant.revision or stand.wallet.version < plan.wallet.version
    return is_another or (plan.is_new and stand.seen)
