"""A task that somebody fails, skips or marks done while its job runs on a host: the job is ended, in every moment.

Airflow tells the trigger of such a task (RemoteStageTrigger.on_kill), but only a trigger that runs: not in the second
between the worker and the triggerer, nor while the triggerer is down. In: a state set in the UI or over REST, for which
the API server calls the hooks below. Out: a callback for the triggerer, in the transaction that sets the state; it
finds the try's job on the host by its name, ends it, keeps the end of its log in the store (logs/<task>.<try>.log of
the run) and removes its folder, which nobody else would before publish.keep_days are over.
"""

import asyncio
import logging
import posixpath
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from regtune.orchestration.callbacks import NO_RUN, queue, run_name_of, session_of
from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

_ATTEMPTS = 100
_LONGEST_WAIT_SECONDS = 60
_log = logging.getLogger(__name__)


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: "TaskInstance") -> None:  # noqa: ANN401 - the hook's
    """Failed by hand; or by the scheduler, whose next try goes on with the job; or in a worker, without a session."""
    if previous_state is None or str(task_instance.state) == "failed":
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
    session = session_of(ti) if ti.dag_id == DAG_ID else None
    if session is not None:  # a worker has seen to its job itself
        run_name = run_name_of(session, ti.run_id)
        facts = {"task_id": ti.task_id, "run_id": ti.run_id, "try_number": ti.try_number, "run_name": run_name}
        queue(session, end_jobs, facts)


async def end_jobs(task_id: str, run_id: str, try_number: int, run_name: str = NO_RUN) -> None:
    """End what a try left running on its host; asks a host that does not answer again. Runs in the triggerer."""
    from regtune.stage_table import STAGES

    if task_id not in STAGES or STAGES[task_id].host == "scheduler":
        return
    for attempt in range(_ATTEMPTS):
        try:
            ended = await asyncio.to_thread(_end, task_id, run_id, try_number, run_name)
        except OSError as error:
            _log.warning("%s: its host does not answer (%d): %s", task_id, attempt + 1, error)
            await asyncio.sleep(min(2**attempt, _LONGEST_WAIT_SECONDS))
        else:
            _log.info("%s was ended by hand: %d jobs of its try ended on the host", task_id, ended)
            return


def _end(task_id: str, run_id: str, try_number: int, run_name: str) -> int:
    from airflow.providers.ssh.hooks.ssh import SSHHook
    from airflow.providers.ssh.utils.remote_job import build_posix_cleanup_command, generate_job_id

    from regtune.orchestration.remote_job import end_command
    from regtune.orchestration.settings import current_config
    from regtune.orchestration.transfer import HostFiles
    from regtune.stage_table import STAGES

    host_name = STAGES[task_id].host
    host = current_config().hosts.named("02" if host_name == "02" else "48")
    jobs = posixpath.join(host.base_dir, "jobs")
    begins = generate_job_id(DAG_ID, task_id, run_id, try_number, suffix_length=0)
    with SSHHook(ssh_conn_id=host.ssh_conn_id).get_conn() as client:
        files = HostFiles(client, host_name, host.python, host.base_dir)
        found = files.run(f"ls -1d -- {shlex.quote(posixpath.join(jobs, begins))}*")[1].decode().splitlines()
        for folder in found:
            files.run(end_command(folder), timeout_seconds=60)
            _keep(files.tail(posixpath.join(folder, "stdout.log")), run_name, log_name(task_id, try_number))
            files.run(build_posix_cleanup_command(folder, base_dir=jobs))
    return len(found)


def log_name(task_id: str, try_number: int) -> str:
    """Where a run's folder in the store has the end of the log of a job that was ended by hand."""
    return f"logs/{task_id}.{try_number}.log"


def _keep(log: str, run_name: str, artifact: str) -> None:
    from regtune.orchestration.settings import current_config
    from regtune.orchestration.store import Store

    if run_name == NO_RUN or not log:
        return
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        path = Path(temporary) / "log"
        path.write_text(log, encoding="utf-8")
        Store(current_config().publish.store).put(run_name, artifact, path)
