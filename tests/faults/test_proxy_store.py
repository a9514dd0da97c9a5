"""The proxy over a store that throttles, fails, times out, or answers late: nothing is lost or doubled."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests import functions
from tests.faults.books import Ledger, abandoned, assert_all_booked, measured
from tests.faults.store import BadStore, Fate
from tests.functions import acting_as
from tests.ministack import Deployment, deploy
from tests.processes import HOST, Server, eventually, free_port
from tests.real_proxy import chat, client_of, forget, proxy
from tests.truth import ledger_rows, truth_rows

SHORT = [Fate.THROTTLED, Fate.FAILS, Fate.DROPPED, Fate.LOST]
LONG = [Fate.SILENT, Fate.LATE]  # until the client's three seconds are over


@dataclass(frozen=True)
class Stage:
    """A proxy, its provider, and the store between it and its tables."""

    deployment: Deployment
    provider: Server
    proxy: Server
    store: BadStore

    async def both(self, **demo: float) -> list[httpx2.Response]:
        """A call that is not streamed and one that is, at once; no answer takes for ever."""
        async with client_of(self.proxy) as client:
            calls = [chat(client, name, stream=name == "stream", **demo) for name in ("whole", "stream")]
            return await asyncio.gather(*calls)

    def settled(self) -> Ledger:
        """The books, once the store is well again and the housekeeping has done its work."""
        self.store.behave()
        functions.settle(self.deployment)
        return assert_all_booked(self.deployment, self.provider)


@pytest.fixture(scope="module")
def standing(
    emulator: str, provider: Server, store: BadStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    deployment = deploy(emulator)
    log = tmp_path_factory.mktemp("proxy") / "log"
    with proxy(deployment, provider, log, changes={"AWS_ENDPOINT_URL": store.url}) as server:
        yield Stage(deployment, provider, server, store)


@pytest.fixture
def stage(standing: Stage) -> Iterator[Stage]:
    """One proxy for all the tests here: each begins with empty books but for what is balanced already."""
    standing.store.behave()
    forget(standing.provider)
    standing.deployment.sqs.purge_queue(QueueUrl=standing.deployment.queue_url)
    with acting_as({**standing.deployment.environment, "RECONCILE_OPEN_AFTER_SECONDS": "1"}):
        yield standing
    standing.store.behave()


def of_this_test(stage: Stage, ledger: Ledger) -> Ledger:
    return {row["call_id"]: ledger[row["call_id"]] for row in truth_rows(stage.provider.url)}


def ids(fate: Fate) -> str:
    return fate.name.lower()


@pytest.mark.parametrize("write", ["open", "close"])
@pytest.mark.parametrize("fate", [*SHORT, *LONG], ids=ids)
async def test_a_write_goes_wrong_once(stage: Stage, write: str, fate: Fate) -> None:
    stage.store.plan(write, fate, fate)
    answers = await stage.both()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert stage.store.seen.count(f"{write} {fate.name}") == 2
    ledger = of_this_test(stage, stage.settled())
    assert measured(ledger) == ["stream", "whole"]


@pytest.mark.parametrize("down", [("open",), ("close",), ("open", "close")], ids="+".join)
@pytest.mark.parametrize("fate", SHORT, ids=ids)
async def test_a_write_goes_wrong_for_good(stage: Stage, down: tuple[str, ...], fate: Fate) -> None:
    """Then the dead-letter queue has it, and the books balance to the last digit all the same."""
    stage.store.always.update(dict.fromkeys(down, fate))
    answers = await stage.both()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert functions.letters(stage.deployment) == 2 * len(down)
    ledger = of_this_test(stage, stage.settled())
    assert measured(ledger) == ["stream", "whole"]


async def test_the_whole_table_is_down(stage: Stage) -> None:
    stage.store.always.update(dict.fromkeys(("open", "close", "GetItem"), Fate.DROPPED))
    answers = await stage.both()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


async def test_the_table_goes_down_behind_a_close_that_was_applied(stage: Stage) -> None:
    """The retry meets its own first write, and cannot ask what stands there."""
    stage.store.always["GetItem"] = Fate.DROPPED
    stage.store.plan("close", Fate.LOST, Fate.LOST)
    answers = await stage.both()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


def lost_letters(stage: Stage, since: int) -> list[str]:
    lines = stage.proxy.said()[since:].splitlines()
    found = [json.loads(line) for line in lines if "ledger write lost" in line]
    return [line["letter"] for line in found]


async def test_nothing_can_be_written_when_a_call_begins(stage: Stage) -> None:
    """The client hears of it, and what the log says is enough to write the entry by hand."""
    since = len(stage.proxy.said())
    stage.store.always["*"] = Fate.DROPPED
    answers = await stage.both()
    for answer in answers:
        assert answer.status_code == 503
        assert answer.json()["error"]["type"] == "store_unavailable"
        assert answer.json()["error"]["code"] == "503"
    reached = len(truth_rows(stage.provider.url))
    answers += await stage.both()
    assert [answer.status_code for answer in answers[2:]] == [503, 503]
    assert len(truth_rows(stage.provider.url)) == reached, "an outage that is known costs no more calls"
    letters = lost_letters(stage, since)
    named = {json.loads(letter)["opened"]["request_id"] for letter in letters}
    assert named == {answer.headers["x-litellm-call-id"] for answer in answers}
    send_by_hand(stage, letters)
    ledger = stage.settled()
    assert abandoned({name: ledger[name] for name in named}) == ["stream", "stream", "whole", "whole"]


async def test_nothing_can_be_written_when_a_call_ends(stage: Stage) -> None:
    since = len(stage.proxy.said())
    stage.store.always.update(dict.fromkeys(("close", "spill"), Fate.DROPPED))
    whole, stream = await stage.both()
    assert whole.status_code == 503
    assert whole.json()["error"]["type"] == "store_unavailable"
    assert stream.status_code == 200
    assert stream.text.endswith("data: [DONE]\n\n")
    eventually(lambda: len(lost_letters(stage, since)) == 2, "both events are in the log")
    send_by_hand(stage, lost_letters(stage, since))
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


def queued_letters(stage: Stage) -> list[str]:
    found = stage.deployment.sqs.receive_message(
        QueueUrl=stage.deployment.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [message["Body"] for message in found["Messages"]]


def send_by_hand(stage: Stage, letters: list[str]) -> None:
    for letter in letters:
        stage.deployment.sqs.send_message(QueueUrl=stage.deployment.queue_url, MessageBody=letter)


async def test_a_store_out_of_reach_costs_no_call(stage: Stage, tmp_path: Path) -> None:
    """Where not even a connection can be made, the provider is not called."""
    nowhere = {"AWS_ENDPOINT_URL": f"http://{HOST}:{free_port()}"}
    with proxy(stage.deployment, stage.provider, tmp_path / "log", changes=nowhere) as server:
        async with client_of(server) as client:
            answers = [await chat(client, "nobody", stream=stream) for stream in (False, True)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert truth_rows(stage.provider.url) == []


async def test_a_measured_close_in_the_queue_wins_over_an_estimate(stage: Stage) -> None:
    """The entry is old enough to count as abandoned when the queue's letter is replayed."""
    stage.store.always["close"] = Fate.DROPPED
    await stage.both()
    await asyncio.sleep(1.1)  # RECONCILE_OPEN_AFTER_SECONDS
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


async def test_letters_that_come_twice(stage: Stage) -> None:
    """SQS delivers at least once."""
    stage.store.always.update(dict.fromkeys(("open", "close"), Fate.DROPPED))
    await stage.both()
    send_by_hand(stage, queued_letters(stage) * 2)
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


async def test_a_letter_that_cannot_be_written_holds_up_no_other(stage: Stage) -> None:
    stage.store.always["close"] = Fate.DROPPED
    await stage.both()
    broken = json.loads(queued_letters(stage)[0])
    broken["closed"]["entry"]["request_id"] = "not-an-id"
    of_another_release = {"closed": {"something": "else"}}
    of_lambda = {"requestContext": {}, "DDBStreamBatchInfo": {"batchSize": 1}}  # read, and done with
    send_by_hand(stage, [json.dumps(one) for one in (broken, of_another_release, of_lambda)])
    stage.store.behave()
    ids_now = {row["call_id"] for row in truth_rows(stage.provider.url)}

    def closed() -> bool:
        functions.reconcile()
        rows = ledger_rows(stage.deployment.dynamodb, stage.deployment.tables.ledger)
        return all(rows[name].state == "closed" and not rows[name].pending for name in ids_now)

    eventually(closed, "the good letters are replayed")
    assert functions.letters(stage.deployment) == 2
    stage.deployment.sqs.purge_queue(QueueUrl=stage.deployment.queue_url)
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]


@pytest.mark.parametrize("fate", [Fate.THROTTLED, Fate.LOST], ids=ids)
async def test_housekeeping_over_the_same_store(stage: Stage, fate: Fate) -> None:
    stage.store.always.update(dict.fromkeys(("open", "close"), Fate.DROPPED))
    await stage.both()
    stage.store.behave()
    for operation in (
        "open",
        "close",
        "count",
        "ReceiveMessage",
        "DeleteMessage",
        "Query",
        "PutItem",
        "GetItem",
    ):
        stage.store.plan(operation, fate, fate)
    bad = {**stage.deployment.environment, "AWS_ENDPOINT_URL": stage.store.url}
    with acting_as({**bad, "RECONCILE_OPEN_AFTER_SECONDS": "1"}):
        functions.reconcile()
    assert measured(of_this_test(stage, stage.settled())) == ["stream", "whole"]
