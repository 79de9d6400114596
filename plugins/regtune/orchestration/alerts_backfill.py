"""Notices the end of a backfill, which Airflow itself tells nobody: the last of its runs ended.

In: a run of the DAG regtune that ended, in the scheduler, which alone sees all of them. Out: a callback for the
triggerer, in the same transaction as the run's end: it is there once or not at all, and the scheduler sends no mail.
"""

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

_UNFINISHED = ("queued", "running")


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Look whether it was the last."""
    _look(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the same
    """Look whether it was the last."""
    _look(dag_run)


def _look(dag_run: "DagRun") -> None:
    from airflow.models.backfill import Backfill
    from airflow.models.callback import Callback
    from airflow.models.dagrun import DagRun
    from airflow.sdk.definitions.callback import AsyncCallback
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    from regtune.orchestration.alerts import tell_backfill

    session = object_session(dag_run)
    if dag_run.dag_id != DAG_ID or dag_run.backfill_id is None or session is None:
        return
    of_backfill = select(DagRun).where(DagRun.backfill_id == dag_run.backfill_id).order_by(DagRun.logical_date)
    runs = list(session.scalars(of_backfill))
    if any(str(run.state) in _UNFINISHED for run in runs if run.id != dag_run.id):
        return
    backfill = session.get(Backfill, dag_run.backfill_id)
    if backfill is None:
        return
    facts: dict[str, Any] = {
        "backfill_id": backfill.id,
        "first": str(backfill.from_date.date()),
        "last": str(backfill.to_date.date()),
        "runs": [_facts(session, run) for run in runs],
    }
    callback = Callback.create_from_sdk_def(AsyncCallback(tell_backfill, facts), prefix="regtune", dag_id=DAG_ID)
    callback.queue(session=session)
    session.add(callback)


def _facts(session: "Session", run: "DagRun") -> dict[str, str]:
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(run_id=run.run_id, dag_ids=DAG_ID, task_ids="open_run", key="return_value")
    row = session.scalars(query).first()
    return {
        "day": str(run.logical_date.date()) if run.logical_date else "-",
        "state": str(run.state),
        "dag_run_id": run.run_id,
        "run_name": "-" if row is None else str(XComModel.deserialize_value(row)),
    }
