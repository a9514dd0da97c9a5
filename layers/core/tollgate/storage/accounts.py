"""Customers' and keys' items as admission uses them: one read, one write, or two of them at once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.codec import from_item
from tollgate.storage.customers import CUSTOMER_ID, meet
from tollgate.storage.database import ConditionFailed, Database, collided, failed_conditions
from tollgate.storage.keys import must_stand
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Standing, Wallet, parse_wallet, standing

_TRIES: Final = 20
_PAGE: Final = 1000
_NOTHING: Final = standing({})


class AnotherStands(Exception):
    """A wallet was not as an update demanded; `found` is how each stands, None for one that was."""

    def __init__(self, found: Sequence[Standing | None]) -> None:
        super().__init__("a wallet is not as it was seen")
        self.found = found


class Accounts:
    """Reads and writes wallets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, account: Account) -> Standing:
        """How an account stands. Raises AwsError, AwsUnavailable."""
        item = await self._database.get(account.table, account.key)
        return standing(item) if item else _NOTHING

    async def page(self, after: Account) -> tuple[list[tuple[Account, Wallet]], str]:
        """Some of a table's wallets after an account ("": from the start), and the id to go on after.

        For housekeeping only: it reads every item, a page at a time.
        """
        request: dict[str, Any] = {"TableName": after.table, "Limit": _PAGE}
        if after.id:
            request["ExclusiveStartKey"] = after.key
        items, last = await self._database.scan_page(request)
        found = [(after._replace(id=item[after.attribute]), parse_wallet(item)) for item in items]
        return found, from_item(last)[after.attribute] if last else ""

    async def update(self, update: WalletUpdate) -> Wallet:
        """Write; the wallet as it then stands. Raises ConditionFailed, AwsError, AwsUnavailable."""
        return parse_wallet(await self._database.update({**update.request(), "ReturnValues": "ALL_NEW"}))

    async def admit(self, updates: Sequence[WalletUpdate], moment: datetime) -> list[Wallet | None]:
        """Write all or nothing; the wallets as they then stand, where that is told: one alone is.

        A customer that is not there is made; a key is not. Raises AnotherStands, AwsError, AwsUnavailable.
        """
        for update in updates:
            if update.begins:
                _meet(update, moment)
        if len(updates) > 1:
            return await self._together(updates)
        try:
            return [await self.update(updates[0])]
        except ConditionFailed as error:
            raise AnotherStands([standing(error.item)]) from None

    async def _together(self, updates: Sequence[WalletUpdate]) -> list[Wallet | None]:
        """A transaction, again while others are at work on its items."""
        actions = [update.action() for update in updates]
        for attempt in range(_TRIES):
            try:
                await self._database.transact(actions)
            except AwsError as error:
                if found := failed_conditions(error):
                    stands = [standing(found[n]) if n in found else None for n in range(len(updates))]
                    raise AnotherStands(stands) from None
                if not collided(error):
                    raise
            else:
                return [None] * len(updates)
            await asyncio.sleep(random.uniform(0, min(0.5, 0.01 * 2**attempt)))  # noqa: S311 - jitter
        raise AwsUnavailable(f"TransactWriteItems: others were at work in {_TRIES} attempts")


def _meet(update: WalletUpdate, moment: datetime) -> None:
    if update.account.attribute == CUSTOMER_ID:
        meet(update, moment)
    else:
        must_stand(update)
