"""A detached job on a host: the shell texts that look at it and end it, and how its log is read. Hosts are Linux.

In: the job's folder (stdout.log, exit_code and pid, as the SSH provider's wrapper leaves them). Out: command lines, and
what their replies mean. Whether a job lives is read from /proc: its process names the job's folder on its command
line, so that neither a zombie nor a process that got the same id after a reboot is taken for it.
"""

import shlex
from dataclasses import dataclass

from airflow.providers.ssh.utils.remote_job import RemoteJobPaths, build_posix_wrapper_command

CHUNK_BYTES = 65536
_NO_PID = "the job could not write its pid; free space on the disk of hosts.*.base_dir, see regtune doctor"
_LOOKS_BEFORE_GONE = 2
_WAIT_SECONDS = 0.2
_ALIVE = 'p=$(cat pid 2>/dev/null) && [ -n "$p" ] && grep -qF -- "$PWD" "/proc/$p/cmdline" 2>/dev/null'
_LOOK = f"""
cd {{folder}} 2>/dev/null || {{{{ echo "gone 0"; exit 0; }}}}
for ((waits = {{waits}}; waits > 0; waits--)); do
  [ -s exit_code ] && break
  sleep {_WAIT_SECONDS}
done
start=$(cat log_offset 2>/dev/null)
if [ "${{{{start:-0}}}}" -le {{offset}} ]; then
  start={{offset}}
  {{{{ echo "$start" > log_offset.part && mv log_offset.part log_offset; }}}} 2>/dev/null
fi
if [ -s exit_code ]; then state=$(cat exit_code)
elif {_ALIVE}; then state=alive
else state=gone; fi
echo "$state $start"
tail -c +$((start + 1)) stdout.log 2>/dev/null | head -c {CHUNK_BYTES}
"""
_END = f"""
cd {{folder}} 2>/dev/null || exit 0
if {_ALIVE}; then
  kill -TERM -- "-$p" 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 -- "-$p" 2>/dev/null || break
    sleep 0.5
  done
  kill -KILL -- "-$p" 2>/dev/null
fi
exit 0
"""


@dataclass(frozen=True)
class Look:
    """What one look at a job showed."""

    exit_code: int | None
    gone: bool
    """It neither lives nor has left an exit code: killed, out of memory, or the host was rebooted."""
    lines: tuple[str, ...]
    """Of its log, since the look before."""
    more: bool
    """There is more of the log already."""


class JobReader:
    """How far a job's log has been read; the host keeps that too, for a reader that comes after this one."""

    def __init__(self, folder: str, offset: int = 0) -> None:
        """Start at `offset`, or where an earlier reader has got beyond it."""
        self.offset = offset
        self._folder = folder
        self._misses = 0

    def command(self, wait_seconds: float = 0.0) -> str:
        """One round trip: the state, and the log from where this reader is.

        The host answers after `wait_seconds`, or when the job ends: nobody waits for the next look to hear of it.
        """
        waits = round(wait_seconds / _WAIT_SECONDS)
        return _bash(_LOOK.format(folder=shlex.quote(self._folder), offset=self.offset, waits=waits))

    def take(self, reply: bytes) -> Look:
        """Read the reply of `command`.

        Raises:
            ValueError: it is none.
        """
        head, _, log = reply.partition(b"\n")
        state, offset = head.decode("ascii", "replace").split()
        self._misses = self._misses + 1 if state == "gone" else 0
        # An unfinished line waits for its end, for it may stop within a character; an endless one does not.
        unfinished = state == "alive" and (b"\n" in log or len(log) < CHUNK_BYTES)
        whole = log[: log.rfind(b"\n") + 1] if unfinished else log
        self.offset = int(offset) + len(whole)
        return Look(
            exit_code=int(state) if state.isdigit() else None,
            gone=self._misses >= _LOOKS_BEFORE_GONE,  # a job that is just starting has no pid yet
            lines=tuple(line.decode("utf-8", "replace") for line in whole.splitlines()),
            more=len(log) == CHUNK_BYTES,
        )


def start_command(command: str, paths: RemoteJobPaths) -> str:
    """The SSH provider's wrapper, for a job that runs only once its pid is written: nobody could end it without.

    Fails, and leaves no folder, where the pid does not appear within 5 s: a full disk takes a file but nothing in it.
    """
    pid, folder = shlex.quote(paths.pid_file), shlex.quote(paths.job_dir)
    guarded = f"if [ -s {pid} ]; then {command}; else false; fi"
    return f"""{build_posix_wrapper_command(guarded, paths, {"PYTHONUTF8": "1"})}
for ((looks = 0; looks < 100; looks++)); do
  [ -s {pid} ] && exit 0
  sleep 0.05
done
rm -rf -- {folder}
echo "{_NO_PID}" >&2
exit 1
"""


def end_command(folder: str) -> str:
    """SIGTERM for the job's process group, SIGKILL for what is left of it after 10 s; nothing if it has ended."""
    return _bash(_END.format(folder=shlex.quote(folder)))


def _bash(script: str) -> str:
    """Whatever the account's shell is."""
    return shlex.join(["/bin/bash", "-c", script])
