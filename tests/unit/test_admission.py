"""Who is admitted: to the last digit, before anything is spent, and whoever is refused is told why."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from tests.bank import EXPIRED, Bank
from tests.builders import request_id_at
from tollgate import errors
from tollgate.limits import Cap, Limits, ModelLimit
from tollgate.storage.budgets import Budget
from tollgate.storage.customers import Customer
from tollgate.storage.wallet_update import WalletUpdate
from tollgate.storage.wallets import Hold, Opening, Sum

ONE = Decimal(1)


async def refused(call: Awaitable[object]) -> errors.TollgateError:
    with pytest.raises((errors.BudgetExceeded, errors.RateLimited)) as raised:
        await call
    return raised.value


async def admitted(bank: Bank, count: int, cost: str, **of: object) -> int:
    """How many of so many calls at once are admitted."""
    calls = [bank.admit(cost, **of) for _ in range(count)]  # type: ignore[arg-type]  # of an entry
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(not isinstance(a, Exception) or isinstance(a, errors.TollgateError) for a in answers), answers
    return sum(not isinstance(answer, Exception) for answer in answers)


async def test_a_customer_without_limits_costs_no_write() -> None:
    bank = Bank()
    made = await bank.admit("1000000")
    assert (made.held, made.tracked) == (Decimal(0), "")
    assert bank.tables.client.dynamodb.tables["customers"].items() == []


async def test_a_budget_is_held_to_the_last_digit_and_not_beyond() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    await bank.admit("0.9")
    await bank.admit("0.1")
    error = await refused(bank.admit("0.000000000001"))
    assert (error.status, error.type) == (422, "budget_exceeded")
    assert "Spend=0, Budget=1, Held=1, Estimate=0.000000000001" in error.message


@pytest.mark.parametrize("cost", ["0", "0.1"])
async def test_a_budget_of_nothing_admits_nothing(cost: str) -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=Decimal(0)))
    await refused(bank.admit(cost))


async def test_of_many_first_calls_at_once_as_many_are_admitted_as_fit_the_default_budget() -> None:
    bank = Bank(processes=3, max_end_user_budget_id="free")
    now = datetime.now(UTC)
    tier = Budget("free", Limits(max_budget=Decimal(10)), now, now, "master", "master")
    await bank.tables.database.transact([bank.tables.budgets.create(tier)])
    calls = [bank.admit("1", process=n % 3, customer_id="unseen") for n in range(200)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 10
    customer = await bank.customer("unseen")
    assert len(customer.wallet.holds) == 10
    assert customer.created_at.date() == now.date()


async def test_what_a_call_cost_and_not_what_was_held_for_it_is_spent() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE, budget_duration="1d"))
    opened = await bank.admit("0.8")
    await bank.open(opened)
    await bank.count([await bank.close(opened, "0.3")])
    assert await bank.used("1d") == Decimal("0.3")
    assert (await bank.customer()).wallet.holds == {}
    await bank.admit("0.7")


async def test_money_held_for_a_call_that_is_over_refuses_nobody() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    opened = await bank.admit("0.8")
    await bank.open(opened)
    closed = await bank.close(opened, "0.3")  # and not counted yet
    await bank.admit("0.7")
    await bank.count([closed])
    assert await bank.used("ever") == 1


async def test_money_held_for_a_call_under_way_is_not_given_to_another() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    await bank.open(await bank.admit("0.8"))
    await refused(bank.admit("0.7"))


async def test_what_a_dead_call_held_is_returned_and_charged_after_all_when_it_turns_up() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    dead = await bank.admit("0.8", ago=EXPIRED)
    await bank.open(dead)
    await bank.admit("0.9")
    assert await bank.used("ever") == Decimal("0.9")
    await bank.count([await bank.close(dead, "0.5")])
    assert await bank.used("ever") == Decimal("1.4")
    await refused(bank.admit("0.1"))


async def test_an_event_that_is_counted_twice_is_spent_once() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    opened = await bank.admit("0.8")
    closed = await bank.close(opened, "0.3")
    await bank.count([closed])
    await bank.count([closed])
    assert await bank.used("ever") == Decimal("0.3")


async def test_a_limit_that_comes_later_knows_what_was_spent_before() -> None:
    bank = Bank()
    opened = await bank.admit("0.8")
    await bank.count([await bank.close(opened, "0.3")])
    under_way = await bank.admit("5")
    await bank.allow(Limits(max_budget=ONE, budget_duration="1d"))
    await refused(bank.admit("0.71"))
    await bank.admit("0.6")
    await bank.count([await bank.close(under_way, "0.05")])
    assert await bank.used("1d") == Decimal("0.95")


async def test_a_limit_is_lowered_raised_and_removed_at_once() -> None:
    bank = Bank(ttl=60)
    await bank.allow(Limits(max_budget=Decimal(10)))
    await bank.admit("5")
    await bank.allow(Limits(max_budget=Decimal(6)))
    await refused(bank.admit("2"))
    await bank.allow(Limits(max_budget=Decimal(8)))
    await bank.admit("2")
    await bank.allow(None)
    await bank.admit("100")
    await bank.allow(Limits(max_budget=Decimal(8)))
    assert await bank.used("ever") == 7


async def test_several_windows_hold_at_once() -> None:
    bank = Bank()
    caps = (Cap(Decimal(3), "1mo"), Cap(Decimal(100)))
    await bank.allow(Limits(max_budget=Decimal(2), budget_duration="1d", budget_limits=caps))
    assert await admitted(bank, 20, "0.5") == 4
    error = await refused(bank.admit("0.5"))
    assert error.details["limit_type"] == "max_budget of 1d"


async def test_a_temporary_increase_counts_until_it_expires() -> None:
    bank = Bank()
    soon = datetime.now(UTC) + timedelta(hours=1)
    increased = Limits(max_budget=ONE, temp_budget_increase=ONE, temp_budget_expiry=soon)
    await bank.allow(increased)
    assert await admitted(bank, 5, "0.5") == 4
    over = Limits(max_budget=ONE, temp_budget_increase=ONE, temp_budget_expiry=soon - timedelta(hours=2))
    await bank.allow(over)
    await refused(bank.admit("0.1"))


async def test_a_models_budget_holds_for_the_models_it_is_for() -> None:
    bank = Bank()
    await bank.allow(Limits(model_max_budget={"gpt-4*": ModelLimit(max_budget=ONE, budget_duration="1d")}))
    await bank.admit("1", model_group="gpt-4o")
    error = await refused(bank.admit("0.1", model_group="gpt-4o-mini"))
    assert "model=gpt-4*" in error.message
    await bank.admit("100", model_group="claude-opus-5")


async def test_requests_a_minute_are_counted_exactly() -> None:
    bank = Bank(processes=2)
    await bank.allow(Limits(rpm_limit=7))
    calls = [bank.admit("1", process=n % 2) for n in range(100)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    told = [answer for answer in answers if isinstance(answer, errors.RateLimited)]
    assert len(told) == 93
    assert told[0].headers["rate_limit_type"] == "requests"
    assert 1 <= int(told[0].headers["retry-after"]) <= 60


async def test_tokens_a_minute_are_held_and_corrected_by_what_was_used() -> None:
    bank = Bank()
    await bank.allow(Limits(tpm_limit=100))
    opened = await bank.admit("1", tokens=80)
    await refused(bank.admit("1", tokens=30))
    await bank.count([await bank.close(opened, "1")])  # which used 15
    await bank.admit("1", tokens=85)
    await refused(bank.admit("1", tokens=1))


async def test_calls_at_once_are_bounded_and_a_place_is_free_when_one_ends() -> None:
    bank = Bank()
    await bank.allow(Limits(max_parallel_requests=3))
    assert await admitted(bank, 100, "1") == 3
    in_flight = (await bank.customer()).wallet.in_flight
    assert len(in_flight) == 3


async def test_a_dead_calls_place_is_free_again() -> None:
    bank = Bank()
    await bank.allow(Limits(max_parallel_requests=1))
    await bank.admit("1", ago=EXPIRED)
    await bank.admit("1")
    await refused(bank.admit("1"))


async def test_a_key_has_limits_of_its_own_and_both_hold() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=Decimal(5)))
    await bank.give_key(Limits(max_budget=Decimal(3)))
    assert await admitted(bank, 20, "1") == 3
    error = await refused(bank.admit("1"))
    assert (error.details["scope"], error.details["limit_source"]) == ("key", "key")
    assert await bank.used("ever") == 3


async def test_both_wallets_are_settled() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=Decimal(5)))
    await bank.give_key(Limits(max_budget=Decimal(3)))
    opened = await bank.admit("2")
    await bank.count([await bank.close(opened, "0.5")])
    key = (await bank.tables.keys.get_many([bank.caller.key_id]))[bank.caller.key_id]
    assert (key.spend, list(key.wallet.used.values()), key.wallet.holds) == (
        Decimal("0.5"),
        [Decimal("0.5")],
        {},
    )
    assert await bank.used("ever") == Decimal("0.5")


async def test_limits_that_observe_refuse_nobody_and_say_what_they_would() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE, rpm_limit=2, mode="observe"))
    first = await bank.admit("0.9")
    assert (first.held, first.would_block) == (Decimal(0), "")
    await bank.count([await bank.close(first, "0.9")])
    assert (await bank.admit("0.2")).would_block == "end_user max_budget"
    assert (await bank.admit("0.05")).would_block == "end_user rpm_limit"


async def test_a_tier_holds_for_whoever_is_on_it() -> None:
    bank = Bank()
    now = datetime.now(UTC)
    tier = Budget("gold", Limits(max_budget=ONE), now, now, "master", "master")
    await bank.tables.database.transact([bank.tables.budgets.create(tier)])
    await bank.allow(None, budget_id="gold")
    error = await refused(bank.admit("2"))
    assert error.details["limit_source"] == "budget:gold"


async def test_a_place_that_frees_itself_meanwhile_is_no_failure() -> None:
    bank = Bank(processes=2)
    await bank.allow(Limits(max_parallel_requests=1))
    first = await bank.admit("1")
    await bank.open(first)
    closed = await bank.close(first, "1")
    calls = [bank.admit("1", process=1), bank.count([closed]), bank.admit("1")]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, errors.RateLimited) for answer in answers) <= 1
    assert all(not isinstance(a, Exception) or isinstance(a, errors.RateLimited) for a in answers), answers


async def test_hundreds_of_dead_calls_are_returned_bit_by_bit() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=Decimal(500)))
    await bank.admit("1")
    for number in range(90):
        update = WalletUpdate(bank.tables.customers.account("acme"))
        update.hold(request_id_at(datetime.now(UTC) - EXPIRED, number), Hold(ONE, "fast"))
        update.use(Sum("w", "ever", 0), 1)
        await bank.tables.database.update(update.request())
    assert await bank.used("ever") == 91
    await bank.admit("410")
    await bank.admit("1")
    await bank.admit("1")
    assert await bank.used("ever") == 413
    assert len((await bank.customer()).wallet.holds) == 4


async def test_a_key_that_was_blocked_meanwhile_is_refused_by_its_next_call() -> None:
    bank = Bank()
    await bank.give_key(Limits(max_budget=Decimal(5)))
    await bank.admit("1")
    keys = bank.tables.keys
    (read,) = (await keys.get_many([bank.caller.key_id])).values()
    blocked = replace(read, profile=msgspec.structs.replace(read.profile, blocked=True), revision=2)
    await bank.tables.database.transact([keys.change(blocked, read)])
    with pytest.raises(errors.BlockedKey):
        await bank.admit("1")


async def test_what_costs_nothing_is_served_by_a_spent_budget() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    opened = await bank.admit("1")
    await bank.count([await bank.close(opened, "1.5")])
    await bank.admit("0")
    await refused(bank.admit("0.1"))


async def test_a_default_budget_that_is_missing_refuses_everybody() -> None:
    with pytest.raises(errors.StoreUnavailable, match="default budget"):
        await Bank(max_end_user_budget_id="nowhere").admit("1")


async def test_a_customer_whose_limits_were_removed_is_counted_at_one_go_again() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=ONE))
    opened = await bank.admit("0.1")
    await bank.count([await bank.close(opened, "0.1")])
    await bank.allow(None)
    for _ in range(2):
        opened = await bank.admit("1")
        await bank.count([await bank.close(opened, "1")])
    assert (await bank.customer()).wallet.tracked == ""
    await bank.allow(Limits(max_budget=Decimal(3)))
    await refused(bank.admit("1"))
    await bank.admit("0.9")


async def test_a_hold_is_released_from_windows_that_came_after_it() -> None:
    bank = Bank()
    await bank.allow(Limits(max_budget=Decimal(50), budget_duration="1d"))
    await bank.admit("5", ago=EXPIRED)
    caps = (Cap(Decimal(100)),)
    await bank.allow(Limits(max_budget=Decimal(50), budget_duration="1d", budget_limits=caps))
    await bank.admit("1")
    assert await bank.used("ever") == await bank.used("1d") == 1


async def test_a_customer_made_again_pays_nothing_of_what_its_forerunner_spent() -> None:
    bank = Bank()
    opened = await bank.admit("9")
    await bank.count([await bank.close(opened, "9")])
    tables = bank.tables
    await tables.database.transact([tables.customers.delete(await bank.customer())])
    now = datetime.now(UTC) + timedelta(milliseconds=1)
    again = Customer("acme", created_at=now, revision=2, opening=Opening(Decimal(0), now))
    await tables.database.transact([tables.customers.create(again)])
    await asyncio.sleep(0.002)
    later = await bank.admit("1")
    await bank.count([await bank.close(later, "1")])
    await bank.allow(Limits(max_budget=Decimal(10), budget_duration="1d", budget_limits=(Cap(Decimal(10)),)))
    await bank.admit("9")
    await refused(bank.admit("0.1"))
    assert await bank.used("1d") == await bank.used("ever") == 10


async def test_a_change_of_a_customer_that_only_called_has_a_revision_of_its_own() -> None:
    bank = Bank()
    opened = await bank.admit("1")
    await bank.count([await bank.close(opened, "1")])
    await bank.allow(Limits(max_budget=ONE))
    assert (await bank.customer()).revision > 1_000_000_000_000, "in milliseconds since 1970"
