"""What a host keeps of earlier runs: folders, code and blobs that no kept run needs are removed.

In: a run's folder below <base>/runs, housekeeping.json in it, publish.keep_days. Out: counts for the log. Touched are
only <base>/runs, code, jobs, files and the reply cache; a folder that a stage works on holds its lock and stays.
"""

import contextlib
import fcntl
import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from regtune.contracts import Housekeeping, RunSpec
from regtune.open_run import is_run_name

_log = logging.getLogger(__name__)
_DAY = 86400


def clear_up(run_dir: Path, spec: RunSpec, keep: Housekeeping) -> dict[str, int]:
    """Remove what is outdated; returns how many run folders, zipapps, job folders, blobs and cache files went.

    A blob (<base>/files) is outdated when no run folder links to it any more. What cannot be removed stays.
    """
    base = run_dir.resolve().parents[1]
    if run_dir.resolve().parent.name != "runs" or not is_run_name(run_dir.name):
        return {}  # somebody's own folder
    limit = time.time() - spec.config.publish.keep_days * _DAY
    removed = {
        "runs": sum(_remove(folder) for folder in _old_runs(base / "runs", keep, limit)),
        "code": sum(
            _remove(path)
            for path in _older(base / "code", limit)
            if path.suffix == ".pyz" and path.name not in keep.kept_code
        ),
    }
    removed["jobs"] = sum(_remove(path) for path in _older(base / "jobs", limit) if not _lives(path))
    removed["files"] = sum(_remove(path) for path in _older(base / "files", limit) if path.stat().st_nlink == 1)
    cache = (run_dir / spec.config.endpoints.cache_dir).resolve()
    inside = base in cache.parents
    removed["cache"] = sum(_remove(path) for path in _older(cache, limit)) if inside else 0
    _log.info("retention: removed %s", ", ".join(f"{count} {name}" for name, count in removed.items()))
    return removed


def _old_runs(folder: Path, keep: Housekeeping, limit: float) -> Iterator[Path]:
    for path in _older(folder, limit):
        if path.is_dir() and is_run_name(path.name) and path.name not in keep.kept_runs and not _in_use(path):
            yield path


def _older(folder: Path, limit: float) -> Iterator[Path]:
    """What lies in a folder and was last written before the limit; a folder counts by its newest file."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            newest = max((p.lstat().st_mtime for p in path.rglob("*")), default=0.0) if path.is_dir() else 0.0
            if max(newest, path.lstat().st_mtime) < limit:
                yield path


def _in_use(folder: Path) -> bool:
    for lock in folder.glob(".*.lock"):
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def _lives(job: Path) -> bool:
    """Whether a job's process, which names its folder, is there still."""
    try:
        process = Path("/proc", (job / "pid").read_text(encoding="ascii").strip() or "-", "cmdline")
        return job.name.encode() in process.read_bytes()
    except (OSError, ValueError):
        return False


def _remove(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        _log.warning("retention: %s stays: %s", path.name, error.strerror)
        return False
    return True
