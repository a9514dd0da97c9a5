import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tollgate import runtime, settings


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LEDGER", "COUNTERS", "CUSTOMERS", "BUDGETS", "KEYS", "AUDIT"):
        monkeypatch.setenv(f"{name}_TABLE", name.lower())
    settings.storage_settings.cache_clear()
    runtime.run(runtime.close_services())
    yield
    runtime.run(runtime.close_services())
    settings.storage_settings.cache_clear()


async def used() -> runtime.Services:
    return runtime.services()


def test_handlers_share_one_set_of_connections_from_call_to_call_and_thread_to_thread(
    deployment: None,
) -> None:
    first = runtime.run(used())
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda _: runtime.run(used()), range(8)))
    assert all(other is first for other in others)


def test_handlers_in_several_threads_wait_side_by_side() -> None:
    everybody = 4
    met = threading.Barrier(everybody, timeout=10)

    async def meet() -> int:
        return await asyncio.to_thread(met.wait)

    with ThreadPoolExecutor(everybody) as threads:
        places = threads.map(lambda _: runtime.run(meet()), range(everybody))
        assert sorted(places) == list(range(everybody))


def test_an_event_loop_of_its_own_gets_connections_of_its_own(deployment: None) -> None:
    async def mine() -> runtime.Services:
        own = runtime.services()
        assert runtime.services() is own
        await runtime.close_services()
        return own

    assert asyncio.run(mine()) is not runtime.run(used())


def test_closed_services_are_built_anew(deployment: None) -> None:
    before = runtime.run(used())
    runtime.run(runtime.close_services())
    assert before.http.is_closed
    assert not runtime.run(used()).http.is_closed


def test_what_a_coroutine_raises_reaches_the_handler() -> None:
    async def fails() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        runtime.run(fails())
