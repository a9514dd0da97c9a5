"""A wallet that begins to keep another kind of window: what was used in the present one is added up first.

The write is made only if nothing was counted or held since the wallet was read, so that nothing is missed and
nothing counted twice; from then on every event and hold is part of it.
"""

from datetime import datetime, time
from decimal import Decimal
from typing import Final

from tollgate import tracking
from tollgate.admission.history import History, Subject
from tollgate.admission.policy import Grant
from tollgate.days import zone
from tollgate.money import add
from tollgate.storage.accounts import Accounts, AnotherStands
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Standing, Sum, Wallet, began, joined
from tollgate.windows import Window, window

_MOST_KINDS: Final = 12


class Beginning:
    """Makes a wallet keep what the limits of its account need."""

    def __init__(self, accounts: Accounts, history: History, zone_name: str) -> None:
        self._accounts = accounts
        self._history = history
        self._zone = zone_name

    async def keep(self, grant: Grant, kinds: frozenset[str], now: datetime) -> Wallet:
        """The wallet as it stands, all kinds kept unless somebody was faster.

        Raises AwsError, AwsUnavailable.
        """
        standing = await self._accounts.standing(grant.account)
        kept = set(standing.wallet.kinds)
        if standing.wallet.tracked and kinds <= kept:
            return standing.wallet
        update = WalletUpdate(grant.account)
        update.only_if_version(standing.wallet.version)
        update.track(joined(kinds | kept if len(kinds | kept) <= _MOST_KINDS else kinds))
        for kind in sorted(kinds - kept):
            for of, amount in await self._used(grant, kind, standing, now):
                update.put(of, amount)
        try:
            (wallet,) = await self._accounts.admit([update], now)
        except AnotherStands:
            wallet = None
        return wallet or (await self._accounts.standing(grant.account)).wallet

    async def _used(
        self, grant: Grant, kind: str, standing: Standing, now: datetime
    ) -> list[tuple[Sum, int | Decimal]]:
        """What is used of the present window of a kind; the minute's tokens begin with none."""
        of = kind.partition("|")[0]
        if of == tracking.TOKENS:
            return []
        present, pattern = window(of, now, self._zone), tracking.pattern_of(kind)
        subject = Subject(grant.account.id, grant.scope == "key", pattern)
        used: int | Decimal = await self._spent(grant, subject, present, standing, now)
        for request_id, hold in standing.wallet.holds.items():
            if subject.fits(hold.model) and present.covers(began(request_id)):
                used = add(used, hold.amount)
        return [(Sum("w", kind, present.second), used)]

    async def _spent(
        self, grant: Grant, subject: Subject, present: Window, standing: Standing, now: datetime
    ) -> Decimal:
        opening = standing.opening
        if opening is not None and present.covers(opening.at):
            since = await self._history.since(subject, opening.at, now)
            return Decimal(add(since, 0 if subject.pattern else opening.amount))
        made = datetime.combine(grant.made, time(), zone(self._zone))
        bounded = Window(present.kind, max(present.start, made), present.end)
        return await self._history.spent(subject, bounded, now)
