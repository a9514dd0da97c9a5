"""What an entry says of its admission: what is held, by which wallets, and what would have refused it."""

from collections.abc import Sequence
from dataclasses import replace

from tollgate.admission.holding import Plan
from tollgate.admission.refusals import name_of
from tollgate.records import Entry
from tollgate.storage.wallets import Wallet


def noted(entry: Entry, plans: Sequence[Plan], wallets: Sequence[Wallet | None]) -> Entry:
    """The entry with what is held for it, and by which wallets."""
    tracked = {plan.grant.scope: plan.tracked for plan in plans}
    blocking = [_would_block(plan, wallet) for plan, wallet in zip(plans, wallets, strict=True)]
    return replace(
        entry,
        held=max((plan.hold.amount for plan in plans), default=entry.held),
        held_tokens=max(plan.asked.demand.tokens for plan in plans),
        tracked=tracked.get("end_user", ""),
        key_tracked=tracked.get("key", ""),
        would_block=next(filter(None, blocking), ""),
    )


def _would_block(plan: Plan, wallet: Wallet | None) -> str:
    """The limit that this call passes and that only observes: all but money is in the wallet already."""
    if plan.grant.limits.mode != "observe" or wallet is None:
        return ""
    for rule in plan.rules:
        over = rule.used(wallet) > rule.limit if rule.what != "budget" else not rule.admits(wallet)
        if over:
            return f"{plan.grant.scope} {name_of(rule)}"
    return ""
