"""The runs of a backfill: one at a time whatever its maker said, and none after it was cancelled.

In: a run of the DAG regtune that Airflow starts, and one that ended, in the scheduler's session; a backfill that
somebody cancels, in the API server's. Out: the other runs of a backfill held in Airflow's queue, which a cancel
empties; a run of it that waits for the hosts ended at once, in the transaction of the cancel, each with a note that
says why; what there is to tell of a backfill of which all runs have ended.

Airflow starts ten runs of a backfill at once unless it is told another number, and its cancel ends only those that are
queued. It reads max_active_runs anew before each run that it starts, with the backfill locked: the first run says one
for all of them.
"""

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.callbacks import NO_RUN, queue, run_name_of
from regtune.orchestration.page.addresses import DAG_ID
from regtune.orchestration.run_note import write_note

if TYPE_CHECKING:
    from airflow.models.backfill import Backfill
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

_UNFINISHED = ("queued", "running")
_NOT_BEGUN = ("None", "scheduled", "queued", "skipped")
"""States of a task that has done nothing."""
_CANCELLED = "백필이 취소되어 실행하지 않았습니다."


@hookimpl
def on_dag_run_running(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Hold the other runs of the same backfill back."""
    if dag_run.dag_id == DAG_ID and dag_run.backfill is not None:
        dag_run.backfill.max_active_runs = 1


def heed_cancels() -> None:
    """Have a cancel end what waits; called once in each process of the API server, which alone cancels.

    Airflow has no hook for it. Its route ends with setting the backfill's completed_at, in the session that it commits.
    """
    from airflow.models.backfill import Backfill
    from sqlalchemy import event

    event.listen(Backfill.completed_at, "set", _on_completed)


def _on_completed(backfill: "Backfill", value: object, *_: object) -> None:
    from sqlalchemy.orm import object_session

    session = object_session(backfill)
    if value is not None and backfill.dag_id == DAG_ID and backfill.is_paused and session is not None:
        with session.no_autoflush:
            _end_waiting(session, backfill)


def _end_waiting(session: "Session", backfill: "Backfill") -> None:
    from airflow.utils.state import DagRunState, TaskInstanceState

    from regtune.orchestration.alerts import tell_backfill

    runs = _runs_of(session, backfill.id)
    for run in runs:
        session.refresh(run)  # the route fails those in the queue behind the session's back
        if str(run.state) not in ("running", "failed") or _has_begun(session, run):
            continue
        if str(run.state) == "running":
            for task in run.get_task_instances(session=session):
                task.state = TaskInstanceState.SKIPPED
            run.set_state(DagRunState.FAILED)
        write_note(run, _CANCELLED)
    if not any(str(run.state) in _UNFINISHED for run in runs):  # else the end of the last one tells
        queue(session, tell_backfill, _told(session, backfill, runs, "cancelled"))


def ended_backfill(session: "Session", ended: "DagRun") -> dict[str, Any] | None:
    """Give what is told of a run's backfill of which all runs have ended; None as long as one has not.

    `kind` is finished, cancelled, or corrected: it was over before, and a run of it has ended again since.
    """
    from airflow.models.backfill import Backfill

    backfill = session.get(Backfill, ended.backfill_id) if ended.backfill_id is not None else None
    runs = _runs_of(session, backfill.id) if backfill is not None else []
    if backfill is None or any(str(run.state) in _UNFINISHED for run in runs if run.id != ended.id):
        return None
    over = backfill.completed_at is not None
    kind = "cancelled" if over and backfill.is_paused else "corrected" if over else "finished"
    return _told(session, backfill, runs, kind)


def _runs_of(session: "Session", backfill_id: int) -> "list[DagRun]":
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    of_backfill = select(DagRun).where(DagRun.backfill_id == backfill_id).order_by(DagRun.logical_date)
    return list(session.scalars(of_backfill).unique())


def _told(session: "Session", backfill: "Backfill", runs: "list[DagRun]", kind: str) -> dict[str, Any]:
    return {
        "backfill_id": backfill.id,
        "kind": kind,
        "first": str(backfill.from_date.date()),
        "last": str(backfill.to_date.date()),
        "runs": [_facts(session, run, cancelled=kind == "cancelled") for run in runs],
    }


def _facts(session: "Session", run: "DagRun", *, cancelled: bool) -> dict[str, str]:
    never_begun = cancelled and str(run.state) == "failed" and not _has_begun(session, run)
    # A run that never began may have the name of an earlier time.
    return {
        "day": str(run.logical_date.date()) if run.logical_date else "-",
        "state": "cancelled" if never_begun else str(run.state),
        "dag_run_id": run.run_id,
        "run_name": NO_RUN if never_begun else run_name_of(session, run.run_id),
    }


def _has_begun(session: "Session", run: "DagRun") -> bool:
    """Whether a run has done more than to wait its turn in open_run."""
    tasks = run.get_task_instances(session=session)
    return any(str(task.state) not in _NOT_BEGUN for task in tasks if task.task_id != "open_run")
