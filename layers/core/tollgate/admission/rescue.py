"""Nobody is refused for money that is only held for calls that are over.

A hold is settled a second or two after its call, when that is counted. Before a call is refused, the ledger
is asked which of the calls that money is held for have ended: they hold no more than they cost. An expired
hold is nobody's: its call can no longer be under way, and whoever meets it takes it back.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from tollgate.admission.holding import Plan, Returns, give_back
from tollgate.admission.rules import Rule
from tollgate.records import SpendEvent
from tollgate.storage.accounts import Accounts
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Hold, Wallet, began, less
from tollgate.tracking import returned_by

# An expression has 4 kB and 300 operators at most, and the limits themselves are in it, too:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_AT_ONCE: Final = 40


class Rescue:
    """Finds what is held for nothing; `hold_seconds` is how long a call can be under way."""

    def __init__(self, accounts: Accounts, ledger: LedgerTable, hold_seconds: int, zone: str) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._hold = timedelta(seconds=hold_seconds)
        self._zone = zone

    def expired(self, wallet: Wallet, now: datetime) -> Returns:
        """Holds whose calls can no longer be under way, the oldest first: nothing is left of them."""
        found = sorted(request_id for request_id in wallet.holds if began(request_id) + self._hold < now)
        return dict.fromkeys(found[:_AT_ONCE])

    def vacated(self, account: Account, request_ids: Iterable[str]) -> WalletUpdate:
        """The write that says that calls are no longer in flight."""
        update = WalletUpdate(account)
        update.only_if_occupied()
        update.vacate(request_ids)
        return update

    async def relieve(self, plan: Plan, rule: Rule, wallet: Wallet) -> Wallet | None:
        """The wallet once what is held for ended calls is taken back, or some of it; None when nothing is.

        Raises AwsError, AwsUnavailable.
        """
        account = plan.grant.account
        if rule.what == "parallel":
            update = await self._emptied(account, wallet)
        else:
            update = await self._returned(account, rule, wallet)
        if update is None:
            return None
        try:
            return await self._accounts.update(update)
        except ConditionFailed:  # somebody else was faster
            return (await self._accounts.standing(account)).wallet

    async def sweep(self, account: Account, wallet: Wallet) -> bool:
        """Take back what has expired; whether there was anything. Raises AwsError, AwsUnavailable."""
        swept = False
        while update := self._swept(account, wallet, datetime.now(UTC)):
            swept = True
            try:
                wallet = await self._accounts.update(update)
            except ConditionFailed:  # somebody else was faster
                break
        return swept

    def _swept(self, account: Account, wallet: Wallet, now: datetime) -> WalletUpdate | None:
        if returns := self.expired(wallet, now):
            return give_back(account, wallet, returns, self._zone)
        places = [request_id for request_id in wallet.in_flight if began(request_id) + self._hold < now]
        return self.vacated(account, places) if places else None

    async def _returned(self, account: Account, rule: Rule, wallet: Wallet) -> WalletUpdate | None:
        """The write that takes back money, if that can help."""
        if rule.what != "budget" or not self._could_help(rule, wallet):
            return None
        events = {event.entry.request_id: event for event in await self._ledger.closed(list(wallet.holds))}
        returns = _returns(wallet, events) | dict(self.expired(wallet, datetime.now(UTC)))
        most = sorted(returns, key=lambda name: wallet.holds[name].amount, reverse=True)[:_AT_ONCE]
        chosen = {name: returns[name] for name in most}
        return give_back(account, wallet, chosen, self._zone) if chosen else None

    async def _emptied(self, account: Account, wallet: Wallet) -> WalletUpdate | None:
        """The write that frees the places of calls that are over."""
        now = datetime.now(UTC)
        over = {event.entry.request_id for event in await self._ledger.closed(list(wallet.in_flight))}
        over |= {request_id for request_id in wallet.in_flight if began(request_id) + self._hold < now}
        return self.vacated(account, over) if over else None

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
        if request_id in events and hold.amount > events[request_id].charge
    }
