"""What Airflow itself tells nobody when a run ends: that it was the last of a backfill, and that mails still wait.

In: a run of the DAG regtune that ended, in the scheduler, which alone sees all of them. Out: callbacks for the
triggerer, in the same transaction as the run's end: they are there once or not at all, and the scheduler sends no mail.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from regtune.orchestration.backfill_runs import ended_backfill
from regtune.orchestration.callbacks import queue, session_of
from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Queue what follows."""
    _follow(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the same
    """Queue what follows."""
    _follow(dag_run)


def _follow(dag_run: "DagRun") -> None:
    from regtune.orchestration.alerts import keep_sending, tell_backfill

    session = session_of(dag_run)
    if dag_run.dag_id != DAG_ID or session is None:
        return
    queue(session, keep_sending, {})
    ended = ended_backfill(session, dag_run)
    if ended is not None:
        queue(session, tell_backfill, ended)
