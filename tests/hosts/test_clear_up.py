"""What a host removes of earlier runs, and what it never does."""

import fcntl
import os
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from regtune.artifacts import load_spec, write_json
from regtune.config import load_config
from regtune.contracts import Housekeeping
from regtune.hosts.clear_up import clear_up
from regtune.open_run import RunRequest, new_spec, open_run

CONFIG = load_config(Path(__file__).resolve().parents[2] / "include/config/demo.yaml")
DAY = 86400
OLD, KEPT, IN_USE, YOUNG = (f"202{n}-01-01-{'a' * 12}" for n in range(4))


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """Lay out a host: four runs, code, blobs, a cache, and somebody's own files; gives the folder of the run."""
    rule = CONFIG.publish.model_copy(update={"keep_days": 10})
    config = CONFIG.model_copy(update={"publish": rule})
    spec = new_spec(RunRequest(as_of=date(2025, 1, 1)), [], config, {})
    run_dir = tmp_path / "base" / "runs" / spec.run_name
    open_run(run_dir, spec, tmp_path)
    base = tmp_path / "base"
    for name in (OLD, KEPT, IN_USE, YOUNG, "notes"):
        (base / "runs" / name / "adapter").mkdir(parents=True)
        (base / "runs" / name / "adapter" / "weights").write_text(name)
    (base / "runs" / IN_USE / ".train.lock").touch()
    for folder in ("code", "files", "runs/cache", "jobs/ended", "jobs/living"):
        (base / folder).mkdir(parents=True)
    (base / "jobs" / "ended" / "stdout.log").write_text("x")
    for name in ("regtune-old.pyz", "regtune-kept.pyz", "readme.txt"):
        (base / "code" / name).write_text("x")
    os.link(base / "runs" / KEPT / "adapter" / "weights", base / "files" / "linked")
    (base / "files" / "alone").write_text("x")
    (base / "runs" / "cache" / "old.jsonl").write_text("x")
    (base / "regtune.env").write_text("KEY=secret")
    for path in base.rglob("*"):
        if YOUNG not in path.parts and path != run_dir and run_dir not in path.parents:
            os.utime(path, (time.time() - 20 * DAY,) * 2)
    (base / "runs" / "cache" / "new.jsonl").write_text("x")
    keep = Housekeeping(kept_runs=(KEPT, spec.run_name), kept_code=("regtune-kept.pyz",), pins={})
    write_json(run_dir / "housekeeping.json", keep)
    return run_dir


def test_only_what_is_old_and_unkept_goes(run_dir: Path) -> None:
    """A run that the scheduler keeps, a young one, one that a stage works on and everything else of people's stay."""
    base = run_dir.parents[1]
    keep = Housekeeping.model_validate_json((run_dir / "housekeeping.json").read_text(encoding="utf-8"))
    living = base / "jobs" / "living"
    with (
        (base / "runs" / IN_USE / ".train.lock").open() as lock,
        subprocess.Popen(["/bin/sh", "-c", "read line; exit 0", str(living)], stdin=subprocess.PIPE) as job,
    ):
        (living / "pid").write_text(str(job.pid))
        for path in (living / "pid", living):
            os.utime(path, (time.time() - 20 * DAY,) * 2)
        fcntl.flock(lock, fcntl.LOCK_EX)
        removed = clear_up(run_dir, load_spec(run_dir), keep)
        job.communicate(b"\n")
    assert removed == {"runs": 1, "code": 1, "jobs": 1, "files": 1, "cache": 1}
    assert [path.name for path in (base / "jobs").iterdir()] == ["living"]
    assert sorted(path.name for path in (base / "runs").iterdir()) == sorted(
        [KEPT, IN_USE, YOUNG, "notes", "cache", run_dir.name]
    )
    assert sorted(path.name for path in (base / "code").iterdir()) == ["readme.txt", "regtune-kept.pyz"]
    assert [path.name for path in (base / "files").iterdir()] == ["linked"]
    assert [path.name for path in (base / "runs" / "cache").iterdir()] == ["new.jsonl"]
    assert (base / "regtune.env").read_text() == "KEY=secret"
    assert (base / "runs" / KEPT / "adapter" / "weights").read_text() == KEPT


def test_a_folder_of_ones_own_is_not_cleared_around(run_dir: Path, tmp_path: Path) -> None:
    """`regtune check_02 ./my-folder` removes nothing beside that folder."""
    mine = tmp_path / "home" / "work" / "mine"
    mine.parent.mkdir(parents=True)
    run_dir.rename(mine)
    beside = tmp_path / "home" / "runs" / OLD
    beside.mkdir(parents=True)
    os.utime(beside, (0, 0))
    keep = Housekeeping(kept_runs=(), kept_code=(), pins={})
    assert clear_up(mine, load_spec(mine), keep) == {}
    assert beside.exists()
