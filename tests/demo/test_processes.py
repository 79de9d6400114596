"""What the demo starts it can end, whole, and nothing else."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "include" / "demo"))

from processes import end_processes, end_recorded, record, recorded

FAMILY = """
trap '' TERM
bash -c 'trap "" TERM; echo $$ > "$0/child"; while :; do sleep 0.2; done' "$1" &
setsid bash -c 'echo $$ > "$0/apart"; while :; do sleep 0.2; done' "$1" &
wait
"""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def appeared(path: Path) -> int:
    """Read a process id from a file once it is there."""
    end = time.monotonic() + 20
    while not (path.is_file() and path.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(path.read_text())


def test_a_stubborn_family_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that ignore SIGTERM and children with a session of their own are gone too."""
    monkeypatch.setattr("processes._PATIENCE_SECONDS", 1.0)
    parent = subprocess.Popen(["bash", "-c", FAMILY, "family", tmp_path], start_new_session=True)
    pids = [parent.pid, appeared(tmp_path / "child"), appeared(tmp_path / "apart")]
    end_processes([parent.pid])
    parent.wait(10)
    time.sleep(0.5)
    assert not any(alive(pid) for pid in pids)


def test_a_crash_leaves_nobody_to_tell_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly they are killed, none sees another end and writes of it: a power cut leaves no exit code."""
    kill = os.kill
    monkeypatch.setattr("processes.os.kill", lambda *arguments: (kill(*arguments), time.sleep(0.02)))
    watchers = "for i in $(seq 12); do (sleep 60; echo ended > $0/$i) & done; echo $$ > $0/started; wait"
    parent = subprocess.Popen(["bash", "-c", watchers, tmp_path], start_new_session=True)
    appeared(tmp_path / "started")
    time.sleep(0.5)
    end_processes([parent.pid], patience_seconds=0.0)
    parent.wait(10)
    assert [path.name for path in tmp_path.iterdir()] == ["started"]


def test_what_a_crash_left_running_is_found_by_its_record(tmp_path: Path) -> None:
    """A process that was written down is known later, and ended."""
    process = subprocess.Popen(["sleep", "60"])
    record(tmp_path / "processes.json", [process.pid])
    assert recorded(tmp_path / "processes.json") == [process.pid]
    end_recorded(tmp_path / "processes.json")
    assert process.wait(10) != 0
    assert recorded(tmp_path / "processes.json") == []


def test_a_process_that_got_the_same_id_is_left_alone(tmp_path: Path) -> None:
    """An id whose process started at another time is somebody else's."""
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / "processes.json").write_text(json.dumps([[process.pid, 1]]))
    end_recorded(tmp_path / "processes.json")
    assert process.poll() is None
    process.kill()
    process.wait(10)
