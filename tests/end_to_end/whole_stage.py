"""What the end-to-end tests play on: the demo's services, its settings, the store, and hosts under a test's thumb."""

import inspect
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ssh_hosts import HOST_PYTHON, REPOSITORY

from regtune.orchestration.store import Store

DEMO = REPOSITORY / "include" / "demo"
sys.path.insert(0, str(DEMO))

from services import Services  # noqa: E402 - include/demo is no package
from settings import Places, write_settings  # noqa: E402 - the same

__all__ = [
    "DEMO",
    "Places",
    "Services",
    "Stage",
    "create_backfill",
    "wait_until",
    "write_interpreter",
    "write_settings",
]


_INTERPRETER = """#!/bin/bash
# What the hosts run as their Python: $2 is the stage, $3 the run folder. It waits while hold-$2 is there; with full-$2
# the run folder lies on a file system of its own with room for what is in it and nothing more.
if [ -e {folder}/hold-"$2" ]; then echo "held"; while [ -e {folder}/hold-"$2" ]; do sleep 0.1; done; fi
if [ -e {folder}/full-"$2" ]; then exec {small_disk} {folder}/disk "$3" {python} "$@"; fi
exec {python} "$@"
"""
_SMALL_DISK = """#!/bin/bash
# small_disk DISK FOLDER COMMAND...: runs the command with FOLDER on a full disk, which nobody else sees; where the
# kernel lets nobody mount one, a limit on the size of files stands in.
disk=$1 place=$2
shift 2
if [ -z "$SMALL_DISK" ]; then
  mkdir -p "$disk"
  if unshare -rm mount -t tmpfs none "$disk" 2>/dev/null; then
    SMALL_DISK=yes exec unshare -rm "$0" "$disk" "$place" "$@"
  fi
  echo "no file system can be mounted here: a limit stands in"
  ulimit -f 8
  exec "$@"
fi
size=$(du -sk --apparent-size "$place" | cut -f1)
mount -t tmpfs -o size=$((size + 64))k none "$disk" || exit 4
cp -a "$place/." "$disk" && head -c 1G /dev/zero >"$disk/room" 2>/dev/null
mount --bind "$disk" "$place" || exit 4
exec "$@"
"""


def write_interpreter(folder: Path) -> Path:
    """Write the interpreter that a test can hold; returns its path."""
    folder.mkdir(parents=True)
    path = folder / "python"
    small_disk = folder / "small_disk"
    small_disk.write_text(_SMALL_DISK)
    path.write_text(_INTERPRETER.format(folder=folder, small_disk=small_disk, python=HOST_PYTHON))
    for script in (path, small_disk):
        script.chmod(0o755)
    return path


@dataclass(frozen=True)
class Stage:
    """The whole stage on which a test plays."""

    services: Services
    store: Store
    config_path: Path
    register_path: Path
    thumb: Path
    """Folder of the interpreter: `hold-<stage>` holds a stage before its first line, `full-<stage>` fills its disk."""

    def processes(self) -> list[str]:
        """Command lines of stages that run on a host of this test."""
        return [command for command in self.commands() if ".pyz" in command and str(self.services.state_dir) in command]

    def commands(self) -> list[str]:
        """Command lines of everything that runs on this machine."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found

    def wait_for(self, run_id: str, task_id: str, states: set[str], seconds: float = 300) -> None:
        """Wait until a task is in one of `states`."""
        wait_until(lambda: self.services.api.task_states(run_id).get(task_id) in states, seconds)

    def story(self, run_id: str) -> str:
        """States, and the logs of what failed."""
        api = self.services.api
        failed = [task for task in api.tasks(run_id) if task["state"] == "failed"]
        logs = [api.log(run_id, task["task_id"], task["try_number"])[-3000:] for task in failed]
        return "\n".join([str(api.task_states(run_id)), *logs])


def create_backfill(services: Services, request: Mapping[str, object]) -> int:
    """Start a backfill of the DAG regtune over REST; gives its id."""
    return int(services.api.request("POST", "/backfills", {"dag_id": "regtune", **request})["id"])


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Ask twice a second; fails, with the condition's own words, when it does not come true in time.

    An Airflow that does not answer has not said no.
    """
    end, trouble = time.monotonic() + seconds, ""
    while True:
        try:
            if condition():
                return
        except OSError as error:
            trouble = f"; the last answer: {error}"
        assert time.monotonic() < end, f"not in {seconds:g} s: {inspect.getsource(condition).strip()}{trouble}"
        time.sleep(0.5)
