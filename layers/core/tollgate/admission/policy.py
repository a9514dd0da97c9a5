"""Which limits hold for a call: its customer's own, its tier's, those of its key's tier, or the default's.

The first of these that there is counts, whole. A key's own limits hold beside them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Literal, NamedTuple

from tollgate import observability
from tollgate.cached import Cached
from tollgate.days import day_of
from tollgate.errors import StoreUnavailable
from tollgate.key_lookup import Known
from tollgate.keys import Caller, fault_of
from tollgate.limits import Limits
from tollgate.settings import LimitSettings
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.budgets import Budget, BudgetsTable
from tollgate.storage.customers import Customer, CustomersTable, Profile
from tollgate.storage.keys import Key, KeysTable
from tollgate.storage.wallets import Account, Wallet

Scope = Literal["end_user", "key"]
NO_LIMITS: Final = Limits()
_UNKNOWN: Final = Profile()
_LIMITED: Final = Customer("", profile=Profile(limits=NO_LIMITS))  # for all we know


@dataclass(frozen=True, slots=True)
class Grant:
    """The limits of one customer or key: where they come from, and its wallet as it was last read.

    `revision` is management's, 0 for what it never wrote; `fresh` means that nothing was ever counted there.
    """

    scope: Scope
    account: Account
    limits: Limits
    source: str
    made: date
    revision: int
    wallet: Wallet
    fresh: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a call. `grants` are those of its limits that can refuse it: none, one or two."""

    customer_id: str
    profile: Profile
    grants: tuple[Grant, ...]
    caller: Caller


class Stores(NamedTuple):
    """The tables that say what is allowed."""

    customers: CustomersTable
    budgets: BudgetsTable
    keys: KeysTable


class Policies:
    """Finds policies, each part of one read at most every POLICY_TTL_SECONDS."""

    def __init__(self, stores: Stores, settings: LimitSettings, zone_name: str) -> None:
        self._stores = stores
        self._default = settings.max_end_user_budget_id
        self._zone = zone_name
        ttl = settings.policy_ttl_seconds
        self._customers = Cached[str, Customer | None](stores.customers.get, ttl)
        self._budgets = Cached[str, Budget | None](stores.budgets.get, ttl)

    async def of(self, customer_id: str, caller: Caller, *, fresh: bool = False) -> Policy:
        """The policy of a call; `fresh` reads customer and key anew. Raises StoreUnavailable, Unauthorized.

        A customer that had no limits when last read has none while the store cannot be asked: nobody can give
        it any then, either.
        """
        try:
            return await self._find(customer_id, caller, fresh=fresh)
        except (AwsError, AwsUnavailable) as error:
            customer = self._customers.stale(customer_id, _LIMITED) or Customer(customer_id)
            if not self._may_be_limited(customer, caller):
                return Policy(customer_id, customer.profile, (), caller)
            raise StoreUnavailable("The limits of this call could not be read; try again.") from error

    async def limits_of(self, customer: Customer, caller: Caller | None = None) -> tuple[Limits, str]:
        """The limits of a customer and their source, such as budget:free; "" when there are none.

        Raises StoreUnavailable when the default's tier is missing: nobody is without limits by mistake.
        """
        if customer.profile.limits is not None:
            return customer.profile.limits, "customer"
        of_key = caller.key.profile.end_user_budget_id if caller and caller.key else None
        for budget_id in filter(None, (customer.profile.budget_id, of_key, self._default)):
            budget = await self._budgets.get(budget_id)
            if budget is not None:
                return budget.limits, f"budget:{budget_id}"
        if self._default:
            observability.logger.error("the default budget is missing", extra={"budget_id": self._default})
            raise StoreUnavailable(
                f"The default budget {self._default} does not exist: an admin can make it with /budget/new."
            )
        return NO_LIMITS, ""

    async def _find(self, customer_id: str, caller: Caller, *, fresh: bool) -> Policy:
        caller = await self._renewed(caller) if fresh else caller
        found = [await self._of_key(caller)]
        profile = _UNKNOWN
        if customer_id:
            read = self._customers.fresh if fresh else self._customers.get
            customer = await read(customer_id)
            found.insert(0, await self._of_customer(customer_id, customer, caller))
            profile = customer.profile if customer else _UNKNOWN
        grants = tuple(grant for grant in found if grant and not grant.limits.are_none)
        return Policy(customer_id, profile, grants, caller)

    async def _renewed(self, caller: Caller) -> Caller:
        """The caller with its key as it stands now. Raises Unauthorized when it is good no more."""
        if caller.key is None:
            return caller
        key = await self._stores.keys.get(caller.key_id)
        known = Known(key, None) if isinstance(key, Key) else None
        if (fault := fault_of(known, datetime.now(UTC))) is not None:
            raise fault
        return replace(caller, key=key if isinstance(key, Key) else None)

    async def _of_customer(self, customer_id: str, customer: Customer | None, caller: Caller) -> Grant:
        known = customer or Customer(customer_id, created_at=datetime.now(UTC))
        limits, source = await self.limits_of(known, caller)
        return Grant(
            scope="end_user",
            account=self._stores.customers.account(customer_id),
            limits=limits,
            source=source,
            made=self._day(known.created_at),
            revision=known.revision,
            wallet=known.wallet,
            fresh=known.last_seen_at is None and not known.spend,
        )

    async def _of_key(self, caller: Caller) -> Grant | None:
        if (key := caller.key) is None:
            return None
        limits, source = key.profile.limits, "key"
        if limits is None and key.profile.budget_id:
            budget = await self._budgets.get(key.profile.budget_id)
            limits, source = (budget.limits if budget else None), f"budget:{key.profile.budget_id}"
        return Grant(
            scope="key",
            account=self._stores.keys.account(key.key_id),
            limits=limits or NO_LIMITS,
            source=source,
            made=self._day(key.created_at),
            revision=key.revision,
            wallet=key.wallet,
            fresh=key.last_used_at is None,
        )

    def _may_be_limited(self, customer: Customer, caller: Caller) -> bool:
        profile = customer.profile
        own = profile.limits is not None or bool(profile.budget_id) or bool(self._default)
        return own or caller.key is not None

    def _day(self, moment: datetime) -> date:
        return day_of(moment, self._zone)
