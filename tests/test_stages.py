"""stages: finished work is not done again, a changed input is, and two processes never work on one folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from regtune.artifacts import read_manifest
from regtune.contracts import RunSpec
from regtune.errors import PrerequisiteMissingError
from regtune.stage_table import CHAIN, STAGES, TRAINING, Stage
from regtune.stages import package_versions, run_stage, stages_of

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"


def test_a_finished_stage_returns_at_once(run_dir: Path) -> None:
    """The second parse changes no byte, its manifest included."""
    first = run_stage("parse", run_dir)
    stamps = {path: path.stat().st_mtime_ns for path in run_dir.glob("p*.json*")}
    assert run_stage("parse", run_dir) == first
    assert {path: path.stat().st_mtime_ns for path in run_dir.glob("p*.json*")} == stamps
    assert stamps


def test_a_damaged_output_is_made_again(run_dir: Path) -> None:
    """A manifest vouches for hashes: an output altered on disk is not taken for finished."""
    first = run_stage("parse", run_dir)
    (run_dir / "provisions.jsonl").write_text("", encoding="utf-8")
    assert run_stage("parse", run_dir).outputs["provisions.jsonl"] == first.outputs["provisions.jsonl"]
    assert (run_dir / "provisions.jsonl").stat().st_size > 0


def test_a_failed_stage_leaves_no_manifest(run_dir: Path) -> None:
    """A stage that fails after it was finished once is not finished any more."""
    run_stage("parse", run_dir)
    for pdf in (run_dir / "sources").glob("*.pdf"):
        pdf.write_bytes(b"no pdf")
    with pytest.raises(PrerequisiteMissingError):
        run_stage("parse", run_dir)
    assert read_manifest(run_dir, "parse") is None


def test_two_processes_do_the_work_once(run_dir: Path) -> None:
    """The second one waits for the lock, then finds the stage finished."""
    command = [sys.executable, "-m", "regtune", "parse", str(run_dir)]
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS)}
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert sum("nothing to do" in output for output in outputs) == 1, outputs


def test_a_missing_package_is_named() -> None:
    """A host without a package says which, before any work."""
    stage = Stage("parse", "regtune.documents.parse", "02", packages=("pydantic", "no-such-package"))
    with pytest.raises(PrerequisiteMissingError, match="no-such-package") as caught:
        package_versions(stage)
    assert "pydantic" not in str(caught.value)


def test_the_chain_hands_on_what_the_next_stage_reads() -> None:
    """Every input is made by an earlier stage of the chain or by open_run; beside that, runs before it and people."""
    made = {"sources/"}
    before_it = {"previous/", "champion/", "previous_gate_report.json", "history.json"}
    people = {"review.json", "labels.jsonl"}
    for name in CHAIN:
        assert set(STAGES[name].inputs) <= made, name
        made |= set(STAGES[name].outputs) | {f"{name}.manifest.json"}
        assert set(STAGES[name].optional_inputs) <= made | before_it | people, name


def test_a_run_that_skips_training_ends_without_it(run_dir: Path) -> None:
    """Only train and benchmark are left out."""
    spec = RunSpec.model_validate_json((run_dir / "run.json").read_text(encoding="utf-8"))
    skipping = spec.model_copy(update={"skip_training": True})
    assert stages_of(spec) == CHAIN
    assert set(CHAIN) - set(stages_of(skipping)) == set(TRAINING)
