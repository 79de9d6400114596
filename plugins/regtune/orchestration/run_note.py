"""The note on a DAG run: the headline of what it made, where people look first; and its state, if failed by hand.

In: a run of the DAG regtune that ended well, and what its task publish returned. Out: the run's note. A listener of
Airflow's; it runs in the scheduler, which is the only place that may write a note without a login of its own.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from regtune.orchestration.callbacks import returned, session_of
from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


@hookimpl
def on_dag_run_running(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Take away what was noted of an earlier time of the run: cleared, it has made nothing yet."""
    note = dag_run.dag_run_note if dag_run.dag_id == DAG_ID else None
    if note is not None and note.user_id is None:
        dag_run.dag_run_note = None


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:  # noqa: ARG001 - the hook's signature
    """Write the headline.

    A run that somebody failed by hand stays failed: Airflow skips what had not begun, lets the teardown end, and takes
    the skipped last task for a success.
    """
    if dag_run.dag_id != DAG_ID:
        return
    if _last_task_was_skipped(dag_run):
        from airflow.utils.state import DagRunState

        dag_run.set_state(DagRunState.FAILED)
        return
    headline = _headline(dag_run)
    if headline:
        write_note(dag_run, headline)


def write_note(dag_run: "DagRun", text: str) -> None:
    """Note it on the run, in place of a note of an earlier time of it; one that somebody wrote by hand stays."""
    note = dag_run.dag_run_note
    if note is None or note.user_id is None:
        dag_run.note = text.replace("~", r"\~")  # Markdown: two of them strike out the text between


def _last_task_was_skipped(dag_run: "DagRun") -> bool:
    from airflow.utils.state import TaskInstanceState

    session = session_of(dag_run)
    if session is None:
        return False
    publish = dag_run.get_task_instance("publish", session=session)  # one of its own would end the scheduler's locks
    return publish is not None and publish.state == TaskInstanceState.SKIPPED


def _headline(dag_run: "DagRun") -> str | None:
    session = session_of(dag_run)
    return None if session is None else returned(session, dag_run.run_id, "publish")
