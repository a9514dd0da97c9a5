"""The proxy killed with SIGKILL, anywhere: no attempt that reached the provider misses in the ledger."""

import asyncio
import functools
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx2
import pytest

from tests import functions
from tests.faults.books import Ledger, abandoned, assert_all_booked, measured
from tests.faults.conftest import RECONCILE_OPEN_AFTER
from tests.faults.store import BadStore, Fate
from tests.ministack import Deployment
from tests.processes import ROOT, Server, eventually
from tests.real_proxy import body, chat, client_of, forget, proxy
from tests.truth import truth_rows

WORKER = ROOT / "tests" / "faults" / "proxy_worker.py"
# Where the process dies -> whether the victim's call reaches the provider, and whether it is measured.
POINTS = {
    "open:before": (False, None),
    "open:sent": (False, False),
    "upstream:before": (False, False),
    "upstream:sent": (True, False),
    "upstream:answered": (True, False),
    "upstream:midway": (True, False),
    "upstream:read": (True, False),
    "close:before": (True, False),
    "close:sent": (True, True),
    "close:answered": (True, True),
}


@asynccontextmanager
async def streaming(client: httpx2.AsyncClient, customer: str) -> AsyncIterator[None]:
    """A slow stream under way, its first chunk read."""

    async def read(response: httpx2.Response, began: asyncio.Event) -> None:
        with suppress(httpx2.TransportError):
            async for _ in response.aiter_raw():
                began.set()

    slow = body(customer, stream=True, chunks=200, slow_chunk_s=0.1)
    async with client.stream("POST", "/v1/chat/completions", json=slow) as response:
        began = asyncio.Event()
        reading = asyncio.create_task(read(response, began))
        await asyncio.wait_for(began.wait(), 10)
        yield
        await reading


async def die(server: Server, *, stream: bool) -> None:
    """A call before, a stream beside, and the victim."""
    async with client_of(server) as client:
        assert (await chat(client, "before")).status_code == 200
        async with streaming(client, "beside"):
            with suppress(httpx2.TransportError):
                await chat(client, "victim", stream=stream)
            await asyncio.to_thread(server.process.wait, 10)
    assert server.process.returncode == -signal.SIGKILL


@dataclass(frozen=True)
class Scene:
    """Where it happens."""

    deployment: Deployment
    provider: Server
    store: BadStore
    folder: Path

    def settled(self) -> Ledger:
        """The books, once the housekeeping has done its work."""
        functions.settle(self.deployment)
        return assert_all_booked(self.deployment, self.provider)


@pytest.fixture
def scene(deployment: Deployment, provider: Server, store: BadStore, tmp_path: Path) -> Scene:
    forget(provider)
    store.behave()
    return Scene(deployment, provider, store, tmp_path)


async def killed_at(scene: Scene, point: str, number: int, *, stream: bool) -> None:
    changes = {"KILL": f"{point}:{number}", "AWS_ENDPOINT_URL": scene.store.url}
    place = scene.deployment, scene.provider, scene.folder / "log"
    with proxy(*place, script=WORKER, changes=changes) as server:
        await die(server, stream=stream)


BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@BOTH
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at(scene: Scene, point: str, stream: bool) -> None:
    # The victim's open is slow on its way: it is in the network's hands when the process dies.
    scene.store.plan("open", Fate.PASSES, Fate.PASSES, Fate.SLOW)
    await killed_at(scene, point, 2 if point.startswith("close") else 3, stream=stream)
    reaches, is_measured = POINTS[point]
    if is_measured is not None:
        eventually(lambda: "open SLOW" in scene.store.seen, "the open arrives")
    ledger = scene.settled()
    assert len(truth_rows(scene.provider.url)) == (3 if reaches else 2)
    assert abandoned(ledger) == ["beside", *(["victim"] if is_measured is False else [])]
    assert measured(ledger) == ["before", *(["victim"] if is_measured else [])]


@BOTH
async def test_killed_with_its_entry_in_the_queue(scene: Scene, stream: bool) -> None:
    """The table took no open; what the dead-letter queue holds of it is closed like any other."""
    scene.store.plan("open", Fate.PASSES, Fate.PASSES, *[Fate.THROTTLED] * 5)
    await killed_at(scene, "close:before", 2, stream=stream)
    assert functions.letters(scene.deployment) == 1
    await asyncio.sleep(RECONCILE_OPEN_AFTER)  # a younger letter would be hidden for a while
    ledger = scene.settled()
    assert len(truth_rows(scene.provider.url)) == 3
    assert abandoned(ledger) == ["beside", "victim"]


@BOTH
async def test_killed_in_an_outage(scene: Scene, stream: bool) -> None:
    """A table that failed is no longer trusted: the provider is called when the queue has the entry."""
    scene.store.always["open"] = Fate.THROTTLED
    await killed_at(scene, "upstream:sent", 3, stream=stream)
    await asyncio.sleep(RECONCILE_OPEN_AFTER)
    ledger = scene.settled()
    assert len(truth_rows(scene.provider.url)) == 3
    assert abandoned(ledger) == ["beside", "victim"]


@BOTH
async def test_killed_while_the_provider_thinks(scene: Scene, stream: bool) -> None:
    with proxy(scene.deployment, scene.provider, scene.folder / "log") as server:
        async with client_of(server) as client:
            call = asyncio.create_task(chat(client, "victim", stream=stream, slow_first_byte_s=30))
            arrived = functools.partial(truth_rows, scene.provider.url)
            await asyncio.to_thread(eventually, arrived, "the call arrives")
            server.kill()
            with pytest.raises(httpx2.TransportError):
                await call
    assert abandoned(scene.settled()) == ["victim"]


async def test_housekeeping_that_comes_too_early(scene: Scene) -> None:
    """Entries are closed as abandoned under the proxy's hands: whoever closes first has closed it."""
    too_soon = RECONCILE_OPEN_AFTER - 0.2
    with proxy(scene.deployment, scene.provider, scene.folder / "log") as server:
        async with client_of(server) as client:
            calls = [
                chat(client, f"at {delay}", stream=number % 2 == 0, slow_first_byte_s=delay)
                for number in range(12)
                for delay in [too_soon + number * 0.05]
            ]
            running = asyncio.gather(*calls)
            while not running.done():
                await asyncio.to_thread(functions.reconcile)
            answers = await running
    assert {answer.status_code for answer in answers} == {200}
    ledger = scene.settled()
    assert len(ledger) == 12
    assert abandoned(ledger)


LANES, ROUNDS, CALLS = 2, 10, 10


async def random_end(server: Server, random: Random, latest: float) -> None:
    """Calls of every pace, and the end of the process somewhere among them."""
    async with client_of(server) as client:
        await chat(client, "first")  # so that the process is up when the clock starts
        calls = [
            chat(
                client,
                f"customer-{random.randrange(5)}",
                stream=random.random() < 0.5,
                slow_first_byte_s=random.choice([0, 0, 0.1, 0.3]),
                slow_chunk_s=random.choice([0, 0, 0.01, 0.03]),
            )
            for _ in range(CALLS)
        ]
        running = [asyncio.create_task(call) for call in calls]
        await asyncio.sleep(random.uniform(0, latest))
        server.kill()
        await asyncio.wait(running, timeout=1)  # who still waits to be let in by the dead waits in vain
        for call in running:
            call.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def random_ends(scene: Scene, lane: int) -> None:
    random, http = Random(lane), ("h11", "httptools")[lane]  # as on Lambda, and as on a laptop
    place = scene.deployment, scene.provider, scene.folder / f"log-{lane}"
    for number in range(ROUNDS):
        with proxy(*place, "--http", http) as server:
            await random_end(server, random, latest=0.08 * number)


async def test_killed_at_any_time(scene: Scene) -> None:
    await asyncio.gather(*(random_ends(scene, lane) for lane in range(LANES)))
    records = functions.for_recorder(scene.deployment.streamed())
    Random(1).shuffle(records)
    functions.deliver(records + records[::2])
    ledger = scene.settled()
    assert len(ledger) > LANES * ROUNDS * CALLS // 2
    assert 0 < len(abandoned(ledger)) < len(ledger)
    assert set(functions.reconcile(compare=True)["drift"].values()) == {0}
