"""Fixtures that more than one folder of tests uses."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from regtune.config import PipelineConfig, load_config
from regtune.open_run import RunRequest, open_run, plan_run
from regtune.prompts import load_prompts

REPOSITORY = Path(__file__).resolve().parents[1]
INCLUDE = REPOSITORY / "include"
SHARED = REPOSITORY.parent / "shared"


# torch is forked by tests of kills: a pool of threads would be lost in the child, which would wait for it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared machine makes single examples slow; no property is about time.
settings.register_profile("regtune", deadline=None)
settings.load_profile("regtune")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real regulations beside the checkout; tests that need it skip where it is absent."""
    if not (SHARED / "regulations" / "manifest.csv").is_file():
        pytest.skip("../shared with the real regulations is absent")
    return SHARED


@pytest.fixture(scope="session")
def demo_config() -> PipelineConfig:
    """include/config/demo.yaml as it is shipped."""
    return load_config(INCLUDE / "config" / "demo.yaml")


@pytest.fixture
def run_dir(tmp_path: Path, demo_config: PipelineConfig) -> Path:
    """A run folder opened on the sample regulations as in force on 2025-07-01."""
    folder = tmp_path / "runs" / "sample"
    register = INCLUDE / "regulations" / "register.yaml"
    request = RunRequest(as_of=date(2025, 7, 1))
    open_run(folder, plan_run(register, demo_config, load_prompts(INCLUDE / "prompts"), request), register.parent)
    return folder
