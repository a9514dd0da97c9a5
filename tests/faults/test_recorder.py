"""The recorder killed, repeated, shuffled, split, doubled and cut off: every event is counted once."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import functions
from tests.faults.events import booked
from tests.faults.store import BadStore, Fate
from tests.functions import acting_as, deliver, record
from tests.ministack import Deployment, deploy
from tests.processes import PATHS, ROOT, plain_environment
from tests.truth import assert_books_balance, assert_counters_add_up, counter_sums, ledger_rows

WORKER = ROOT / "tests" / "faults" / "recorder_worker.py"
EVENTS = 60  # of 30 customers and 3 models: some four transactions
MANY = 20  # more writes than any batch here needs


@contextmanager
def deployed(emulator: str) -> Iterator[Deployment]:
    fresh = deploy(emulator)
    with acting_as(fresh.environment):
        yield fresh


def worker(
    deployment: Deployment, batch: Path, call: int = 0, when: str = "never"
) -> "subprocess.Popen[bytes]":
    environment = {**plain_environment(), **deployment.environment, "PYTHONPATH": PATHS}
    command = [sys.executable, str(WORKER), str(batch), str(call), when]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own


def survived(process: "subprocess.Popen[bytes]") -> bool:
    """Wait for a recorder; whether it came to its end, having counted everything."""
    answer, _ = process.communicate(timeout=30)
    if process.returncode == -signal.SIGKILL:
        return False
    assert process.returncode == 0
    assert json.loads(answer) == {"batchItemFailures": []}
    return True


def batch_file(path: Path, records: Sequence[Any]) -> Path:
    path.write_text(json.dumps(list(records)))
    return path


def uncounted(deployment: Deployment) -> int:
    """How many events wait to be counted; those that do not are in the counters, and nothing else is."""
    rows = ledger_rows(deployment.dynamodb, deployment.tables.ledger)
    counted = {request_id: row for request_id, row in rows.items() if not row.pending}
    assert_counters_add_up(counted, counter_sums(deployment.dynamodb, deployment.tables.counters))
    return len(rows) - len(counted)


def assert_counted_once(deployment: Deployment, events: int = EVENTS) -> None:
    assert uncounted(deployment) == 0
    assert len(assert_books_balance(deployment.dynamodb, deployment.tables, [])) == events


@pytest.mark.parametrize("when", ["before", "sent", "answered"])
def test_killed_between_any_two_writes(emulator: str, tmp_path: Path, when: str) -> None:
    left = []
    for call in range(1, MANY):
        with deployed(emulator) as deployment:
            records = booked(deployment, seed=call, events=EVENTS)
            if survived(worker(deployment, batch_file(tmp_path / "batch", records), call, when)):
                break
            left.append(uncounted(deployment))
            deliver(records)
            assert_counted_once(deployment)
    assert len(left) >= 3  # deaths, each one write later than the last
    assert left == sorted(left, reverse=True)
    assert (left[0] == EVENTS) == (when == "before")


def test_what_a_killed_recorder_left_is_counted_by_reconcile(deployment: Deployment, tmp_path: Path) -> None:
    batch = batch_file(tmp_path / "batch", booked(deployment, seed=1, events=EVENTS))
    assert not survived(worker(deployment, batch, 2, "sent"))
    assert uncounted(deployment)
    functions.settle(deployment)
    assert_counted_once(deployment)


@pytest.mark.parametrize("seed", range(4))
def test_twice_shuffled_and_split(deployment: Deployment, seed: int) -> None:
    random, records = Random(seed), booked(deployment, seed, events=EVENTS)
    again = random.choices(records, k=20)
    deliveries = [*records, *records, *again]
    random.shuffle(deliveries)
    while deliveries:
        size = random.randrange(1, 30)
        deliver(deliveries[:size])
        del deliveries[:size]
    assert_counted_once(deployment)


def test_two_recorders_at_once(deployment: Deployment, tmp_path: Path) -> None:
    records = booked(deployment, seed=2, events=150)
    overlapping = [records[:100], records[50:], records[25:125]]
    batches = [batch_file(tmp_path / str(n), batch) for n, batch in enumerate(overlapping)]
    recorders = [worker(deployment, batch) for batch in batches]
    assert [survived(recorder) for recorder in recorders] == [True] * 3
    assert_counted_once(deployment, 150)


def test_deliveries_and_housekeeping_all_at_once(deployment: Deployment) -> None:
    records = booked(deployment, seed=3, events=150)
    batches = [Random(n).sample(records, 100) for n in range(6)]
    with ThreadPoolExecutor(10) as pool:
        running = [pool.submit(deliver, batch) for batch in [*batches, records]]
        running += [pool.submit(functions.settle, deployment) for _ in range(3)]
        for one in running:
            one.result(30)
    assert_counted_once(deployment, 150)
    assert set(functions.reconcile(compare=True)["drift"].values()) == {0}


@pytest.fixture
def through(store: BadStore, deployment: Deployment) -> Iterator[Deployment]:
    """A deployment whose functions reach the store through the bad network."""
    store.behave()
    with acting_as({**deployment.environment, "AWS_ENDPOINT_URL": store.url}):
        yield deployment
    store.behave()


FATES = [Fate.THROTTLED, Fate.FAILS, Fate.DROPPED, Fate.LOST, Fate.CONFLICTS]


@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.name.lower())
def test_one_write_after_another_goes_wrong(through: Deployment, store: BadStore, fate: Fate) -> None:
    records = booked(through, seed=4, events=EVENTS)
    store.plan("count", *[fate, Fate.PASSES] * MANY)
    assert record(records) == []
    assert store.seen.count(f"count {fate.name}") >= 3
    assert_counted_once(through)


@pytest.mark.parametrize("fate", [Fate.SILENT, Fate.LATE], ids=["silent", "late"])
def test_a_write_times_out(through: Deployment, store: BadStore, fate: Fate) -> None:
    records = booked(through, seed=5, events=EVENTS)
    store.plan("count", Fate.PASSES, fate)
    assert record(records) == []
    assert_counted_once(through)


@pytest.mark.parametrize("fate", [Fate.THROTTLED, Fate.LOST], ids=["throttled", "lost"])
def test_a_long_outage_leaves_the_rest_for_later(through: Deployment, store: BadStore, fate: Fate) -> None:
    records = booked(through, seed=6, events=EVENTS)
    store.plan("count", Fate.PASSES)
    store.always["count"] = fate
    failed = record(records)
    store.behave()
    names = {one["dynamodb"]["SequenceNumber"] for one in records}
    assert failed
    assert set(failed) < names
    deliver(records)
    assert_counted_once(through)


def test_a_record_that_cannot_be_read_holds_up_no_other(deployment: Deployment) -> None:
    records = booked(deployment, seed=7, events=EVENTS)
    broken = json.loads(json.dumps(records[10]))
    broken["dynamodb"] |= {"SequenceNumber": "broken", "NewImage": {"pending": {"N": "1"}}}
    assert record([*records[:30], broken, *records[30:]]) == ["broken"]
    assert_counted_once(deployment)
