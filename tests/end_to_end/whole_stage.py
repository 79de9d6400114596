"""What the end-to-end tests play on: the demo's services, its settings, the store, and hosts under a test's thumb."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ssh_hosts import HOST_PYTHON, REPOSITORY

from regtune.orchestration.store import Store

DEMO = REPOSITORY / "include" / "demo"
sys.path.insert(0, str(DEMO))

from airflow_api import ApiError  # noqa: E402 - include/demo is no package
from services import Services  # noqa: E402 - include/demo is no package
from settings import Places, write_settings  # noqa: E402 - the same

__all__ = ["DEMO", "ApiError", "Places", "Services", "Stage", "wait_until", "write_interpreter", "write_settings"]


_INTERPRETER = """#!/bin/bash
# What the hosts run as their Python: $2 is the stage. It waits while hold-$2 is there; full-$2 fills its disk.
if [ -e {folder}/hold-"$2" ]; then echo "held"; while [ -e {folder}/hold-"$2" ]; do sleep 0.1; done; fi
if [ -e {folder}/full-"$2" ]; then ulimit -f 8; fi
exec {python} "$@"
"""


def write_interpreter(folder: Path) -> Path:
    """Write the interpreter that a test can hold; returns its path."""
    folder.mkdir(parents=True)
    path = folder / "python"
    path.write_text(_INTERPRETER.format(folder=folder, python=HOST_PYTHON))
    path.chmod(0o755)
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


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Ask twice a second; fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.5)
