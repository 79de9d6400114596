"""regtune doctor: what is wrong with this machine, told in seconds."""

import shutil
from pathlib import Path

import pytest
import yaml

from regtune.cli import main

DEMO = Path(__file__).resolve().parents[2] / "include" / "config" / "demo.yaml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The demo's settings without what this machine surely lacks: endpoints and a base model."""
    settings = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    settings["train"]["base_model"] = str(tmp_path / "model")
    for host in settings["hosts"].values():
        host["base_dir"] = str(tmp_path / "not" / "made" / "yet")
    settings["serve"] |= {"mode": "vllm", "python": shutil.which("python3"), "port": 1}
    settings["serve"]["model_path"] = str(tmp_path / "model")
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def test_everything_that_blocks_is_told_with_a_remedy(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4; a line for each host names all of it, and each finding says what to do."""
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["hosts"]["48"] |= {"min_free_gib": 10**9, "min_gpu_free_gib": 10**6}
    settings["train"]["base_model"] = "/no/such/model"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    assert main(["doctor", "--host", "48", "--config", str(config)]) == 4
    [line] = capsys.readouterr().err.splitlines()
    for part in ("disk:", "GPU", "train.base_model /no/such/model", "endpoint judge", "endpoint reference"):
        assert part in line
    assert line.count(" -> ") >= 5


def test_only_the_host_that_is_asked_for_is_looked_at(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--host 02 asks nothing of 48: no base model, no judge."""
    main(["doctor", "--host", "02", "--config", str(config)])
    error = capsys.readouterr().err
    assert "host 48" not in error
    assert "judge" not in error


def test_it_removes_nothing(config: Path, run_dir: Path) -> None:
    """The check tasks clear up; the doctor only looks, whatever housekeeping.json allows."""
    (run_dir / "housekeeping.json").write_text('{"kept_runs": [], "kept_code": [], "pins": {"02": {}, "48": {}}}')
    before = sorted(run_dir.parent.rglob("*"))
    assert main(["doctor", str(run_dir), "--config", str(config)]) == 4
    assert sorted(run_dir.parent.rglob("*")) == before


def test_a_wrong_configuration_names_the_misspelt_key_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that is both unknown and missing is told as the one that stands in the file."""
    text = config.read_text(encoding="utf-8").replace("min_free_gib", "min_fre_gib")
    config.write_text(text, encoding="utf-8")
    assert main(["doctor", "--config", str(config)]) == 2
    assert "hosts.02.min_fre_gib: no such setting" in capsys.readouterr().err
