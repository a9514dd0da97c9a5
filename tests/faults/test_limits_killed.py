"""Limits with gateways killed by SIGKILL at any moment: never a cent too much, and nothing stays held."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests import functions, limits
from tests.limits import burst
from tests.ministack import Deployment
from tests.processes import Server, eventually
from tests.real_proxy import at_rest, client_of, forget, proxy, stored
from tests.truth import assert_books_balance, truth_rows

FIT = 10
CALLS = 120
SEEDS = 20


@dataclass(frozen=True)
class Scene:
    """Two gateways of one deployment, and what a call holds."""

    deployment: Deployment
    provider: Server
    gateways: tuple[Server, Server]

    async def estimate(self) -> Decimal:
        """What is held for one call of those that are made here, by the gateway that survives."""
        limits.customer("estimate", max_budget=Decimal(1000))
        async with client_of(self.gateways[0]) as client:
            (answer,) = await burst([client], 1, "estimate", slow_first_byte_s=0)
        return Decimal(stored(self.deployment, answer.headers["x-litellm-call-id"])["held"])


@pytest.fixture
def scene(deployment: Deployment, provider: Server, tmp_path: Path) -> Iterator[Scene]:
    forget(provider)
    changes = {"MAX_END_USER_BUDGET_ID": "free"}
    with ExitStack() as stack:
        gateways = [
            stack.enter_context(proxy(deployment, provider, tmp_path / f"{n}.log", changes=changes))
            for n in range(2)
        ]
        yield Scene(deployment, provider, (gateways[0], gateways[1]))


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_gateway_is_killed_while_many_call(scene: Scene, seed: int) -> None:
    chance = Random(seed)
    estimate = await scene.estimate()
    limit = estimate * FIT
    limits.tier("free", max_budget=limit)
    survivor, victim = scene.gateways

    async def kill() -> None:
        await asyncio.sleep(chance.uniform(0.02, 0.6))
        await asyncio.to_thread(victim.kill)

    async with client_of(survivor) as one, client_of(victim) as other:
        stream = chance.random() < 0.5
        calls = burst([one, other], CALLS, "unseen", stream=stream, slow_first_byte_s=1.5)
        answers, _ = await asyncio.gather(calls, kill())
    admitted = sum(answer.status_code == 200 for answer in answers)
    assert {answer.status_code for answer in answers} <= {200, 422}
    assert admitted <= FIT
    assert len(limits.wallet("unseen").holds) == FIT, "as many as fit are held, the victims' among them"
    reached = [row for row in at_rest(scene.provider) if row["call_id"]]
    assert len(reached) - 1 <= FIT  # one was the estimate's
    settle(scene)
    spent = limits.booked(scene.deployment, "unseen")
    assert limits.used("unseen") == limits.spend("unseen") == spent <= limit
    assert_books_balance(scene.deployment.dynamodb, scene.deployment.tables, truth_rows(scene.provider.url))


def settle(scene: Scene) -> None:
    """Housekeeping until all is closed, counted and swept."""

    def nothing_is_held() -> bool:
        functions.settle(scene.deployment)
        wallet = limits.wallet("unseen")
        return not wallet.holds and not wallet.in_flight

    eventually(nothing_is_held, "nothing is held", within=20)
