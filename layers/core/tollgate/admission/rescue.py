"""Nobody is refused for money that is only held for calls that are over.

A hold is settled a second or two after its call, when that is counted. Before a call is refused, the ledger
is asked which of the calls that money is held for have ended: they hold no more than they cost. An expired
hold is nobody's: its call can no longer be under way, and whoever meets it takes it back.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from tollgate.admission.holding import Plan, Returns, give_back, returned_by
from tollgate.admission.rules import Rule
from tollgate.money import add
from tollgate.records import SpendEvent
from tollgate.storage.accounts import Accounts
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Hold, Wallet, began, less


class Rescue:
    """Finds what is held for nothing; `hold_seconds` is how long a call can be under way."""

    def __init__(self, accounts: Accounts, ledger: LedgerTable, hold_seconds: int, zone: str) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._hold = timedelta(seconds=hold_seconds)
        self._zone = zone

    def expired(self, wallet: Wallet, now: datetime) -> Returns:
        """The holds whose calls can no longer be under way: nothing is left of them."""
        return {request_id: None for request_id in wallet.holds if began(request_id) + self._hold < now}

    def vacated(self, account: Account, request_ids: Iterable[str]) -> WalletUpdate:
        """The write that says that calls are no longer in flight."""
        update = WalletUpdate(account)
        update.only_if_occupied()
        update.vacate(request_ids)
        return update

    async def relieve(self, plan: Plan, rule: Rule, wallet: Wallet) -> Wallet | None:
        """The wallet once what is held for ended calls is taken back; None when that makes no room.

        Raises AwsError, AwsUnavailable.
        """
        if rule.what == "parallel":
            return await self._empty_places(plan.grant.account, wallet)
        if rule.what != "budget" or not self._could_help(rule, wallet):
            return None
        events = {event.entry.request_id: event for event in await self._ledger.closed(list(wallet.holds))}
        returns = _returns(wallet, events) | dict(self.expired(wallet, datetime.now(UTC)))
        if not returns:
            return None
        try:
            return await self._accounts.update(give_back(plan.grant.account, wallet, returns, self._zone))
        except ConditionFailed:
            return (await self._accounts.standing(plan.grant.account)).wallet

    async def sweep(self, account: Account, wallet: Wallet) -> bool:
        """Take back what has expired; whether there was anything. Raises AwsError, AwsUnavailable."""
        now = datetime.now(UTC)
        returns = self.expired(wallet, now)
        places = [request_id for request_id in wallet.in_flight if began(request_id) + self._hold < now]
        if not (returns or places):
            return False
        update = give_back(account, wallet, returns, self._zone)
        if places:
            update.vacate(places)
        with suppress(ConditionFailed):  # somebody else was faster
            await self._accounts.update(update)
        return True

    async def _empty_places(self, account: Account, wallet: Wallet) -> Wallet | None:
        now = datetime.now(UTC)
        over = {event.entry.request_id for event in await self._ledger.closed(list(wallet.in_flight))}
        over |= {request_id for request_id in wallet.in_flight if began(request_id) + self._hold < now}
        return await self._accounts.update(self.vacated(account, over)) if over else None

    def _could_help(self, rule: Rule, wallet: Wallet) -> bool:
        """Whether there would be room if nothing at all were held."""
        if rule.sum is None or rule.most < 0:
            return False
        held = returned_by(wallet.holds, [rule.sum.kind], self._zone).get(rule.sum, 0)
        return bool(held) and less(rule.used(wallet), held) <= rule.most


def _returns(wallet: Wallet, events: dict[str, SpendEvent]) -> dict[str, Hold | None]:
    """The holds of ended calls that hold more than the call cost, and what is left of them."""
    return {
        request_id: Hold(events[request_id].charge, hold.model)
        for request_id, hold in wallet.holds.items()
        if request_id in events and add(hold.amount, 0) > events[request_id].charge
    }
