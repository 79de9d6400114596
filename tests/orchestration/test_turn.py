"""Whose turn it is on the GPU hosts."""

from collections.abc import Mapping
from datetime import datetime, timezone

import pytest

from regtune.orchestration.turn import holder_before, run_before

States = Mapping[str, str | None]
WAITS: States = {"open_run": "running", "stop": None, "publish": None}
WORKS: States = {"open_run": "success", "stop": None, "publish": None}
ENDS: States = {"open_run": "success", "stop": "running", "publish": "upstream_failed"}
OVER: States = {"open_run": "success", "stop": "success", "publish": "success"}
REFUSED: States = {"open_run": "success", "stop": "success", "publish": "upstream_failed"}
SHORT: States = {"open_run": "success", "stop": "skipped", "publish": "success"}
NOT_STARTED: States = {"open_run": None, "stop": None, "publish": None}
REDONE: States = {**OVER, "parse": "deferred"}
NOT_OPENED: States = {"open_run": "failed", "stop": "upstream_failed", "publish": "upstream_failed"}
FIRST, MINE, LAST = (f"backfill__{day}T00:00:00+00:00" for day in ("2024-01-01", "2024-07-01", "2025-01-01"))


@pytest.mark.parametrize(
    ("others", "first"),
    [
        pytest.param({}, None, id="alone"),
        pytest.param({FIRST: WAITS}, FIRST, id="an earlier date that asks too goes first"),
        pytest.param({LAST: WAITS}, None, id="a later date that asks too waits"),
        pytest.param({LAST: WORKS}, LAST, id="a later date that is on the hosts is not interrupted"),
        pytest.param({FIRST: ENDS}, FIRST, id="its model server is being stopped"),
        pytest.param({FIRST: OVER, LAST: REFUSED}, None, id="the others are over"),
        pytest.param({FIRST: SHORT}, None, id="cut short"),
        pytest.param({LAST: REDONE}, LAST, id="one task of a finished run is made again"),
        pytest.param({FIRST: NOT_OPENED}, None, id="could not be opened"),
        pytest.param({FIRST: NOT_STARTED}, None, id="still queued by Airflow"),
        pytest.param({"manual__2026-01-01": WAITS}, None, id="a manual run after a backfill"),
        pytest.param({FIRST: {**WAITS, "open_run": "up_for_reschedule"}, LAST: WORKS}, LAST, id="the one on the hosts"),
    ],
)
def test_one_run_at_a_time_and_the_earliest_first(others: Mapping[str, States], first: str | None) -> None:
    """A run waits for the one that is on the hosts, and for those that ask and are of an earlier date."""
    assert run_before(MINE, {MINE: WAITS, **others}, lambda _: True) == first


def test_two_runs_that_ask_at_once_do_not_wait_for_each_other() -> None:
    """Of any number of waiting runs exactly one goes."""
    waiting = dict.fromkeys((FIRST, MINE, LAST, "manual__2024-01-01", "scheduled__2024-01-01"), WAITS)
    assert [run for run in waiting if run_before(run, waiting, lambda _: True) is None] == [FIRST]


def test_a_run_that_was_ended_by_hand_holds_nobody_up() -> None:
    """Tasks that never ran stay without a state; what counts is that Airflow no longer runs the run."""
    assert run_before(MINE, {MINE: WAITS, FIRST: WORKS}, lambda _: False) is None


def at(hour: int) -> datetime:
    """When a run was started."""
    return datetime(2026, 1, 1, hour, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("states", "started", "first"),
    [
        pytest.param({LAST: WORKS}, {MINE: at(2), LAST: at(1)}, LAST, id="another date is on the hosts"),
        pytest.param({LAST: WORKS}, {MINE: at(1), LAST: at(2)}, None, id="the other was cleared later"),
        pytest.param({LAST: WAITS}, {MINE: at(2), LAST: at(1)}, None, id="the other waits for its turn"),
        pytest.param({LAST: OVER}, {MINE: at(2), LAST: at(1)}, None, id="the other is over"),
        pytest.param({LAST: WORKS}, {MINE: at(2)}, None, id="the other was ended by hand"),
        pytest.param({LAST: REDONE}, {MINE: at(2), LAST: at(1)}, LAST, id="one task of the other is made again"),
        pytest.param({FIRST: WORKS}, {MINE: at(1), FIRST: at(1)}, FIRST, id="both cleared at once"),
    ],
)
def test_a_run_cleared_below_open_run_leaves_the_hosts_to_the_one_before(
    states: Mapping[str, States], started: Mapping[str, datetime], first: str | None
) -> None:
    """Whether it is cleared as a whole or in one task: of the runs that have a turn the one started first goes on."""
    for mine in (WORKS, REDONE):
        assert holder_before(MINE, {MINE: mine, **states}, started.get) == first


def test_of_cleared_runs_exactly_one_goes_on() -> None:
    """They do not wait for each other in a ring."""
    cleared = {FIRST: at(3), MINE: at(1), LAST: at(2)}
    states = dict.fromkeys(cleared, WORKS)
    assert [run for run in cleared if holder_before(run, states, cleared.get) is None] == [MINE]
