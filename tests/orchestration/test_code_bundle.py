"""The zipapp: the code of a run as it travels."""

import os
import subprocess
import zipfile
from pathlib import Path

from regtune.code_hash import package_sha256
from regtune.errors import ConfigurationError
from regtune.orchestration.code_bundle import bundle_name, write_bundle
from regtune.stage_table import STAGES


def test_the_same_code_packs_to_the_same_bytes(tmp_path: Path) -> None:
    """Two packings do not differ in a byte, whenever they are made."""
    write_bundle(tmp_path / "a.pyz")
    (tmp_path / "later").mkdir()
    write_bundle(tmp_path / "later" / "b.pyz")
    assert (tmp_path / "a.pyz").read_bytes() == (tmp_path / "later" / "b.pyz").read_bytes()


def test_it_leaves_airflow_behind(tmp_path: Path) -> None:
    """Nothing that imports Airflow is packed, and everything else of the package is."""
    write_bundle(tmp_path / "a.pyz")
    with zipfile.ZipFile(tmp_path / "a.pyz") as bundle:
        names = set(bundle.namelist())
        assert not any("orchestration" in name for name in names)
        assert not any(b"import airflow" in bundle.read(name) or b"from airflow" in bundle.read(name) for name in names)
    assert {"__main__.py", "regtune/cli.py", "regtune/stages.py", "regtune/qa/__init__.py"} <= names


def test_it_runs_without_airflow(tmp_path: Path, host_python: Path) -> None:
    """An isolated interpreter without Airflow runs it from an empty folder, and it knows every stage."""
    write_bundle(tmp_path / "a.pyz")
    assert subprocess.run([host_python, "-I", "-c", "import airflow"], check=False, capture_output=True).returncode != 0
    told = subprocess.run(
        [host_python, "-I", tmp_path / "a.pyz", "--help"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert all(name in told for name in STAGES)


def test_no_library_holds_up_its_end(tmp_path: Path, host_python: Path) -> None:
    """The process ends with the command, its one line told: what a library does at exit is not waited for."""
    write_bundle(tmp_path / "a.pyz")
    late = tmp_path / "late"
    (tmp_path / "sitecustomize.py").write_text(
        f"import atexit, pathlib\natexit.register(pathlib.Path({str(late)!r}).touch)\n"
    )
    ended = subprocess.run(
        [host_python, tmp_path / "a.pyz", "chunk", tmp_path / "no-run"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == ConfigurationError.exit_code
    assert "no run.json here" in ended.stderr
    assert not late.exists()


def test_it_knows_its_own_hash(tmp_path: Path, host_python: Path) -> None:
    """Code in the zipapp hashes to what the scheduler named it by, so that a run's code can be told on a host."""
    write_bundle(tmp_path / bundle_name(package_sha256()))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from regtune.code_hash import package_sha256 as h; print(h())"
    )
    told = subprocess.run(
        [host_python, "-I", "-c", script, tmp_path / bundle_name(package_sha256())],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert told == package_sha256()
