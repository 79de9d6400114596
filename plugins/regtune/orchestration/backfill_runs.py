"""The runs of a backfill: one at a time whatever its maker said, and none after it was cancelled.

In: a run of the DAG regtune that Airflow starts, and one that ended, in the scheduler's session. Out: the other runs of
a backfill held in Airflow's queue, which a cancel empties; waiting runs of a cancelled backfill ended, with a note that
says why; what there is to tell of a backfill of which all runs have ended.

Airflow starts ten runs of a backfill at once unless it is told another number, and its cancel ends only those that are
queued. It reads max_active_runs anew before each run that it starts, with the backfill locked: the first run says one
for all of them.
"""

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.callbacks import NO_RUN, run_name_of
from regtune.orchestration.page.addresses import DAG_ID
from regtune.orchestration.run_note import write_note

if TYPE_CHECKING:
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


def end_cancelled(session: "Session", ended: "DagRun") -> set[int]:
    """End the runs of cancelled backfills that wait for the hosts, and note on each that never began why.

    Args:
        session: the scheduler's.
        ended: a run that has just ended; what Airflow's cancel failed while it ran gets its note too.

    Returns:
        Ids of the backfills of which runs were ended here.
    """
    from airflow.models.backfill import Backfill
    from airflow.models.dagrun import DagRun
    from airflow.utils.state import DagRunState, TaskInstanceState
    from sqlalchemy import or_, select

    query = (
        select(DagRun)
        .join(Backfill, Backfill.id == DagRun.backfill_id)
        .where(DagRun.dag_id == DAG_ID, DagRun.id != ended.id, Backfill.is_paused.is_(True))
        .where(
            or_(
                (DagRun.state == DagRunState.RUNNING) & Backfill.completed_at.is_not(None),
                (DagRun.state == DagRunState.FAILED) & (Backfill.completed_at >= ended.start_date),
            )
        )
    )
    backfills = set()
    for run in session.scalars(query).unique().all():
        if _has_begun(session, run):
            continue
        if run.state == DagRunState.RUNNING:
            for task in run.get_task_instances(session=session):
                task.state = TaskInstanceState.SKIPPED
            run.set_state(DagRunState.FAILED)
            backfills.add(int(run.backfill_id or 0))
        write_note(run, _CANCELLED)
    return backfills


def ended_backfill(session: "Session", backfill_id: int, ended: "DagRun") -> dict[str, Any] | None:
    """Give what is told of a backfill of which all runs have ended; None as long as one has not.

    `kind` is finished, cancelled, or corrected: it was over before, and a run of it has ended again since.
    """
    from airflow.models.backfill import Backfill
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    backfill = session.get(Backfill, backfill_id)
    of_backfill = select(DagRun).where(DagRun.backfill_id == backfill_id).order_by(DagRun.logical_date)
    runs = list(session.scalars(of_backfill))
    if backfill is None or any(str(run.state) in _UNFINISHED for run in runs if run.id != ended.id):
        return None
    over = backfill.completed_at is not None
    kind = "cancelled" if over and backfill.is_paused else "corrected" if over else "finished"
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
