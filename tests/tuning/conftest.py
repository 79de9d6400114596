"""A tiny base model, pairs, and run folders to train in."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tuning_samples import open_run

from regtune.config import PipelineConfig
from regtune.prompts import load_prompts
from regtune.tuning.models import load_tokenizer

INCLUDE = Path(__file__).resolve().parents[2] / "include"
sys.path.insert(0, str(INCLUDE / "demo"))

from base_model import make_base_model, read_corpus  # noqa: E402 - a script's neighbour, not a package


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's base model after two steps of pre-training: the right shapes, and no skill."""
    folder = tmp_path_factory.mktemp("base") / "stand-in"
    make_base_model(read_corpus([INCLUDE / "regulations" / "sources"]), folder, seed=7, steps=2)
    return folder


@pytest.fixture(scope="session")
def prompts() -> dict[str, str]:
    """The shipped prompts."""
    return load_prompts(INCLUDE / "prompts")


@pytest.fixture(scope="session")
def train_config(demo_config: PipelineConfig, base_folder: Path) -> PipelineConfig:
    """The demo's settings, for 24 rows: 3 epochs of 6 steps."""
    small = {
        "base_model": str(base_folder),
        "batch_size": 4,
        "epochs": 3,
        "min_optimizer_steps": 6,
        "lora_r": 4,
        "lora_alpha": 8,
        "early_stopping_patience": 0,
    }
    return demo_config.model_copy(update={"train": demo_config.train.model_copy(update=small)})


@pytest.fixture(scope="session")
def tokenizer(train_config: PipelineConfig) -> object:
    """The tiny model's tokenizer."""
    return load_tokenizer(train_config.train)


@pytest.fixture
def make_run(tmp_path: Path, train_config: PipelineConfig, prompts: dict[str, str]) -> Callable[..., Path]:
    """Call it to get a run folder ready for train; keyword arguments change the train section."""

    def make(name: str = "run", **changes: object) -> Path:
        return open_run(tmp_path / name, train_config, prompts, **changes)

    return make
