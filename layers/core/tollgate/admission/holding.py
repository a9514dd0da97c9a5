"""The one write that admits a call to a wallet: every limit is its condition, every sum is raised by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from tollgate import tracking
from tollgate.admission.policy import Grant
from tollgate.admission.rules import Asked, Rule
from tollgate.money import ZERO, add
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Account, Hold, Sum, Wallet, joined, less, split

_MOST_LITTER = 20  # sums forgotten in one write
Returns = Mapping[str, Hold | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written for a call to one wallet, as last seen; `kinds` are what its limits need kept.

    `returns` are holds found to be more than they need be: what is left of each, None where nothing is.
    """

    grant: Grant
    asked: Asked
    rules: list[Rule]
    kinds: frozenset[str]
    wallet: Wallet
    returns: Returns = field(default_factory=dict)

    @property
    def hold(self) -> Hold:
        """What is set aside: nothing where limits only observe."""
        cost = ZERO if self.grant.limits.mode == "observe" else self.asked.demand.cost
        return Hold(cost, self.asked.model)

    @property
    def tracked(self) -> str:
        """The kinds that the wallet keeps, as it says, or as it will."""
        return self.wallet.tracked or joined(self.kinds)

    @property
    def is_kept(self) -> bool:
        """Whether all that the limits need is kept, or nothing was ever used."""
        kept = bool(self.wallet.tracked) and self.kinds <= set(self.wallet.kinds)
        return kept or self.is_new

    @property
    def is_new(self) -> bool:
        """Whether nothing was used before anything was kept."""
        return self.grant.fresh and not self.wallet.tracked


def write(plan: Plan, zone: str, now: datetime) -> WalletUpdate:
    """The write, its conditions among it."""
    update = WalletUpdate(plan.grant.account)
    update.only_if_revision(plan.grant.revision)
    update.only_if_tracked(plan.wallet.tracked)
    if plan.is_new:
        update.only_if_unseen()
        update.track(plan.tracked)
    update.hold(plan.asked.request_id, plan.hold)
    returned = _return(update, plan.wallet, plan.returns, zone, now)
    _raise(update, plan, returned, zone)
    if plan.grant.limits.mode == "strict":
        _limit(update, plan.rules, plan.asked, returned)
    elif any(rule.what == "parallel" for rule in plan.rules):
        update.occupy(plan.asked.request_id)
    update.drop(tracking.litter(plan.wallet, now, zone)[:_MOST_LITTER])
    return update


def free(plan: Plan, zone: str) -> WalletUpdate:
    """The write that takes a hold back whose call is not made."""
    update = WalletUpdate(plan.grant.account)
    asked, hold = plan.asked, plan.hold
    update.only_if_tracked(plan.tracked)
    update.expect(asked.request_id, hold)
    for of, amount in tracking.returned_by({asked.request_id: hold}, split(plan.tracked), zone).items():
        update.use(of, less(0, amount))
    update.vacate([asked.request_id])
    return update


def give_back(account: Account, wallet: Wallet, returns: Returns, zone: str) -> WalletUpdate:
    """The write that takes back what holds need not hold, from a wallet as it was seen."""
    update = WalletUpdate(account)
    update.only_if_tracked(wallet.tracked)  # a hold is part of every kind kept, also of those kept since
    for of, amount in _return(update, wallet, returns, zone, datetime.now(UTC)).items():
        update.use(of, less(0, amount))
    return update


def _return(
    update: WalletUpdate, wallet: Wallet, returns: Returns, zone: str, now: datetime
) -> dict[Sum, int | Decimal]:
    """Take back what holds need not hold; by how much each sum is lowered."""
    lowered: dict[str, Hold] = {}
    for request_id, left in returns.items():
        old = wallet.holds[request_id]
        if left is None:
            update.expect(request_id, old)
        else:
            update.shrink(request_id, old, left)
        amount = less(old.amount, left.amount if left else 0)
        lowered[request_id] = Hold(Decimal(amount), old.model)
    return {
        of: amount
        for of, amount in tracking.returned_by(lowered, wallet.kinds, zone).items()
        if not tracking.is_settled(tracking.window_of(of, zone), now)
    }


def _raise(update: WalletUpdate, plan: Plan, returned: Mapping[Sum, int | Decimal], zone: str) -> None:
    """Every sum by what the call adds, less what is returned to it."""
    asked, kinds = plan.asked, split(plan.tracked)
    changes: dict[Sum, int | Decimal] = {of: less(0, amount) for of, amount in returned.items()}
    for of, _ in tracking.money(kinds, asked.model, asked.moment, zone):
        changes[of] = add(changes.get(of, 0), plan.hold.amount)
    for of in tracking.tokens(kinds, asked.model, asked.moment):
        changes[of] = asked.demand.tokens
    changes |= {rule.sum: 1 for rule in plan.rules if rule.what == "requests" and rule.sum}
    for of, amount in changes.items():
        if amount:
            update.use(of, amount)


def _limit(
    update: WalletUpdate, rules: list[Rule], asked: Asked, returned: Mapping[Sum, int | Decimal]
) -> None:
    for rule in rules:
        if rule.sum is None:
            update.occupy(asked.request_id, int(rule.limit))
        elif rule.most < 0:
            update.never()
        else:
            update.at_most(rule.sum, add(rule.most, returned.get(rule.sum, 0)))
