"""Waits in the triggerer for a remote job: hands its log through, notices its death, ends it when it has to end.

In: the job's folder, a deadline, and the time before which no event may fire. Out: one event,
{"exit_code": n | None, "over": bool, "message": str}; `over` is False when the host could not be reached any more and
the job may still run.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncssh
from airflow.providers.ssh.triggers.ssh_remote_job import SSHRemoteJobTrigger
from airflow.triggers.base import TriggerEvent

from regtune.orchestration.remote_job import JobReader, Look, end_command

_TRANSIENT = (OSError, TimeoutError, asyncssh.Error)
_FINAL = (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable)


class RemoteStageTrigger(SSHRemoteJobTrigger):
    """The provider's trigger with a liveness check, a deadline that ends the job, and a log that is not doubled."""

    def __init__(self, *, deadline: float, not_before: float, **kwargs: Any) -> None:  # noqa: ANN401 - the provider's
        """Times are in seconds since the epoch; the rest is the provider's."""
        super().__init__(**kwargs)
        self.deadline, self.not_before = deadline, not_before

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Name this class in place of the provider's."""
        _, arguments = super().serialize()
        times = {"deadline": self.deadline, "not_before": self.not_before}
        return f"{type(self).__module__}.{type(self).__qualname__}", {**arguments, **times}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look at the job every `poll_interval` seconds and when it ends; one event, never before `not_before`.

        An event that comes sooner can overtake the task's own deferral in a slow scheduler, which then fails the task
        ('finished with state success, but the task instance's state attribute is queued').
        """
        logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of every channel
        reader = JobReader(self.job_dir, self.log_offset)
        connection: asyncssh.SSHClientConnection | None = None
        failures, event = 0, None
        try:
            while event is None:
                await asyncio.sleep(self._reconnect_delay(failures) if failures else 0)
                try:
                    connection = connection or await self._connect()
                    event = await self._step(connection, reader)
                    failures = 0
                except _FINAL as error:
                    event = _event(None, f"the host refuses the connection: {error}", over=False)
                except _TRANSIENT as error:
                    failures += 1
                    self.log.warning("no answer from the host (%d): %s", failures, error or type(error).__name__)
                    await self._drop(connection)
                    connection = None
                    if failures > self.max_reconnect_attempts:
                        event = _event(None, f"the host did not answer {failures} times: {error}", over=False)
        finally:
            await self._drop(connection)
        await asyncio.sleep(max(0.0, self.not_before - time.time()))
        yield event

    async def on_kill(self) -> None:
        """Somebody failed or cleared the task: end the job on the host."""
        connection = await self._connect()
        try:
            await connection.run(end_command(self.job_dir), timeout=self.command_timeout)
            self.log.info("ended the job on the host")
        finally:
            await self._close(connection)

    async def _step(self, connection: asyncssh.SSHClientConnection, reader: JobReader) -> TriggerEvent | None:
        look = await self._look(connection, reader, self.poll_interval)
        while look.more:
            look = await self._look(connection, reader)
        if look.exit_code is not None or look.gone:
            await self._look(connection, reader)  # leaves on the host how far the log was read
            words = f"exit code {look.exit_code}"
            gone = "the job is gone without an exit code: killed, out of memory, or the host was rebooted"
            return _event(look.exit_code, gone if look.exit_code is None else words, over=True)
        if time.time() > self.deadline:
            await connection.run(end_command(self.job_dir), timeout=self.command_timeout)
            message = (
                "ran longer than orchestration.stage_timeout_seconds and was ended; raise it if that was too short"
            )
            return _event(None, message, over=True)
        return None

    async def _look(
        self, connection: asyncssh.SSHClientConnection, reader: JobReader, wait_seconds: float = 0.0
    ) -> Look:
        patience = self.command_timeout + wait_seconds
        reply = await connection.run(reader.command(wait_seconds), encoding=None, timeout=patience)
        if reply.exit_status != 0:  # asyncssh returns what it has when the line breaks off in the middle
            raise ConnectionResetError("the connection broke off in the middle of a reply")
        look = reader.take(bytes(reply.stdout or b""))
        for line in look.lines:
            self.log.info("%s", line)
        return look

    async def _drop(self, connection: asyncssh.SSHClientConnection | None) -> None:
        if connection is not None:
            await self._close(connection)


def _event(exit_code: int | None, message: str, *, over: bool) -> TriggerEvent:
    event = {"exit_code": exit_code, "message": message, "over": over}
    return TriggerEvent(event)  # type: ignore[no-untyped-call]
