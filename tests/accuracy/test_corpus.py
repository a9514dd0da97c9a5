import pytest

from tests.accuracy import calculator, replay, report
from tests.accuracy.corpus import Case, cases
from tollgate.usage.reading import faults

CORPUS = cases()
STREAMS = [case for case in CORPUS if case.is_stream]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.id)
def test_an_answer_is_booked_class_by_class_at_what_the_provider_charges(case: Case) -> None:
    reading = replay.replay(case).reading
    if case.classes is None:
        assert reading is None
        return
    assert reading is not None
    booked = replay.priced(case, reading)
    assert reading.usage.counts() == case.classes
    assert booked.cost == case.cost
    assert not booked.unpriced
    marked = faults(reading.fault, booked.fault)
    assert case.mark in marked
    assert bool(case.mark) == bool(marked)


@pytest.mark.parametrize("way", replay.WAYS[1:])
@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case.id)
def test_a_stream_means_the_same_however_it_is_cut(case: Case, way: str) -> None:
    whole, pieces = replay.replay(case), replay.replay(case, way)
    assert pieces == whole


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case.id)
def test_a_stream_is_passed_on_as_it_came_to_who_asked_for_usage(case: Case) -> None:
    assert replay.replay(case, "random pieces").passed == case.wire


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case.id)
def test_who_did_not_ask_is_billed_the_same(case: Case) -> None:
    assert replay.replay(case, asked=False).reading == replay.replay(case).reading


def test_there_are_enough_cases_and_each_names_its_source() -> None:
    assert len(CORPUS) >= 200
    assert len({case.id for case in CORPUS}) == len(CORPUS)
    assert all(case.source.startswith("https://") for case in CORPUS)


def test_the_calculator_reads_prices_as_they_are_published() -> None:
    prices = {"input": "2.50", "audio_seconds": "0.111/hour", "images": "0.04/each", "web_searches": "10/1k"}
    assert str(calculator.cost({"input": 3}, prices, {})) == "0.0000075"
    assert str(calculator.cost({"audio_seconds": 4}, prices, {"audio_seconds": 10}))[:12] == "0.0003083333"
    assert str(calculator.cost({"images": 2, "web_searches": 1}, prices, {})) == "0.09"


def test_every_difference_of_genai_prices_is_explained_once() -> None:
    listed = [case for _, ids in report.explained() for case in ids]
    assert len(listed) == len(set(listed))
    assert set(listed) == report.differing(CORPUS)


def test_the_report_is_what_make_accuracy_writes() -> None:
    assert report.REPORT.read_text() == report.text()
