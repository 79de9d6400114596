"""A task that somebody fails, skips or marks done while its job runs on a host: the job is ended, in every moment.

Airflow tells the trigger of such a task (RemoteStageTrigger.on_kill), but only a trigger that runs: not in the second
between the worker and the triggerer, nor while the triggerer is down. In: a state set in the UI or over REST, for which
the API server calls the hooks below. Out: a callback for the triggerer, in the transaction that sets the state; it
finds the try's job on the host by its name and ends it. A job that has ended is left as it is.
"""

import asyncio
import logging
import posixpath
import shlex
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

_DAG_ID = "regtune"
_ATTEMPTS = 100
_LONGEST_WAIT_SECONDS = 60
_log = logging.getLogger(__name__)


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: "TaskInstance") -> None:  # noqa: ANN401, ARG001 - the hook's
    """Failed by hand, or in a worker, where it has no session."""
    _queue(task_instance)


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: "TaskInstance") -> None:  # noqa: ANN401, ARG001 - the hook's
    """Marked as done."""
    _queue(task_instance)


@hookimpl
def on_task_instance_skipped(previous_state: Any, task_instance: "TaskInstance") -> None:  # noqa: ANN401, ARG001 - the hook's
    """Skipped by hand."""
    _queue(task_instance)


def _queue(ti: "TaskInstance") -> None:
    if ti.dag_id != _DAG_ID:
        return
    from sqlalchemy.exc import NoInspectionAvailable
    from sqlalchemy.orm import object_session
    from sqlalchemy.orm.exc import UnmappedInstanceError

    try:
        session = object_session(ti)
    except (NoInspectionAvailable, UnmappedInstanceError):  # a worker's: it has seen to its job itself
        return
    if session is None:
        return
    from airflow.models.callback import Callback
    from airflow.sdk.definitions.callback import AsyncCallback

    names = {"task_id": ti.task_id, "run_id": ti.run_id, "try_number": ti.try_number}
    callback = Callback.create_from_sdk_def(AsyncCallback(end_jobs, names), prefix="regtune", dag_id=_DAG_ID)
    callback.queue(session=session)
    session.add(callback)


async def end_jobs(task_id: str, run_id: str, try_number: int) -> None:
    """End what a try left running on its host; asks a host that does not answer again. Runs in the triggerer."""
    from regtune.stage_table import STAGES

    if task_id not in STAGES or STAGES[task_id].host == "scheduler":
        return
    for attempt in range(_ATTEMPTS):
        try:
            ended = await asyncio.to_thread(_end, task_id, run_id, try_number)
        except OSError as error:
            _log.warning("%s: its host does not answer (%d): %s", task_id, attempt + 1, error)
            await asyncio.sleep(min(2**attempt, _LONGEST_WAIT_SECONDS))
        else:
            _log.info("%s was ended by hand: %d jobs of its try ended on the host", task_id, ended)
            return


def _end(task_id: str, run_id: str, try_number: int) -> int:
    from airflow.providers.ssh.hooks.ssh import SSHHook
    from airflow.providers.ssh.utils.remote_job import generate_job_id

    from regtune.orchestration.remote_job import end_command
    from regtune.orchestration.settings import current_config
    from regtune.orchestration.transfer import HostFiles
    from regtune.stage_table import STAGES

    host_name = STAGES[task_id].host
    host = current_config().hosts.named("02" if host_name == "02" else "48")
    jobs = posixpath.join(host.base_dir, "jobs")
    begins = generate_job_id(_DAG_ID, task_id, run_id, try_number, suffix_length=0)
    with SSHHook(ssh_conn_id=host.ssh_conn_id).get_conn() as client:
        files = HostFiles(client, host_name, host.python, host.base_dir)
        found = files.run(f"ls -1d -- {shlex.quote(posixpath.join(jobs, begins))}*")[1].decode().splitlines()
        for folder in found:
            files.run(end_command(folder), timeout_seconds=60)
    return len(found)
