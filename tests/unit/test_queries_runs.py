"""Days are read together as far as they follow each other within a month."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tollgate.days import days_between
from tollgate.queries.runs import Run, runs


def test_days_that_follow_each_other_are_one_run_and_a_month_ends_it() -> None:
    assert runs(["2026-05-01", "2026-04-30", "2026-05-03", "2026-05-02"]) == [
        Run("2026-04-30", "2026-04-30"),
        Run("2026-05-01", "2026-05-03"),
    ]
    assert runs(["2026-05-01", "2026-05-03"]) == [Run(day, day) for day in ("2026-05-01", "2026-05-03")]
    assert runs([]) == []


@given(st.frozensets(st.dates(date(2026, 1, 20), date(2026, 4, 10)), max_size=60))
def test_runs_hold_each_day_once_and_no_other_in_a_month_and_are_short(days: frozenset[date]) -> None:
    found = runs(day.isoformat() for day in days)
    inside = [days_between(date.fromisoformat(run.first), date.fromisoformat(run.last)) for run in found]
    assert [day for run in inside for day in run] == sorted(day.isoformat() for day in days)
    assert all(run.first[:7] == run.last[:7] for run in found)
    assert all(len(run) <= 5 for run in inside)
