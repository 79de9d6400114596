"""A detached server process that belongs to a run folder: started, found again, ended with all its children.

In: a command and a run folder. Out: serve.pid (JSON) and serve.log there. A process counts as ours only when its pid,
its start time and the boot of the machine are those that were noted, so that a pid used again is never killed. Linux.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from regtune.artifacts import write_text

_log = logging.getLogger(__name__)
PID_FILE = "serve.pid"
LOG_FILE = "serve.log"
_GRACE_SECONDS = 20.0
_LOG_BYTES = 20_000
_BEGINNING = b"== regtune starts the model server\n"
"""Before each server's output in serve.log, so that what an earlier one said is not taken for this one's."""


@dataclass(frozen=True)
class ServerProcess:
    """What serve.pid notes. The process leads a group of its own, so its id is the group's too."""

    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat."""
    boot_id: str


def start(command: Sequence[str], run_dir: Path, environment: Mapping[str, str]) -> ServerProcess:
    """Start a command detached from this process; its output goes to serve.log.

    Raises:
        OSError: the command cannot be started.
    """
    with (run_dir / LOG_FILE).open("ab") as log:
        log.write(_BEGINNING)
        log.flush()
        process = subprocess.Popen(  # noqa: S603 - the command is built from configuration, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=run_dir,
            env=dict(environment),
            start_new_session=True,
        )
    process.returncode = 0  # it outlives this process on purpose; Popen must not warn when it is forgotten
    noted = ServerProcess(process.pid, _start_ticks(process.pid) or 0, _boot_id())
    write_text(run_dir / PID_FILE, json.dumps(asdict(noted)) + "\n")
    return noted


def find(run_dir: Path) -> ServerProcess | None:
    """Return the process that was started for this run folder, None when there is none.

    Where serve.pid is missing, empty or damaged, it is the leader of a session that writes into the folder's serve.log.
    """
    try:
        return ServerProcess(**json.loads((run_dir / PID_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return _writer_of(run_dir / LOG_FILE)


def _writer_of(log: Path) -> ServerProcess | None:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            if not entry.name.isdigit() or not (entry / "fd" / "1").samefile(log):
                continue
            fields = _stat(int(entry.name))
            if fields is not None and fields[0] != "Z" and fields[3] == entry.name:
                return ServerProcess(int(entry.name), int(fields[19]), _boot_id())
    return None


def is_alive(server: ServerProcess) -> bool:
    """Whether the leader itself runs."""
    return server.boot_id == _boot_id() and _start_ticks(server.pid) == server.start_ticks


def end(server: ServerProcess, grace_seconds: float = _GRACE_SECONDS) -> bool:
    """End the whole group: SIGTERM, after the grace SIGKILL; False when nothing of it was running."""
    if not _members(server):
        return False
    for number, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, _GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            _reap(server.pid)
            if not _members(server):
                return True
            time.sleep(0.1)
    _log.warning("process group %d did not end within %.0f s", server.pid, grace_seconds + _GRACE_SECONDS)
    return True


def last_log_lines(run_dir: Path) -> str:
    """Return the end of what the last server wrote into serve.log on one line, for an error message."""
    try:
        with (run_dir / LOG_FILE).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
            text = file.read().rpartition(_BEGINNING)[2].decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return " | ".join(line.strip() for line in text.splitlines() if line.strip())


def _members(server: ServerProcess) -> list[int]:
    """Ids of the group's processes that run; none when the group's id belongs to somebody else by now."""
    if server.boot_id != _boot_id():
        return []
    leader = _start_ticks(server.pid)
    if leader is not None and leader != server.start_ticks:
        return []
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None and fields[0] != "Z" and int(fields[2]) == server.pid:
                found.append(int(entry.name))
    return found


def _reap(pid: int) -> None:
    """Take the exit status where the process is a child of this one, so that it does not stay a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _start_ticks(pid: int) -> int | None:
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else int(fields[19])


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on; the name before it may hold spaces and brackets."""
    try:
        return (
            (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except (FileNotFoundError, ProcessLookupError):
        return None


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
