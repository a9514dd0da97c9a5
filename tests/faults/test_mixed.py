"""Every endpoint, every fault at 10 %, and clients that hang up: the ledger says what the provider says.

`MIXED_CALLS` sets how many calls are made (2,000).
"""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from local.demo.faults import FAULTS
from tests.clients.books import Row, assert_same, settled
from tests.clients.prices import published_cost
from tests.clients.stack import Stack, running
from tests.faults.mixed import asked, make

CALLS = int(os.environ.get("MIXED_CALLS", "2000"))
AT_ONCE = 32
PATIENCE = 60 + CALLS / 10  # seconds

Json = dict[str, Any]
Pair = tuple[Row, Json]


@pytest.fixture
def stack(tmp_path: Path, socket_enabled: None) -> Iterator[Stack]:
    with running(tmp_path) as stack:
        yield stack


async def test_the_ledger_tells_the_truth(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    await asyncio.to_thread(lambda: stack.faults(**dict.fromkeys(FAULTS, 0.1)))
    await _make_all(stack)
    rows = await asyncio.to_thread(lambda: settled(stack, within=60))
    truth = stack.truth()
    assert len({told["call_id"] for told in truth}) == len(truth), "one attempt for each call"
    assert len(truth) > CALLS * 0.95, "few clients leave before their call is made at all"
    pairs = [(rows[told["call_id"]], told) for told in truth]
    for row, told in pairs:
        assert_booked(row, told)
    guessed = [pair for pair in pairs if pair[0].estimated]
    with capsys.disabled():
        sys.stdout.write(_reported(guessed, pairs))
    assert any(row.ending == "client_gone" and not row.estimated for row, _ in pairs)
    assert 0.1 < len(guessed) / len(pairs) < 0.5


def assert_booked(row: Row, told: Json) -> None:
    """As reported; and where nothing was, an estimate that says so, unless there is nothing to estimate."""
    assert not row.unpriced, row
    if told["reported"] or (not told["usage"] and not row.estimated):
        assert_same(row, told)
    elif row.estimated:
        assert row.cost == published_cost(row.model, row.usage), row
    else:
        assert row.usage == told["usage"], (row, told)


async def _make_all(stack: Stack) -> None:
    numbers = iter(range(CALLS))

    async def one_after_the_other(client: httpx2.AsyncClient) -> None:
        for number in numbers:
            await make(asked(number), client)

    limits = httpx2.Limits(max_connections=AT_ONCE)
    async with (
        asyncio.timeout(PATIENCE),
        httpx2.AsyncClient(base_url=stack.url, limits=limits, timeout=30) as client,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(AT_ONCE):
            group.create_task(one_after_the_other(client))


def _reported(guessed: list[Pair], pairs: list[Pair]) -> str:
    """The estimates by what made them necessary: how many, and how far they are off, in USD and in parts."""
    kinds: dict[str, list[Pair]] = defaultdict(list)
    for pair in guessed:
        kinds[pair[1]["ending"]].append(pair)
    left = sum(row.ending == "client_gone" for row, _ in pairs)
    share = f"{len(guessed)} estimated ({len(guessed) / len(pairs):.1%})"
    lines = [f"\n{len(pairs)} calls, {left} of them left by their clients mid-stream; {share}", _HEAD]
    lines += [_line(kind, those) for kind, those in sorted(kinds.items())]
    return "\n".join([*lines, _line("all", guessed), ""])


_HEAD = f"{'provider':16}{'calls':>7}{'booked USD':>14}{'true USD':>14}{'sum off':>9}{'mean off':>9}"


def _line(kind: str, pairs: list[Pair]) -> str:
    booked = sum((row.cost for row, _ in pairs), Decimal(0))
    true = sum((_true(pair) for pair in pairs), Decimal(0))
    off = [abs(pair[0].cost - _true(pair)) / _true(pair) for pair in pairs if _true(pair)]
    total = f"{(booked - true) / true:+.0%}" if true else "-"
    mean = f"{sum(off) / len(off):.0%}" if off else "-"
    return f"{kind:16}{len(pairs):>7}{booked:>14.6f}{true:>14.6f}{total:>9}{mean:>9}"


def _true(pair: Pair) -> Decimal:
    return published_cost(pair[0].model, pair[1]["usage"])
