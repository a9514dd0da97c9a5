"""A wallet that begins to keep another kind of window: what was used in the present one is added up first.

The write is made only if nothing was counted or held since the wallet was read, so that nothing is missed and
nothing counted twice; from then on every event and hold is part of it.
"""

from datetime import datetime
from typing import Final

from tollgate import tracking
from tollgate.admission.history import History, Owner
from tollgate.admission.policy import Grant
from tollgate.storage.accounts import Accounts, AnotherStands
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Wallet, joined

_MOST_KINDS: Final = 12


class Beginning:
    """Makes a wallet keep what the limits of its account need."""

    def __init__(self, accounts: Accounts, history: History) -> None:
        self._accounts = accounts
        self._history = history

    async def keep(self, grant: Grant, kinds: frozenset[str], moments: tuple[datetime, datetime]) -> Wallet:
        """The wallet as it stands, all kinds kept in the windows of some moments, unless somebody was faster.

        Raises AwsError, AwsUnavailable.
        """
        standing = await self._accounts.standing(grant.account)
        kept = set(standing.wallet.kinds)
        if standing.wallet.tracked and kinds <= kept:
            return standing.wallet
        update = WalletUpdate(grant.account)
        update.only_if_version(standing.wallet.version)
        update.track(joined(kinds | kept if len(kinds | kept) <= _MOST_KINDS else kinds))
        owner = Owner(grant.account.id, grant.scope == "key", grant.made)
        for kind in sorted(kinds - kept):
            if not tracking.is_tokens(kind):  # the minute's begin with none
                used = [await self._history.used(owner, kind, standing, moment) for moment in moments]
                for of, amount in dict(used).items():  # one, unless a window just ended
                    update.put(of, amount)
        try:
            (wallet,) = await self._accounts.admit([update], moments[0])
        except AnotherStands:
            wallet = None
        return wallet or (await self._accounts.standing(grant.account)).wallet
