"""fit: a card that is too small for the batch costs passes, not rows and not the training."""

import logging
from pathlib import Path
from typing import Any

import pytest
from tuning_samples import pair_of

from regtune.artifacts import read_json
from regtune.config import PipelineConfig, TrainConfig
from regtune.errors import PrerequisiteMissingError
from regtune.tuning.checkpoints import last_checkpoint
from regtune.tuning.fit import LAYOUT, fit
from regtune.tuning.layout import Layout
from regtune.tuning.pace import Pace
from regtune.tuning.rows import Rows, encode_pairs
from regtune.tuning.spent import Meter, Spent
from regtune.tuning.transformers_engine import trainable_model


@pytest.fixture(scope="module")
def config(train_config: PipelineConfig) -> TrainConfig:
    """Two epochs of three steps, four rows a step."""
    return train_config.train.model_copy(update={"epochs": 2, "lora_dropout": 0.0})


@pytest.fixture(scope="module")
def rows(prompts: dict[str, str], tokenizer: Any) -> Rows:
    """12 rows to train on, 4 to validate."""
    pairs = [pair_of(f"qa-{n:02}", f"{n}번째 휴가는 며칠인가요?", f"제{n}조에 따라 {n}일입니다.") for n in range(16)]
    encoded = encode_pairs(pairs, prompts, tokenizer)
    return Rows(train=encoded[:12], validation=encoded[12:])


Run = tuple[Layout, dict[str, list[float]]]


def trained(config: TrainConfig, tokenizer: Any, rows: Rows, work: Path, most_rows: int, full_from: int = 0) -> Run:
    """Fit on a card that takes `most_rows` at a time, from its pass number `full_from` on."""
    import torch

    model: Any = trainable_model(config, seed=1)
    passes = 0

    def card(_module: object, _arguments: object, named: dict[str, Any]) -> None:
        nonlocal passes
        passes += 1
        if passes > full_from and len(named["input_ids"]) > most_rows:
            raise torch.OutOfMemoryError("CUDA out of memory")

    for module in model.modules():
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0  # of the stand-in base; its masks would differ with the batches
    model.register_forward_pre_hook(card, with_kwargs=True)
    work.mkdir()
    fit(model, tokenizer, rows, config, 1, work, Meter(Spent(), Pace()))
    checkpoint = last_checkpoint(work)
    assert checkpoint is not None
    curves = {name: [e[name] for e in checkpoint.history if name in e] for name in ("loss", "eval_loss")}
    return read_json(work / LAYOUT, Layout), curves


@pytest.fixture(scope="module")
def whole(config: TrainConfig, tokenizer: Any, rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training on a card that takes every row of a step at once."""
    return trained(config, tokenizer, rows, tmp_path_factory.mktemp("fit") / "whole", most_rows=4)


@pytest.mark.parametrize("full_from", [0, 2, 5], ids=["at-once", "in-an-epoch", "after-a-checkpoint"])
def test_full_memory_costs_passes_and_no_rows(
    whole: Run,
    config: TrainConfig,
    tokenizer: Any,
    rows: Rows,
    tmp_path: Path,
    full_from: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whenever memory is full, the rows of a step stay, the losses are those of a card that took them all."""
    caplog.set_level(logging.INFO)
    layout, curves = trained(config, tokenizer, rows, tmp_path / "halved", most_rows=1, full_from=full_from)
    assert (whole[0].rows, layout.rows, layout.times, layout.recomputed) == (4, 1, 4, 2)
    for name, losses in curves.items():
        assert losses == pytest.approx(whole[1][name], abs=2e-3)
    assert "memory is full with 4 rows at a time; going on with 4, 1 times a step, 2 layers computed" in caplog.text


def test_packed_learns_what_transformers_learns(
    whole: Run, config: TrainConfig, tokenizer: Any, rows: Rows, tmp_path: Path
) -> None:
    """Same rows, same seed: the two engines' curves are one."""
    plain = config.model_copy(update={"engine": "transformers", "gradient_checkpointing": False})
    _, curves = trained(plain, tokenizer, rows, tmp_path / "plain", most_rows=4)
    for name, losses in curves.items():
        assert losses == pytest.approx(whole[1][name], abs=2e-3)


def test_a_card_too_small_for_one_row_is_one_line(
    config: TrainConfig, tokenizer: Any, rows: Rows, tmp_path: Path
) -> None:
    """It ends as a missing prerequisite that names the settings."""
    with pytest.raises(PrerequisiteMissingError, match=r"one row at a time.*train\.max_seq_length"):
        trained(config, tokenizer, rows, tmp_path / "work", most_rows=0)


@pytest.mark.parametrize(
    ("engine", "deterministic", "in_order"),
    [
        pytest.param("packed", True, True, id="packed"),
        pytest.param("packed", False, False, id="packed, not asked for"),
        pytest.param("transformers", True, False, id="another engine"),
    ],
)
def test_sums_are_in_order_while_it_trains_and_no_longer(
    config: TrainConfig, tokenizer: Any, rows: Rows, tmp_path: Path, engine: str, *, deterministic: bool, in_order: bool
) -> None:
    """train.deterministic holds for the training loop of engine packed, and not for what comes after it."""
    import torch

    seen = set()
    model: Any = trainable_model(config, seed=1)
    model.register_forward_pre_hook(lambda *_: seen.add(torch.are_deterministic_algorithms_enabled()))
    few = Rows(train=rows.train[:4], validation=rows.validation[:1])
    changed = config.model_copy(update={"engine": engine, "deterministic": deterministic, "epochs": 1})
    fit(model, tokenizer, few, changed, 1, tmp_path, Meter(Spent(), Pace()))
    assert seen == {in_order}
    assert not torch.are_deterministic_algorithms_enabled()
