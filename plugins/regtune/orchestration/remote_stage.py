"""One stage of the DAG on a host: files there, one detached command, wait without a worker, files back.

In: a run in the store. Out: the stage's outputs and manifest in the store. The command is
`<python> <base>/code/regtune-<sha12>.pyz <stage> <base>/runs/<run name> [--env-file FILE]`, each word quoted.

The job is the one of the provider's SSHRemoteJobOperator: its wrapper, its folder, its trigger. Otherwise than there
(apache/airflow 67287, 71580, 72716): a try finds the job of the try before and waits for it in place of starting
another; failing or clearing the task ends the job on the host; a dead job is noticed; a job that overruns is ended.
The SSH clients are imported by the task that connects: the DAG file is parsed often, and most tasks need one or none.
"""

import logging
import posixpath
import shlex
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.providers.ssh.utils.remote_job import (
    RemoteJobPaths,
    build_posix_cleanup_command,
    generate_job_id,
)
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from regtune.config import HostConfig, OrchestrationConfig
from regtune.orchestration.failures import last_words_of, one_line, raise_for_exit_code
from regtune.orchestration.remote_job import JobReader, end_command, start_command
from regtune.orchestration.stage_files import bundle_path, fetch_outputs, run_folder, send_inputs
from regtune.orchestration.store import Store
from regtune.orchestration.transfer import HostFiles
from regtune.orchestration.turn import keep_turn
from regtune.stage_table import STAGES, TRAINING

if TYPE_CHECKING:
    from airflow.sdk import Context

_JOB = "job"
_STOP = "stop"
"""Frees the GPU, and waits for nobody."""
_COMMAND_SECONDS = 30
_CONNECT_ATTEMPTS = 5
Job = Mapping[str, Any]
"""job_id, job_dir and deadline (seconds since the epoch); kept in the task's state store while the job runs."""


class RemoteStageOperator(BaseOperator):
    """Runs the stage named like the task."""

    template_fields = ("run_name",)
    ui_color = "#e8f1fa"

    def __init__(
        self,
        *,
        host: HostConfig,
        settings: OrchestrationConfig,
        store_url: str,
        keep_adapter: bool,
        run_name: str,
        **kwargs: Any,  # noqa: ANN401 - the arguments of BaseOperator
    ) -> None:
        """Take where the host is and how it is watched; what the stage does stands in the run's run.json."""
        super().__init__(pool=host.pool, **kwargs)
        self.host, self.settings = host, settings
        self.store_url, self.keep_adapter, self.run_name = store_url, keep_adapter, run_name
        self._job: Job | None = None

    def execute(self, context: "Context") -> None:
        """Start the stage's job, or find the one that an earlier try started; then wait in the triggerer."""
        with one_line():
            if self._left_out():
                raise AirflowSkipException(f"{self.task_id}: this run skips training (params.skip_training).")
            with self._connection() as client:
                files = self._files(client)
                self._job = self._running_job(files, context)
                if self._job is None and self.task_id != _STOP:
                    keep_turn(context["ti"], context["dag_run"], self.settings.turn_seconds)
                self._job = self._job or self._start(files, context)
                reader = JobReader(self._job["job_dir"])
                exit_code = self._quick_end(files, reader)
                if exit_code is not None:
                    self._finish(files, self._job, exit_code, context)
                    return
        self.defer(trigger=self._trigger(self._job, reader.offset), method_name="execute_complete")

    def execute_complete(self, context: "Context", event: dict[str, Any]) -> None:
        """Take over from the triggerer when the job is over."""
        job: Job | None = context["task_state_store"].get(_JOB)  # type: ignore[assignment]
        if not event["over"] or job is None:
            raise AirflowException(f"{self.task_id}: {event['message']}.")  # the next try goes on with the job
        with one_line(), self._connection() as client:
            self._finish(self._files(client), job, event["exit_code"], context, event["message"])

    def on_kill(self) -> None:
        """The worker is told to stop while it submits: end the job too."""
        if self._job is not None:
            with self._connection() as client:
                self._files(client).run(end_command(self._job["job_dir"]), timeout_seconds=30)

    def command_line(self, code_sha256: str) -> str:
        """Return the one command, every word quoted.

        Raises:
            ConfigurationError: the run's name is none that open_run gives.
        """
        words = [self.host.python, bundle_path(self.host.base_dir, code_sha256), self.task_id]
        words.append(run_folder(self.host.base_dir, self.run_name))
        return shlex.join([*words, *(["--env-file", self.host.env_file] if self.host.env_file else [])])

    @property
    def _jobs(self) -> str:
        return posixpath.join(self.host.base_dir, "jobs")

    def _connection(self) -> Any:  # noqa: ANN401 - paramiko has no types
        from airflow.providers.ssh.hooks.ssh import SSHHook

        logging.getLogger("paramiko").setLevel(logging.WARNING)  # it tells of every channel
        return SSHHook(ssh_conn_id=self.host.ssh_conn_id, conn_retry_attempts=_CONNECT_ATTEMPTS).get_conn()

    @property
    def _store(self) -> Store:
        return Store(self.store_url)

    def _left_out(self) -> bool:
        return self.task_id in TRAINING and self._store.spec(self.run_name).skip_training

    def _files(self, client: Any) -> HostFiles:  # noqa: ANN401 - paramiko has no types
        return HostFiles(client, STAGES[self.task_id].host, self.host.python, self.host.base_dir)

    def _running_job(self, files: HostFiles, context: "Context") -> Job | None:
        job: Job | None = context["task_state_store"].get(_JOB)  # type: ignore[assignment]
        if job is None:
            return None
        reader = JobReader(job["job_dir"])
        for _ in range(2):  # one miss does not make it gone
            look = reader.take(files.run(reader.command(), timeout_seconds=60)[1])
            for line in look.lines:
                self.log.info("%s", line)
        if look.gone or look.exit_code not in (0, None):
            return None
        self.log.info("going on with the job of an earlier try: %s", job["job_dir"])
        return job

    def _start(self, files: HostFiles, context: "Context") -> Job:
        send_inputs(files, self._store, self.run_name, self.task_id, self.host.base_dir)
        command = self.command_line(self._store.spec(self.run_name).code_sha256)
        ti = context["ti"]
        job_id = generate_job_id(ti.dag_id, ti.task_id, str(ti.run_id), ti.try_number)
        paths = RemoteJobPaths(job_id, "posix", self._jobs)
        deadline = time.time() + self.settings.stage_timeout_seconds
        job: dict[str, Any] = {"job_id": job_id, "job_dir": paths.job_dir, "deadline": deadline}
        self._job = job
        context["task_state_store"].set(_JOB, job)  # before it starts: a worker that dies here loses no job
        self.log.info("host %s: %s", STAGES[self.task_id].host, command)
        status, _, err = files.run(start_command(command, paths))
        if status != 0:
            raise AirflowException(f"{self.task_id}: could not be started: {err.strip() or status}")
        return job

    def _quick_end(self, files: HostFiles, reader: JobReader) -> int | None:
        """Wait a moment in the worker: a stage of seconds is not worth a deferral. Returns its exit code."""
        end = time.monotonic() + self.settings.quick_seconds
        while (left := end - time.monotonic()) > 0:
            wait = min(self.settings.poll_seconds, left)
            look = reader.take(files.run(reader.command(wait), timeout_seconds=_COMMAND_SECONDS + wait)[1])
            for line in look.lines:
                self.log.info("%s", line)
            if look.exit_code is not None and not look.more:
                return look.exit_code
        return None

    def _finish(self, files: HostFiles, job: Job, exit_code: int | None, context: "Context", message: str = "") -> None:
        """Bring the outputs, tell what came of it, and clear up; a job that failed is told in one line."""
        words = last_words_of("")
        if exit_code != 0:
            words = last_words_of(files.tail(posixpath.join(job["job_dir"], "stdout.log")))
        else:
            place = (files, self._store, self.run_name, self.task_id, self.host.base_dir)
            manifest = fetch_outputs(*place, keep_adapter=self.keep_adapter)
            counts = ", ".join(f"{name}={value}" for name, value in manifest.counts.items())
            self.log.info("%s: run %s: %s (%.1f s)", self.task_id, self.run_name, counts or "done", manifest.seconds)
            self.log.info("results: %s", self._store.location(self.run_name))
            for asset in self.outlets:
                context["outlet_events"][asset].extra = {"run_name": self.run_name, **manifest.counts}
        files.run(build_posix_cleanup_command(job["job_dir"], base_dir=self._jobs))
        context["task_state_store"].delete(_JOB)  # clearing a task keeps its state; a new run has to start anew
        if exit_code is None:
            raise AirflowException(f"{self.task_id}: {message}; last line: {words.line}")
        raise_for_exit_code(self.task_id, exit_code, words)

    def _trigger(self, job: Job, offset: int) -> Any:  # noqa: ANN401 - the provider has no types
        from regtune.orchestration.remote_trigger import RemoteStageTrigger

        return RemoteStageTrigger(
            ssh_conn_id=self.host.ssh_conn_id,
            remote_host=None,
            job_id=job["job_id"],
            job_dir=job["job_dir"],
            log_file=posixpath.join(job["job_dir"], "stdout.log"),
            exit_code_file=posixpath.join(job["job_dir"], "exit_code"),
            remote_os="posix",
            poll_interval=self.settings.poll_seconds,
            log_offset=offset,
            command_timeout=_COMMAND_SECONDS,
            max_reconnect_attempts=self.settings.max_reconnect_attempts,
            deadline=job["deadline"],
            not_before=time.time() + self.settings.first_event_seconds,
        )
