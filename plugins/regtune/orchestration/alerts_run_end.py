"""What Airflow itself tells nobody when a run ends: that it was the last of a backfill, and that mails still wait.

In: a run of the DAG regtune that ended, in the scheduler, which alone sees all of them. Out: callbacks for the
triggerer, in the same transaction as the run's end: they are there once or not at all, and the scheduler sends no mail.
"""

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

_UNFINISHED = ("queued", "running")


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Queue what follows."""
    _follow(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the same
    """Queue what follows."""
    _follow(dag_run)


def _follow(dag_run: "DagRun") -> None:
    from sqlalchemy.orm import object_session

    from regtune.orchestration.alerts import keep_sending, tell_backfill

    session = object_session(dag_run)
    if dag_run.dag_id != DAG_ID or session is None:
        return
    _queue(session, keep_sending, {})
    ended = _ended_backfill(session, dag_run)
    if ended is not None:
        _queue(session, tell_backfill, ended)


def _ended_backfill(session: "Session", dag_run: "DagRun") -> dict[str, Any] | None:
    """Give what is told of a backfill whose last run this was; None for any other run."""
    from airflow.models.backfill import Backfill
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    backfill = None if dag_run.backfill_id is None else session.get(Backfill, dag_run.backfill_id)
    if backfill is None:
        return None
    of_backfill = select(DagRun).where(DagRun.backfill_id == dag_run.backfill_id).order_by(DagRun.logical_date)
    runs = list(session.scalars(of_backfill))
    if any(str(run.state) in _UNFINISHED for run in runs if run.id != dag_run.id):
        return None
    return {
        "backfill_id": backfill.id,
        "first": str(backfill.from_date.date()),
        "last": str(backfill.to_date.date()),
        "runs": [_facts(session, run) for run in runs],
    }


def _queue(session: "Session", told: "Callable[..., Awaitable[None]]", facts: dict[str, Any]) -> None:
    from airflow.models.callback import Callback
    from airflow.sdk.definitions.callback import AsyncCallback

    callback = Callback.create_from_sdk_def(AsyncCallback(told, facts), prefix="regtune", dag_id=DAG_ID)
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
