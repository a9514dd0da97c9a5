"""Changes of single customers: what is written, and how the customer stands before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from tollgate.limits import Limits
from tollgate.management import profiles
from tollgate.management.audited import Change
from tollgate.management.customer_fields import CustomerFields
from tollgate.money import ZERO
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_info import customer_response
from tollgate.storage.budgets import Budget
from tollgate.storage.customers import Customer, CustomersTable, Profile, first_revision
from tollgate.storage.openings import Restart
from tollgate.storage.wallets import Opening


class Seen(NamedTuple):
    """A customer as it was read, and the tier that it is on."""

    customer: Customer
    tier: Budget | None = None


class Step(NamedTuple):
    """One customer's change; `after` None when it is deleted, `action` None when nothing is to be written."""

    verb: str
    action: Mapping[str, Any] | None
    before: Seen | None
    after: Seen | None


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one request, at its moment."""

    table: CustomersTable
    clock: Clock

    def made(self, fields: CustomerFields, tier: Budget | None) -> Step:
        """A customer that is not there yet. Raises Unprocessable."""
        return self._made(
            "new", fields.user_id, profiles.changed(Profile(), fields, _limits(tier)), tier, fields.spend
        )

    def changed(self, seen: Seen, fields: CustomerFields, tier: Budget | None) -> Step:
        """A customer changed as the body says; `tier` is the one it names, or is on. Raises Unprocessable."""
        profile = profiles.changed(seen.customer.profile, fields, _limits(tier))
        if "spend" in fields.model_fields_set:
            return self._restarted("update", seen, profile, tier, fields.spend or ZERO)
        return self._replaced("update", seen, profile, tier)

    def reset(self, seen: Seen) -> Step:
        """A customer that has spent nothing."""
        return self._restarted("reset_spend", seen, seen.customer.profile, seen.tier, ZERO)

    def blocked(self, customer_id: str, seen: Seen | None, *, blocked: bool) -> Step:
        """A customer blocked or not; one that is not there is made."""
        verb = "block" if blocked else "unblock"
        if seen is None:
            return self._made(verb, customer_id, Profile(blocked=blocked), None, None)
        profile = msgspec.structs.replace(seen.customer.profile, blocked=blocked)
        return self._replaced(verb, seen, profile, seen.tier)

    def deleted(self, seen: Seen) -> Step:
        """A customer gone."""
        return Step("delete", self.table.delete(seen.customer), seen, None)

    def shown(self, seen: Seen | None) -> dict[str, Any] | None:
        """A customer as the API shows it."""
        return customer_response(seen.customer, seen.tier, self.clock) if seen else None

    def change(self, step: Step) -> Change:
        """A step for the audit."""
        seen = step.after or step.before
        name = seen.customer.customer_id if seen else ""
        return Change(f"customer.{step.verb}", name, self.shown(step.before), self.shown(step.after))

    def _made(
        self, verb: str, customer_id: str, profile: Profile, tier: Budget | None, spend: Decimal | None
    ) -> Step:
        customer = Customer(
            customer_id,
            spend=spend or ZERO,
            created_at=self.clock.now,
            profile=profile,
            revision=first_revision(self.clock.now),
            opening=Opening(spend or ZERO, self.clock.now),  # what another of this id spent is not its
        )
        return Step(verb, self.table.create(customer), None, Seen(customer, _linked(profile, tier)))

    def _replaced(self, verb: str, seen: Seen, profile: Profile, tier: Budget | None) -> Step:
        if profile == seen.customer.profile:
            return Step(verb, None, seen, seen)
        action = self.table.change(seen.customer, profile, self.clock.now)
        return Step(verb, action, seen, Seen(self._after(seen, profile), _linked(profile, tier)))

    def _restarted(
        self, verb: str, seen: Seen, profile: Profile, tier: Budget | None, amount: Decimal
    ) -> Step:
        opening = Opening(amount, self.clock.now)
        action = Restart(seen.customer, profile, opening, self.clock.zone_name).action(self.table)
        after = replace(self._after(seen, profile), spend=amount, opening=opening)
        return Step(verb, action, seen, Seen(after, _linked(profile, tier)))

    def _after(self, seen: Seen, profile: Profile) -> Customer:
        revision = seen.customer.revision + 1
        return replace(seen.customer, profile=profile, revision=revision, updated_at=self.clock.now)


def _limits(tier: Budget | None) -> Limits | None:
    return tier.limits if tier else None


def _linked(profile: Profile, tier: Budget | None) -> Budget | None:
    return tier if profile.budget_id else None
