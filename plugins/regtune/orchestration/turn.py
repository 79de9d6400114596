"""One run at a time on the GPU hosts, whatever started the runs.

In: the states of the DAG's tasks over all runs. Out: the run that goes first, if another one does. max_active_runs is
not enough for it: Airflow counts the runs of a backfill, which has one at a time (backfill_runs.py), apart from others.

A run takes its turn in open_run: it waits for the run that has it, and for those that ask too and come first by their
ids, which begin with their kind and go on with their date. A finished run that is cleared below open_run has its turn
already; it asks at every stage instead, and of the runs that have a turn the one that Airflow started first goes on. A
clear starts a run anew, so that it comes after whichever run is on the hosts; no two runs ever wait for each other.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException

from regtune.stage_table import STAGES

_log = logging.getLogger(__name__)
_ON_HOSTS = tuple(name for name, facts in STAGES.items() if facts.host != "scheduler")
_FIRST, *_LAST = ("open_run", "stop", "publish")
"""The task with which a run takes its turn, and those that have all ended when it gives it back."""
TURN_TASKS = tuple(dict.fromkeys((_FIRST, *_LAST, *_ON_HOSTS)))
_OVER = {"success", "failed", "skipped", "upstream_failed", "removed"}
_WAITING = {"scheduled", "queued", "running", "up_for_reschedule", "up_for_retry"}
_AT_WORK = {*_WAITING, "deferred", "restarting"}
States = Mapping[str, Mapping[str, str | None]]
"""By run and task, for `TURN_TASKS`."""


def take_turn(ti: Any, turn_seconds: float) -> None:  # noqa: ANN401 - Airflow's, without the types of its own methods
    """Come back later, without a slot or a try, while a run that goes first is on the hosts.

    Raises:
        AirflowRescheduleException: another run goes first.
    """
    first = run_before(ti.run_id, _states(ti), lambda run_id: ti.get_dagrun_state(ti.dag_id, run_id) == "running")
    _wait_for(first, turn_seconds)


def keep_turn(ti: Any, dag_run: Any, turn_seconds: float) -> None:  # noqa: ANN401 - the same
    """Do as `take_turn` before a stage of a run that somebody cleared: open_run may not have run again.

    Raises:
        AirflowRescheduleException: another run has the hosts.
    """
    if dag_run.clear_number:
        _wait_for(holder_before(ti.run_id, _states(ti), lambda run_id: _started(ti.dag_id, run_id)), turn_seconds)


def run_before(run_id: str, states: States, is_running: Callable[[str], bool]) -> str | None:
    """Return the id of the run that this one has to wait for in open_run, None when it is its turn.

    Args:
        run_id: of the run that asks.
        states: of all runs.
        is_running: whether a run is in state running; asked of few, for a run that was ended may leave tasks unstarted.
    """
    others = sorted(other for other in states if other != run_id)
    holding = [run for run in others if _holds(states[run])]
    earlier = [run for run in others if states[run].get(_FIRST) in _WAITING and run < run_id]
    return next((run for run in [*holding, *earlier] if is_running(run)), None)


def holder_before(run_id: str, states: States, started: Callable[[str], datetime | None]) -> str | None:
    """Return the id of the run that has its turn and was started before this one, which has its turn too.

    Args:
        run_id: of the run that asks.
        states: of all runs.
        started: when Airflow last started a run; None for one that it does not run. Asked of few.
    """
    others = [run for run in states if run != run_id and _holds(states[run])]
    since = {run: when for run in (run_id, *others) if others and (when := started(run)) is not None}
    first = min(since, key=lambda run: (since[run], run), default=run_id)
    return None if first == run_id else first


def _holds(states: Mapping[str, str | None]) -> bool:
    over = all(states.get(task) in _OVER for task in _LAST)
    return states.get(_FIRST) == "success" and (not over or any(states.get(task) in _AT_WORK for task in _ON_HOSTS))


def _states(ti: Any) -> States:  # noqa: ANN401 - the same
    found: States = ti.get_task_states(dag_id=ti.dag_id, task_ids=list(TURN_TASKS))
    return found


def _started(dag_id: str, run_id: str) -> datetime | None:
    """Ask Airflow; there is no method for it beside those that give a state."""
    from airflow.sdk.execution_time.comms import DagRunResult, GetDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    run = SUPERVISOR_COMMS.send(GetDagRun(dag_id=dag_id, run_id=run_id))
    return run.start_date if isinstance(run, DagRunResult) and run.state == "running" else None


def _wait_for(first: str | None, turn_seconds: float) -> None:
    if first is not None:
        _log.info("실행 %s이(가) 먼저입니다. 끝날 때까지 %g초마다 다시 봅니다.", first, turn_seconds)
        again = datetime.now(timezone.utc) + timedelta(seconds=turn_seconds)
        raise AirflowRescheduleException(again)  # type: ignore[no-untyped-call]
