"""How records reach a function, as Lambda's documents say: in order, split, retried, given up."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.delivery import Batch, Condition, Delivery, Stopped
from tests.local_streams import failed, mapping, numbers, record, records


class Scene:
    """A delivery to a scripted function, and all that came of it."""

    def __init__(self, answer: Callable[[list[int]], Any], **changes: Any) -> None:
        self.calls: list[list[int]] = []
        self.given_up: list[tuple[list[int], Condition, int]] = []
        self.marks: list[int] = []
        self.pauses: list[float] = []
        self.stopping = False
        self._answer = answer
        self._delivery = Delivery(mapping(**changes), self)

    def deliver(self, batch: Sequence[Any]) -> "Scene":
        self._delivery.deliver(batch)
        return self

    def call(self, batch: Sequence[Any]) -> Any:
        self.calls.append(numbers(batch))
        return self._answer(numbers(batch))

    def discard(self, batch: Batch, condition: Condition) -> None:
        self.given_up.append((numbers(batch.records), condition, batch.calls))

    def done(self, sequence_number: str) -> None:
        self.marks.append(int(sequence_number))

    def pause(self, seconds: float) -> None:
        if self.stopping:
            raise Stopped
        self.pauses.append(seconds)


def succeeding(_: list[int]) -> None:
    return None


def raising(_: list[int]) -> None:
    raise RuntimeError("no")


def test_a_batch_that_is_handled_is_done() -> None:
    scene = Scene(succeeding).deliver(records(1, 2, 3))
    assert scene.calls == [[1, 2, 3]]
    assert scene.marks == [3]


def test_what_failed_is_delivered_again_from_the_first_failure_on() -> None:
    answers = iter([failed(3, 2), None])
    scene = Scene(lambda _: next(answers)).deliver(records(1, 2, 3))
    assert scene.calls == [[1, 2, 3], [2, 3]]
    assert scene.marks == [1, 3]


def test_an_error_splits_the_batch_until_the_bad_record_stands_alone() -> None:
    def answer(batch: list[int]) -> None:
        if 3 in batch:
            raise RuntimeError("bad record")

    scene = Scene(answer, max_retries=0).deliver(records(1, 2, 3, 4))
    assert scene.calls == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]
    assert scene.given_up == [([3], "RetryAttemptsExhausted", 3)]
    assert scene.marks == [2, 3, 4]


def test_splitting_is_no_retry_and_retries_are_counted_per_batch() -> None:
    scene = Scene(raising, max_retries=2).deliver(records(1, 2))
    assert scene.calls == [[1, 2], [1], [1], [1], [2], [2], [2]]
    assert [given for given, *_ in scene.given_up] == [[1], [2]]


def test_without_bisecting_the_whole_batch_is_retried() -> None:
    scene = Scene(raising, max_retries=1, bisects=False).deliver(records(1, 2))
    assert scene.calls == [[1, 2], [1, 2]]
    assert scene.given_up == [([1, 2], "RetryAttemptsExhausted", 2)]


def test_without_bisecting_a_partial_failure_uses_up_a_retry() -> None:
    scene = Scene(lambda _: failed(2), max_retries=1, bisects=False).deliver(records(1, 2))
    assert scene.calls == [[1, 2], [2]]
    assert scene.given_up == [([2], "RetryAttemptsExhausted", 2)]


def test_partial_failures_count_only_where_the_mapping_reports_them() -> None:
    scene = Scene(lambda _: failed(1), reports_failures=False).deliver(records(1, 2))
    assert scene.calls == [[1, 2]]
    assert scene.marks == [2]


@pytest.mark.parametrize("answer", [{"batchItemFailures": []}, {"batchItemFailures": None}, {}, None])
def test_an_answer_without_failures_is_success(answer: Any) -> None:
    assert Scene(lambda _: answer).deliver(records(1, 2)).marks == [2]


@pytest.mark.parametrize(
    "failure", [*({"itemIdentifier": name} for name in ("", None, "999")), {"wrong": "1"}, 1]
)
def test_an_answer_that_names_no_record_fails_the_whole_batch(failure: Any) -> None:
    answers = iter([{"batchItemFailures": [failure]}, None, None])
    assert Scene(lambda _: next(answers)).deliver(records(1, 2)).calls == [[1, 2], [1], [2]]


def test_old_records_are_given_up_before_the_call() -> None:
    scene = Scene(succeeding, max_age_seconds=60)
    scene.deliver([record(1, age=100), record(2, age=70), record(3)])
    assert scene.given_up == [([1, 2], "RecordAgeExceeded", 0)]
    assert scene.calls == [[3]]
    assert scene.marks == [2, 3]


def test_retries_wait_longer_each_time_and_end_when_the_stack_stops() -> None:
    scene = Scene(raising, max_retries=4).deliver(records(1))
    assert scene.pauses == [0.1, 0.2, 0.4, 0.8]
    scene.stopping = True
    with pytest.raises(Stopped):
        scene.deliver(records(2))
    assert scene.marks == [1]


@given(
    size=st.integers(1, 12),
    bad=st.sets(st.integers(1, 12)),
    bisects=st.booleans(),
    partial=st.booleans(),
    retries=st.integers(0, 2),
)
def test_every_record_is_handled_or_given_up_in_order(
    size: int, bad: set[int], retries: int, *, bisects: bool, partial: bool
) -> None:
    handled: set[int] = set()

    def answer(batch: list[int]) -> Any:
        first = next((number for number in batch if number in bad), None)
        handled.update(batch if first is None else range(batch[0], first))
        if first is None:
            return None
        if partial:
            return failed(first)
        raise RuntimeError("bad record")

    scene = Scene(answer, bisects=bisects, max_retries=retries).deliver(records(*range(1, size + 1)))
    lost = {number for given, *_ in scene.given_up for number in given}
    assert handled | lost == set(range(1, size + 1))
    assert scene.marks == sorted(scene.marks)
    assert scene.marks[-1] == size
    assert all(batch == list(range(batch[0], batch[-1] + 1)) for batch in scene.calls)
    if bisects:
        assert lost == bad & set(range(1, size + 1))
