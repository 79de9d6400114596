"""A task or a run that somebody sets to failed: people are told once, and the run's note says so.

Airflow calls no on_failure_callback then. In: a state set in the UI or over REST, for which the API server calls the
hooks below. Out: a note on the run, and a callback for the triggerer, which sends the message. A run that is set to
failed fails its tasks first: of these nothing is told apart.
"""

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.callbacks import queue, run_name_of, session_of
from regtune.orchestration.page.addresses import DAG_ID
from regtune.orchestration.run_note import write_note

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session

_BY_HAND = "manually"
"""Stands in what Airflow says of a run that was set to failed, and in nothing that it says of others."""
_TASK = "사람이 {task_id} 작업을 실패로 표시했습니다."
_RUN = "사람이 실행을 실패로 표시했습니다."


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: "TaskInstance") -> None:  # noqa: ANN401 - the hook's
    """Tell of a task; Airflow names no earlier state of one that was set by hand."""
    session = session_of(task_instance)
    if task_instance.dag_id != DAG_ID or previous_state is not None or session is None:
        return
    run = task_instance.get_dagrun(session=session)
    if not _is_failed_as_a_whole(session, run):
        write_note(run, _TASK.format(task_id=task_instance.task_id))
        _queue(session, run, [task_instance], whole=False)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:
    """Tell of a run."""
    session = session_of(dag_run)
    if dag_run.dag_id != DAG_ID or _BY_HAND not in msg or session is None:
        return
    write_note(dag_run, _RUN)
    failed = [task for task in dag_run.get_task_instances(session=session) if str(task.state) == "failed"]
    _queue(session, dag_run, failed, whole=True)


def _is_failed_as_a_whole(session: "Session", run: "DagRun") -> bool:
    """Whether Airflow has just ended all tasks of the run: it skips those that had not begun."""
    publish = run.get_task_instance("publish", session=session)
    return str(run.state) == "failed" or (publish is not None and str(publish.state) == "skipped")


def _queue(session: "Session", run: "DagRun", tasks: "list[TaskInstance]", *, whole: bool) -> None:
    from regtune.orchestration.alerts import tell_failed_by_hand

    facts = {
        "run_id": run.run_id,
        "run_name": run_name_of(session, run.run_id),
        "tasks": [{"task_id": task.task_id, "try_number": task.try_number} for task in tasks],
        "cleared": run.clear_number if whole else None,
    }
    queue(session, tell_failed_by_hand, facts)
