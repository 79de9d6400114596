"""preflight: each way in which a training would go wrong is one line that says what to change."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tuning_samples import pair_of

from regtune.config import PipelineConfig, TrainConfig
from regtune.contracts import QAPair
from regtune.errors import ConfigurationError, PrerequisiteMissingError, RegtuneError, UnusableInputError
from regtune.tuning.preflight import (
    check_disk,
    check_engine,
    check_masks,
    check_steps,
    check_text,
    check_vocabulary,
    count_parameters,
    preflight,
)
from regtune.tuning.rows import Row, Rows, encode_pairs

PAIRS = [pair_of(f"qa-{n:02}", answer=f"{n}일입니다.") for n in range(30)]


@pytest.fixture
def check(
    tmp_path: Path, prompts: dict[str, str], tokenizer: Any, train_config: PipelineConfig
) -> Callable[..., object]:
    """Run the whole preflight on 24 and 6 rows with changed settings."""

    def run(pairs: list[QAPair] = PAIRS, **changes: object) -> object:
        rows = encode_pairs(pairs, prompts, tokenizer)
        config = train_config.train.model_copy(update=changes)
        return preflight(tmp_path, pairs, Rows(rows[:24], rows[24:]), prompts, tokenizer, config)

    return run


def test_a_sound_training_passes(check: Callable[..., Any]) -> None:
    """The plan has the steps of all epochs, the longest row and the sizes of model and adapter."""
    plan = check()
    assert plan.steps == 18
    assert 100 < plan.longest_row < 300
    assert (plan.parameters, plan.adapter_parameters) == (656_128, 19_456)


def test_text_like_markup_was_rewritten_in_silence(check: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """An answer with `<b>` is trained as `〈b>`, and the log and the plan say of which pairs; `3 < 5` stays."""
    pairs = [*PAIRS[:-2], pair_of("qa-28", answer="3 < 5일입니다."), pair_of("qa-29", answer="<b>5일</b>입니다.")]
    with caplog.at_level("WARNING"):
        plan = check(pairs)
    assert plan.rewritten == ("qa-29",)
    assert "1 pairs hold `<` before a letter, first qa-29" in caplog.text
    assert check().rewritten == ()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        pytest.param({"max_seq_length": 64}, ConfigurationError, "train.max_seq_length is 64: raise it to", id="long"),
        pytest.param({"batch_size": 24}, ConfigurationError, "lower train.batch_size or raise train.epochs", id="few"),
        pytest.param({"warmup_steps": 9}, ConfigurationError, "train.warmup_steps is 9 of 18", id="warm-up"),
        pytest.param(
            {"optimizer": "adamw_x"}, ConfigurationError, "train.optimizer is adamw_x; give one", id="optimizer"
        ),
        pytest.param({"lr_scheduler": "cosinus"}, ConfigurationError, "cosinus; give one of .*cosine", id="schedule"),
        pytest.param(
            {"lr_scheduler": "warmup_stable_decay"}, ConfigurationError, "is warmup_stable_decay; give one", id="decay"
        ),
        pytest.param({"target_modules": ("q_proj", "wq")}, ConfigurationError, "no linear layer wq", id="no-layer"),
    ],
)
def test_a_setting_that_does_not_suit_is_refused(
    check: Callable[..., object], changes: dict[str, object], error: type[RegtuneError], message: str
) -> None:
    """The message names the setting and its remedy."""
    with pytest.raises(error, match=message):
        check(**changes)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        pytest.param(PAIRS[:20], "validation.jsonl: holds no pair", id="no-validation"),
        pytest.param([], "train.jsonl: holds no pair", id="no-training"),
        pytest.param([*PAIRS, pair_of("qa-x", answer=" \n")], "qa-x: its answer is empty", id="empty-answer"),
        pytest.param([*PAIRS, pair_of("qa-x", question=" ")], "qa-x in .*: its question is empty", id="asks-nothing"),
        pytest.param([*PAIRS, PAIRS[3]], "qa-03 in validation.jsonl: its id is in train.jsonl", id="on-both-sides"),
        pytest.param([*PAIRS[:20], *PAIRS[:10]], "qa-00 in train.jsonl: its id is in train.jsonl", id="twice"),
    ],
)
def test_rows_that_cannot_be_trained_on_are_named(
    check: Callable[..., object], pairs: list[QAPair], message: str
) -> None:
    """The message names the file or the pair."""
    with pytest.raises(UnusableInputError, match=message):
        check(pairs)


def test_a_token_that_the_model_does_not_have_is_named(
    prompts: dict[str, str], tokenizer: Any, train_config: PipelineConfig
) -> None:
    """A tokenizer without its end token made a new one, and training ended in an IndexError of the embedding."""
    rows = list(encode_pairs(PAIRS[:2], prompts, tokenizer))
    check_vocabulary(rows, train_config.train)
    rows[1] = dataclasses.replace(rows[1], input_ids=(*rows[1].input_ids, 10**6))
    with pytest.raises(ConfigurationError, match="gives qa-01 the token 1000000, and the model has"):
        check_vocabulary(rows, train_config.train)


def moved(row: Row, answer_start: int) -> Row:
    """The row with its border elsewhere."""
    return dataclasses.replace(row, answer_start=answer_start)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(lambda row: moved(row, row.answer_start - 1), "do not decode to the answer", id="a-token-early"),
        pytest.param(lambda row: moved(row, row.answer_start + 1), "do not decode to the answer", id="a-token-late"),
        pytest.param(
            lambda row: dataclasses.replace(row, input_ids=row.input_ids[:-1]), "do not decode", id="no-end-token"
        ),
        pytest.param(lambda row: moved(row, 0), "100% of its tokens", id="trains-on-everything"),
        pytest.param(lambda row: moved(row, len(row.input_ids)), "0% of its tokens", id="trains-on-nothing"),
    ],
)
def test_a_wrong_mask_is_found(
    spoil: Callable[[Row], Row], message: str, prompts: dict[str, str], tokenizer: Any
) -> None:
    """A border off by one token is found, in whichever row it is."""
    rows = list(encode_pairs(PAIRS, prompts, tokenizer))
    check_masks(PAIRS, rows, tokenizer)
    rows[17] = spoil(rows[17])
    with pytest.raises(RegtuneError, match=message):
        check_masks(PAIRS, rows, tokenizer)


def test_a_template_that_serves_otherwise_is_refused(prompts: dict[str, str], tokenizer: Any, tmp_path: Path) -> None:
    """A base model whose template renders the answer's turn otherwise than the served prompt is not trained."""
    from transformers import AutoTokenizer

    tokenizer.save_pretrained(tmp_path)
    other = AutoTokenizer.from_pretrained(tmp_path)
    other.chat_template = other.chat_template.replace("enable_thinking is defined", "enable_thinking is undefined")
    with pytest.raises(ConfigurationError, match="renders qa-00 differently for training and for serving"):
        check_text(PAIRS, encode_pairs(PAIRS, prompts, other), prompts, other)


def test_a_row_with_a_special_token_of_its_own_is_refused(prompts: dict[str, str], tokenizer: Any) -> None:
    """A token that the text should not have made is counted, even where rendering let it through."""
    rows = list(encode_pairs(PAIRS, prompts, tokenizer))
    end = rows[3].input_ids[-1]
    rows[3] = dataclasses.replace(rows[3], input_ids=(*rows[3].input_ids, end))
    with pytest.raises(UnusableInputError, match="qa-03: has 9 special tokens where the first row has 8"):
        check_text(PAIRS, rows, prompts, tokenizer)


def test_too_little_disk_is_refused_before_training(tmp_path: Path) -> None:
    """The message gives both figures."""
    free = shutil.disk_usage(tmp_path).free
    check_disk(tmp_path, adapter_parameters=1000)
    with pytest.raises(PrerequisiteMissingError, match="GiB free, checkpoints need"):
        check_disk(tmp_path, adapter_parameters=free)


@pytest.mark.parametrize(
    ("rows", "batch", "steps"),
    [
        pytest.param(24, 4, 18, id="even"),
        pytest.param(25, 4, 21, id="a-last-short-step"),
        pytest.param(20, 8, 9, id="two-and-a-half"),
    ],
)
def test_steps_are_those_the_trainer_makes(rows: int, batch: int, steps: int, train_config: PipelineConfig) -> None:
    """A short step counts as one."""
    changes = {"batch_size": batch, "warmup_steps": 0}
    assert check_steps(rows, train_config.train.model_copy(update=changes)) == steps


def test_packed_says_what_it_does_not_know(train_config: PipelineConfig) -> None:
    """Dropout in the adapter is refused with the engine that has it."""
    with pytest.raises(ConfigurationError, match=r"lora_dropout 0.*set train\.engine to transformers"):
        check_engine(train_config.train.model_copy(update={"lora_dropout": 0.1}))
    check_engine(train_config.train.model_copy(update={"lora_dropout": 0.1, "engine": "transformers"}))


def test_parameters_are_counted_without_weights(train_config: PipelineConfig, tmp_path: Path) -> None:
    """The base model's configuration is enough."""
    config: TrainConfig = train_config.train
    shutil.copy(Path(config.base_model) / "config.json", tmp_path)
    assert count_parameters(config.model_copy(update={"base_model": str(tmp_path)})) == count_parameters(config)
