"""A detached server process that belongs to a run folder: started, found again, ended with all that it started.

In: a command and a run folder. Out: serve.pid (JSON) and serve.log there, and a lock for the port, which the server
holds as long as it lives. What belongs to the server is known by the folder's name in its environment, which it has
from its first moment and hands on to whatever it starts, in sessions of their own too; by its process group; and by the
log that it writes. A noted pid counts only when its start time and the boot of the machine are those that were noted,
so that a pid used again is never killed. Linux.
"""

import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from regtune.artifacts import write_text

_log = logging.getLogger(__name__)
PID_FILE = "serve.pid"
LOG_FILE = "serve.log"
_MARK = "REGTUNE_SERVER_OF"
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


class PortHeldError(Exception):
    """The server of another run folder, which the message names, has the port, or is about to."""


def claim(port: int, run_dir: Path) -> TextIO:
    """Lock a port for the server of a run folder; the lock is released when whoever has the file open has ended.

    Raises:
        PortHeldError: another server holds it.
    """
    lock = (Path(tempfile.gettempdir()) / f"regtune-serve-{os.getuid()}-{port}.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with lock:
            lock.seek(0)
            raise PortHeldError(lock.read().strip()) from None
    lock.truncate(0)
    lock.write(f"{run_dir.resolve()}\n")
    lock.flush()
    return lock


def start(command: Sequence[str], run_dir: Path, environment: Mapping[str, str], lock: TextIO) -> ServerProcess:
    """Start a command detached from this process; its output goes to serve.log, and it keeps the lock.

    Raises:
        OSError: the command cannot be started.
    """
    with lock, (run_dir / LOG_FILE).open("ab") as log:
        log.write(_BEGINNING)
        log.flush()
        process = subprocess.Popen(  # noqa: S603 - the command is built from configuration, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=run_dir,
            # SPT_NOENV: vLLM's processes name themselves, and must not write over their environment in doing so.
            env={**environment, _MARK: str(run_dir.resolve()), "SPT_NOENV": "1"},
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
    process.returncode = 0  # it outlives this process on purpose; Popen must not warn when it is forgotten
    noted = ServerProcess(process.pid, _start_ticks(process.pid) or 0, _boot_id())
    write_text(run_dir / PID_FILE, json.dumps(asdict(noted)) + "\n")
    return noted


def find(run_dir: Path) -> ServerProcess | None:
    """Return the process that was started for this run folder, None when there is none.

    Where serve.pid is missing, empty or damaged, it is the leader of a session that belongs to the folder.
    """
    noted = _noted(run_dir)
    if noted is not None:
        return noted
    for pid in _members(run_dir):
        fields = _stat(pid)
        if fields is not None and fields[3] == str(pid):
            return ServerProcess(pid, int(fields[19]), _boot_id())
    return None


def is_alive(server: ServerProcess) -> bool:
    """Whether the leader itself runs."""
    return server.boot_id == _boot_id() and _start_ticks(server.pid) == server.start_ticks


def end(run_dir: Path, grace_seconds: float = _GRACE_SECONDS) -> bool:
    """End whatever belongs to the server of a run folder: SIGTERM, after the grace SIGKILL; False: nothing ran."""
    if not _members(run_dir):
        return False
    for number, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, _GRACE_SECONDS)):
        for pid in _members(run_dir):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            left = _members(run_dir)
            if not left:
                return True
            if number == signal.SIGKILL:  # what was started meanwhile
                for pid in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
            time.sleep(0.1)
    _log.warning("%s: processes %s did not end within %.0f s", run_dir, left, grace_seconds + _GRACE_SECONDS)
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


def _noted(run_dir: Path) -> ServerProcess | None:
    try:
        return ServerProcess(**json.loads((run_dir / PID_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _members(run_dir: Path) -> list[int]:
    """Ids of the processes that run and belong to the folder's server."""
    noted = _noted(run_dir)
    if noted is not None and (noted.boot_id != _boot_id() or _start_ticks(noted.pid) not in (None, noted.start_ticks)):
        noted = None  # the id of its group belongs to somebody else by now
    mark = f"{_MARK}={run_dir.resolve()}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        pid = int(entry.name) if entry.name.isdigit() else os.getpid()
        _reap(pid)
        fields = _stat(pid) if pid != os.getpid() else None
        if fields is None or fields[0] == "Z":
            continue
        of_leader = noted is not None and noted.pid in (int(fields[2]), int(fields[3]))
        if of_leader or _is_marked(entry, mark) or _writes(entry, run_dir / LOG_FILE):
            found.append(pid)
    return found


def _is_marked(entry: Path, mark: bytes) -> bool:
    with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
        return mark in (entry / "environ").read_bytes().split(b"\0")
    return False


def _writes(entry: Path, log: Path) -> bool:
    with contextlib.suppress(OSError):
        return any((entry / "fd" / number).samefile(log) for number in ("1", "2"))
    return False


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
