"""The GPUs of a host: driver, memory, and which processes of whom hold it.

In: what nvidia-smi says. Out: records; no CUDA library is loaded.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_SECONDS = 20
_GPUS = "index,name,driver_version,memory.total,memory.free"
_PROCESSES = "pid,used_memory,process_name"


@dataclass(frozen=True)
class Gpu:
    """One GPU."""

    index: int
    name: str
    driver: str
    total_gib: float
    free_gib: float


@dataclass(frozen=True)
class GpuProcess:
    """A process that holds GPU memory."""

    pid: int
    owner: str
    """Login name; the number of the user when it has none here, `?` when the process is another container's."""
    name: str
    used_gib: float


def read_gpus() -> list[Gpu]:
    """Ask nvidia-smi for the GPUs.

    Raises:
        OSError: there is no nvidia-smi, or it does not answer in time.
    """
    return [
        Gpu(int(index), name, driver, _gib(total), _gib(free))
        for index, name, driver, total, free in _rows("gpu", _GPUS)
    ]


def read_gpu_processes() -> list[GpuProcess]:
    """Ask nvidia-smi for the processes, the one with most memory first.

    Raises:
        OSError: there is no nvidia-smi, or it does not answer in time.
    """
    found = [
        GpuProcess(int(pid), _owner(int(pid)), name.rpartition("/")[2], _gib(used))
        for pid, used, name in _rows("compute-apps", _PROCESSES)
    ]
    return sorted(found, key=lambda process: -process.used_gib)


def _rows(what: str, fields: str) -> list[list[str]]:
    command = ["nvidia-smi", f"--query-{what}={fields}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=True)  # noqa: S603
    except subprocess.SubprocessError as error:
        raise OSError(f"nvidia-smi does not answer ({type(error).__name__})") from error
    rows = [[cell.strip() for cell in line.split(",", fields.count(","))] for line in done.stdout.splitlines()]
    return [row for row in rows if len(row) == fields.count(",") + 1 and row[0].isdigit()]


def _gib(mebibytes: str) -> float:
    return int(mebibytes) / 1024 if mebibytes.isdigit() else 0.0


def _owner(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}").owner()
    except KeyError:
        return str(Path(f"/proc/{pid}").stat().st_uid)
    except OSError:
        return "?"
