"""How a stage is run on a run folder.

In: a stage's name and a run folder. Out: the stage's files and, last, its manifest. A stage that is finished
for the same recipe and inputs returns at once; a lock in the run folder lets one process at a time work on it,
and a second one waits and then finds the work done.
"""

import contextlib
import fcntl
import importlib
import importlib.metadata
import logging
import platform
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from regtune.artifacts import RUN_FILE, file_record, load_spec, manifest_path, read_manifest, write_json
from regtune.contracts import FileRecord, Manifest, RunSpec, StageResult
from regtune.errors import PrerequisiteMissingError
from regtune.hosts.packages import missing_packages
from regtune.stage_table import CHAIN, SHORT_CUT, STAGES, TRAINING, Stage

_log = logging.getLogger(__name__)


def stages_of(spec: RunSpec) -> tuple[str, ...]:
    """Names of the chain's stages that this run has."""
    return tuple(name for name in CHAIN if not (spec.skip_training and name in TRAINING))


def is_cut_short(name: str, run_dir: Path) -> bool:
    """Whether a stage has nothing to do because compare, which came before it, found nothing changed."""
    compared = read_manifest(run_dir, "compare") if name in SHORT_CUT else None
    return compared is not None and bool(compared.counts["short_cut"])


def run_stage(name: str, run_dir: Path) -> Manifest:
    """Run one stage on a run folder, or return at once when it is finished.

    Raises:
        RegtuneError: one of errors.py, each with its exit code.
    """
    stage = STAGES[name]
    spec = load_spec(run_dir)
    with _locked(run_dir / f".{name}.lock", name):
        inputs = _inputs(stage, run_dir)
        finished = None if stage.repeatable else _finished(stage, run_dir, spec, inputs)
        if finished is not None:
            _log.info("%s: finished before in %.1f s, nothing to do", name, finished.seconds)
            return finished
        manifest_path(run_dir, name).unlink(missing_ok=True)
        versions = package_versions(stage)
        _log.info("%s: run %s, corpus in force on %s", name, spec.run_name, spec.as_of)
        started_at, started = datetime.now(timezone.utc), time.monotonic()
        result: StageResult = importlib.import_module(stage.module).run(run_dir, spec)
        manifest = Manifest(
            stage=name,
            run_name=spec.run_name,
            spec_sha256=spec.spec_sha256,
            inputs=inputs,
            outputs={output: file_record(run_dir / output) for output in stage.outputs},
            counts=result.counts,
            tokens=result.tokens,
            seconds=round(time.monotonic() - started, 3),
            started_at=started_at.isoformat(timespec="seconds"),
            versions=versions,
        )
        write_json(manifest_path(run_dir, name), manifest)
    _log.info("%s: done in %.1f s: %s", name, manifest.seconds, ", ".join(f"{k}={v}" for k, v in result.counts.items()))
    return manifest


def package_versions(stage: Stage) -> dict[str, str]:
    """Versions of Python and of the packages that the stage declares.

    Raises:
        PrerequisiteMissingError: names every package that is not installed.
    """
    absent = missing_packages(stage.packages)
    if absent:
        message = f"{stage.name}: not installed here: {', '.join(absent)}; install include/hosts/requirements-*.txt."
        raise PrerequisiteMissingError(message)
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in stage.packages}}


def _inputs(stage: Stage, run_dir: Path) -> dict[str, FileRecord]:
    there = [name for name in stage.optional_inputs if (run_dir / name).exists()]
    return {name: file_record(run_dir / name) for name in (RUN_FILE, *stage.inputs, *there)}


def _finished(stage: Stage, run_dir: Path, spec: RunSpec, inputs: dict[str, FileRecord]) -> Manifest | None:
    manifest = read_manifest(run_dir, stage.name)
    if manifest is None or manifest.spec_sha256 != spec.spec_sha256 or manifest.inputs != inputs:
        return None
    for name, record in manifest.outputs.items():
        if not (run_dir / name).exists() or file_record(run_dir / name) != record:
            return None
    return manifest


@contextlib.contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.info("%s: another process works on this run folder; waiting for it", name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
