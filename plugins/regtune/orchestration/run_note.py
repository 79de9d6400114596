"""The note on a DAG run: the headline of what it made, where people look first.

In: a run of the DAG regtune that ended well, and what its task publish returned. Out: the run's note. A listener of
Airflow's; it runs in the scheduler, which is the only place that may write a note without a login of its own.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

_DAG_ID = "regtune"


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Write the headline; a note that somebody wrote by hand stays."""
    if dag_run.dag_id != _DAG_ID or dag_run.note:
        return
    headline = _headline(dag_run)
    if headline:
        dag_run.note = headline.replace("~", r"\~")  # Markdown: two of them strike out the text between


def _headline(dag_run: "DagRun") -> str | None:
    from airflow.models.xcom import XComModel
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return None
    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=_DAG_ID, task_ids="publish", key="return_value")
    row = session.scalars(query).first()
    return None if row is None else str(XComModel.deserialize_value(row))
