"""A balance set anew: spend, and what was used of every window; what is held stays held."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.builders import NOON, event, request_id_at
from tests.fakes import FakeAws
from tests.managing import created, customers, fields, records, stored, updated
from tests.stack import Stack
from tests.sums_by_hand import closed_in
from tollgate.errors import NotFound
from tollgate.money import loads
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Hold, Opening, Sum
from tollgate.windows import window

YESTERDAY = NOON - timedelta(days=1)
EVER = Sum("w", "ever", 0)
TODAY = Sum("w", "1d", window("1d", NOON, "UTC").second)
BEFORE = Sum("w", "1d", window("1d", YESTERDAY, "UTC").second)
OF_4O = Sum("w", "1d|gpt-4o*", TODAY.start)
TOKENS = Sum("t", "", 1)
HELD = {
    request_id_at(NOON - timedelta(minutes=1)): Hold(Decimal("0.25"), "gpt-4o-mini"),
    request_id_at(NOON - timedelta(minutes=2)): Hold(Decimal("0.5"), "claude-x"),
    request_id_at(YESTERDAY): Hold(Decimal(1), "gpt-4o"),
}


async def used(stack: Stack) -> None:
    """Calls were made, and some are under way."""
    update = WalletUpdate(stack.customers.account("acme"))
    for of in (EVER, TODAY, BEFORE, OF_4O):
        update.use(of, Decimal(9))
    update.use(TOKENS, 77)
    for request_id, hold in HELD.items():
        update.hold(request_id, hold)
    update.increase("spend", Decimal(8))
    await stack.database.update(update.request())


async def test_every_window_goes_down_to_what_is_held_of_it(stack: Stack) -> None:
    await created(stack, alias="a")
    await used(stack)
    shown = await customers(stack).reset_spend("acme")
    assert (shown["spend"], shown["alias"]) == (0, "a")
    after = await stored(stack)
    assert (after.spend, after.opening) == (Decimal(0), Opening(Decimal(0), NOON))
    assert after.wallet.used == {
        EVER: Decimal("1.75"),
        TODAY: Decimal("0.75"),
        BEFORE: Decimal(1),
        OF_4O: Decimal("0.25"),
        TOKENS: 77,
    }
    assert after.wallet.holds == HELD


async def test_a_spend_that_is_named_is_the_balance_to_begin_with(stack: Stack) -> None:
    await created(stack)
    await used(stack)
    shown = await updated(stack, spend="2.5", alias="b")
    assert (shown["spend"], shown["alias"]) == (Decimal("2.5"), "b")
    wallet = (await stored(stack)).wallet
    assert {of: wallet.used[of] for of in (EVER, TODAY, BEFORE, OF_4O)} == {
        EVER: Decimal("4.25"),
        TODAY: Decimal("3.25"),
        BEFORE: Decimal(1),
        OF_4O: Decimal("0.25"),
    }


async def test_a_new_customers_balance_is_kept_with_its_time(stack: Stack) -> None:
    await created(stack, spend="0.10")
    assert (await stored(stack)).opening == Opening(Decimal("0.1"), NOON)
    await created(stack, user_id="none", spend=0)
    assert (await stored(stack, "none")).opening == Opening(Decimal(0), NOON)


async def test_a_call_settled_meanwhile_is_not_lost(stack: Stack, aws: FakeAws) -> None:
    await created(stack)
    await used(stack)

    async def settle() -> None:
        request_id, hold = next(iter(HELD.items()))
        update = WalletUpdate(stack.customers.account("acme"))
        update.expect(request_id, hold)
        for of in (EVER, TODAY, OF_4O):
            update.use(of, -hold.amount)
        await stack.database.update(update.request())

    aws.meanwhile(settle, operation="TransactWriteItems")
    await customers(stack).reset_spend("acme")
    assert (await stored(stack)).wallet.used[EVER] == Decimal("1.5")


async def test_what_is_counted_later_is_added_to_the_new_balance(stack: Stack) -> None:
    await created(stack, spend=7)
    await customers(stack).reset_spend("acme")
    await closed_in(stack, [late := event(charge=Decimal("0.3"))])
    await stack.counting().count([late])
    assert (await stored(stack)).spend == Decimal("0.3")


async def test_a_reset_is_audited_and_makes_nobody(stack: Stack, aws: FakeAws) -> None:
    with pytest.raises(NotFound):
        await customers(stack).reset_spend("acme")
    assert not aws.items("customers")
    await customers(stack).create(fields(spend=7))
    await customers(stack).reset_spend("acme")
    reset = (await records(stack, "customer", "acme"))[-1]
    assert reset.action == "customer.reset_spend"
    assert (loads(reset.before)["spend"], loads(reset.after)["spend"]) == (7, 0)
