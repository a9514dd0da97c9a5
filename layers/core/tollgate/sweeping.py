"""The schedule's part against leaking holds: wallets are looked through for what has expired.

Whoever holds next takes expired holds back himself (admission/rescue.py), and an abandoned call's hold is
settled when reconcile closes its entry. What is left is the hold of a call that died before its entry was on
its way, of somebody who never calls again: a page of each table a run comes by in time, and writes nothing
where there is nothing to take back.
"""

from tollgate import observability
from tollgate.admission.rescue import Rescue
from tollgate.storage.accounts import Accounts
from tollgate.storage.aws import AwsError
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.wallets import Account, Wallet


class Sweeping:
    """Goes through the wallets of the tables of some accounts, on and on from where it was."""

    def __init__(
        self, accounts: Accounts, rescue: Rescue, checkpoints: Checkpoints, everyone: tuple[Account, ...]
    ) -> None:
        self._accounts = accounts
        self._rescue = rescue
        self._checkpoints = checkpoints
        self._everyone = everyone

    async def run(self) -> int:
        """One page of each table; how many wallets something was taken back to.

        Raises AwsError, AwsUnavailable.
        """
        cursors = await self._checkpoints.cursors()
        swept = 0
        for start in self._everyone:
            page, cursor = await self._accounts.page(start._replace(id=cursors.get(start.table, "")))
            for account, wallet in page:
                swept += await self._sweep(account, wallet)
            cursors[start.table] = cursor
        await self._checkpoints.save_cursors(cursors)
        return swept

    async def _sweep(self, account: Account, wallet: Wallet) -> bool:
        """Sweep one wallet; one that cannot be swept holds up no other."""
        try:
            return await self._rescue.sweep(account, wallet)
        except AwsError as error:
            what = {"table": account.table, "id": account.id, "reason": str(error)}
            observability.logger.error("a wallet was not swept", extra=what)
            return False
