"""The demo's configuration: addresses filled in, real models when they are named, and always one shape."""

import sys
from pathlib import Path

import pytest

from regtune.config import load_config

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "include" / "demo"))

from settings import Places, stand_ins, write_settings  # noqa: E402 - a script's neighbour, not a package


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Folders below tmp_path."""
    return Places(
        config_folder=REPOSITORY / "include" / "config",
        endpoint_url="http://127.0.0.1:1234/v1",
        base_model=tmp_path / "stand-in",
        store=tmp_path / "artifacts",
        host_python=Path(sys.executable),
        host_folders={"02": tmp_path / "hosts" / "02", "48": tmp_path / "hosts" / "48"},
        ui_url="http://127.0.0.1:8080",
    )


def test_the_stand_ins_are_named_and_marked(tmp_path: Path, places: Places) -> None:
    """Without variables both stand-ins are in the settings, so that the report can say so."""
    write_settings(tmp_path / "config.yaml", places, {})
    config = load_config(tmp_path / "config.yaml")
    assert config.endpoints.generator.base_urls == ("http://127.0.0.1:1234/v1",)
    assert config.endpoints.judge.stand_in
    assert config.train.base_is_stand_in
    assert config.hosts.dataset.base_dir != config.hosts.tuning.base_dir
    assert len(stand_ins({})) == 2


def test_real_models_take_the_stand_ins_place(tmp_path: Path, places: Places) -> None:
    """With address, model and folder nothing is called a stand-in, and the key is in an env file and nowhere else."""
    environment = {
        "REGTUNE_LLM_BASE_URL": "http://10.0.0.1:8000/v1",
        "REGTUNE_LLM_MODEL": "Qwen3-Coder-30B-A3B-Instruct",
        "REGTUNE_LLM_API_KEY": "secret-key",
        "REGTUNE_BASE_MODEL": "/models/Qwen3-8B",
    }
    write_settings(tmp_path / "config.yaml", places, environment)
    config = load_config(tmp_path / "config.yaml")
    assert not config.endpoints.generator.stand_in
    assert not config.train.base_is_stand_in
    assert config.train.base_model == "/models/Qwen3-8B"
    assert stand_ins(environment) == []
    assert "secret-key" not in (tmp_path / "config.yaml").read_text(encoding="utf-8")
    env_file = Path(config.hosts.dataset.env_file or "")
    assert "secret-key" in env_file.read_text(encoding="utf-8")
    assert env_file.stat().st_mode & 0o077 == 0


def test_an_address_without_a_model_is_refused(tmp_path: Path, places: Places) -> None:
    """The message names the variable to set."""
    with pytest.raises(ValueError, match="REGTUNE_LLM_MODEL has to name"):
        write_settings(tmp_path / "config.yaml", places, {"REGTUNE_LLM_BASE_URL": "http://10.0.0.1:8000/v1"})
