"""Ending child processes with all that they started, by process id and never by name. Linux only (/proc)."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

_PATIENCE_SECONDS = 20.0
Process = tuple[int, int]
"""(process id, start time in clock ticks): an id that was given to somebody else since does not match."""


def record(path: Path, pids: Iterable[int]) -> None:
    """Write down which processes run, for `end_recorded` after a crash."""
    path.write_text(json.dumps([process for pid in pids if (process := _identify(pid))]))


def recorded(path: Path) -> list[int]:
    """Ids of the processes that were written down and still run, the same ones."""
    if not path.is_file():
        return []
    return [pid for pid, started in json.loads(path.read_text()) if _identify(pid) == (pid, started)]


def end_recorded(path: Path, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """End the processes that were written down, if they are still the same ones."""
    end_processes(recorded(path), patience_seconds)
    path.unlink(missing_ok=True)


def end_processes(pids: Sequence[int], patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """SIGTERM, some patience, then SIGKILL for what is left of them, their descendants and their sessions."""
    family = {process for pid in pids for process in _family(pid)}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + patience_seconds
    while _alive(family) and time.monotonic() < end:
        for pid in pids:
            family |= _family(pid)  # what it starts while it ends
        time.sleep(0.2)
    for end_with in (signal.SIGSTOP, signal.SIGKILL):  # all stand still first: none sees another go and writes of it
        for pid, _ in _alive(family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, end_with)


def _alive(family: Iterable[Process]) -> list[Process]:
    return [process for process in family if _identify(process[0]) == process]


def _family(pid: int) -> set[Process]:
    """The process, its descendants, and whoever is in its session."""
    table = {int(entry.name): stat for entry in Path("/proc").glob("[0-9]*") if (stat := _stat(int(entry.name)))}
    found = {pid} & table.keys()
    while more := {p for p, (_, parent, session, _) in table.items() if parent in found or session == pid} - found:
        found |= more
    return {(p, table[p][3]) for p in found}


def _identify(pid: int) -> Process | None:
    stat = _stat(pid)
    return None if stat is None or stat[0] in "ZX" else (pid, stat[3])


def _stat(pid: int) -> tuple[str, int, int, int] | None:
    """State, parent, session and start time of a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[3]), int(fields[19])
