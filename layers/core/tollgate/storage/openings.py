"""Setting a balance: what was spent, and every window of the wallet, begin anew with an amount."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tollgate import tracking, windows
from tollgate.limits import fits
from tollgate.money import EXACT
from tollgate.storage.customers import OPTIONAL, Customer, CustomersTable, Profile, opened, written
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Hold, Opening, Sum, Wallet, began, held


@dataclass(frozen=True, slots=True)
class Restart:
    """A customer as it was read, with the balance that it is to have from a moment on, and its profile."""

    customer: Customer
    profile: Profile
    opening: Opening
    zone_name: str

    def action(self, customers: CustomersTable) -> dict[str, Any]:
        """The transaction's action that sets it, if neither management nor a call changed the item meanwhile.

        Windows are down to what is held, and those of every model that go on now begin with the amount.
        """
        update = WalletUpdate(customers.account(self.customer.customer_id))
        update.only_if_there("customer_id")
        update.only_if_version(self.customer.wallet.version)
        update.only_if_revision(self.customer.revision)
        update.set("spend", self.opening.amount)
        update.set("opening", opened(self.opening))
        self._profile(update)
        for of, amount in self._windows():
            update.put(of, amount)
        return update.action()

    def _profile(self, update: WalletUpdate) -> None:
        sets = written(self.customer, self.profile, self.opening.at)
        for name, value in sets.items():
            update.set(name, value)
        for name in OPTIONAL:
            if name not in sets:
                update.remove(name)

    def _windows(self) -> Iterator[tuple[Sum, Decimal]]:
        wallet = self.customer.wallet
        present = tracking.money(wallet.kinds, "", self.opening.at, self.zone_name)
        for of in {**wallet.used, **{one.sum: 0 for one in present}}:
            if of.what == "w":
                kind, _, pattern = of.kind.partition("|")
                window = windows.window(kind, datetime.fromtimestamp(of.start, UTC), self.zone_name)
                begun = not pattern and window.covers(self.opening.at)
                amount = _held(wallet, window, pattern)
                yield of, EXACT.add(amount, self.opening.amount) if begun else amount


def _held(wallet: Wallet, window: windows.Window, pattern: str) -> Decimal:
    return held(h for one, h in wallet.holds.items() if window.covers(began(one)) and _fits(h, pattern))


def _fits(hold: Hold, pattern: str) -> bool:
    return not pattern or fits(hold.model, pattern)
