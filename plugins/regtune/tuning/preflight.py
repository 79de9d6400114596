"""What is checked before a model is loaded: that the right tokens would be trained on, and that training can end.

In: pairs, their rows, the tokenizer and the train section. Out: a Plan, or one line that says what to change.
It reads the base model's configuration and none of its weights.
"""

import logging
import math
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.chat import (
    END_OF_TURN,
    plain_words,
    rendered_answer,
    rendered_conversation,
    rendered_prompt,
    token_ids,
)
from regtune.config import TrainConfig
from regtune.contracts import QAPair
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.tuning.rows import Articles, Row, Rows, messages_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)

CHECKPOINTS_AT_ONCE = 3
"""The best one, the last one, and the one being written."""
BYTES_PER_ADAPTER_PARAMETER = 12
"""The weight and the two moments of Adam in float32."""


@dataclass(frozen=True)
class Plan:
    """What the training will be."""

    steps: int
    """Optimizer steps of all epochs."""
    longest_row: int
    """Tokens."""
    parameters: int
    """Of the base model, before quantisation."""
    adapter_parameters: int
    rewritten: tuple[str, ...] = ()
    """qa_id of the pairs in which `<` before a letter is trained and served as `〈`: it might begin a special token."""


def check_text(
    pairs: Sequence[QAPair],
    rows: Sequence[Row],
    prompts: dict[str, str],
    tokenizer: "PreTrainedTokenizerBase",
    articles: Articles | None = None,
) -> None:
    """Every row is the served prompt plus answer and end token, and nothing in it but the template is special.

    Raises:
        ConfigurationError: the base model's chat template is none that this package can train.
        UnusableInputError: a row's text reads as a special token.
    """
    specials = set(tokenizer.all_special_ids) | set(tokenizer.get_added_vocab().values())
    expected: int | None = None
    for pair, row in zip(pairs, rows, strict=True):
        messages = messages_of(pair, prompts, articles)
        prompt = rendered_prompt(tokenizer, messages)
        if rendered_conversation(tokenizer, messages, pair.answer) != prompt + rendered_answer(pair.answer):
            raise ConfigurationError(
                f"train.base_model: its chat template renders {pair.qa_id} differently for training and for serving; "
                f"give a model with Qwen3's template."
            )
        if list(row.input_ids[: row.answer_start]) != token_ids(tokenizer, prompt):
            raise ConfigurationError(
                f"train.base_model: the prompt of {pair.qa_id} has other tokens when it is served."
            )
        count = sum(token in specials for token in row.input_ids)
        expected = count if expected is None else expected
        if count != expected:
            raise UnusableInputError(
                f"{pair.qa_id}: has {count} special tokens where the first row has {expected}; "
                f"its text holds a token of the base model: remove it from the pair."
            )


def say_rewritten(pairs: Sequence[QAPair]) -> tuple[str, ...]:
    """Name the pairs whose text is not trained as it stands, in the log and to the caller."""
    found = tuple(
        pair.qa_id for pair in pairs if any(text != plain_words(text) for text in (pair.question, pair.answer))
    )
    if found:
        _log.warning(
            "train: %d pairs hold `<` before a letter, first %s: it is trained and served as `〈`, so that no text "
            "becomes a special token; write them without it to train what they say",
            len(found),
            found[0],
        )
    return found


def check_masks(
    pairs: Sequence[QAPair],
    rows: Sequence[Row],
    tokenizer: "PreTrainedTokenizerBase",
) -> None:
    """The tokens trained on decode to exactly the answer and its end token, in every row.

    Raises:
        ConfigurationError: the tokenizer does not know the end token, or loses text.
        UnusableInputError: a row trains on nothing or on everything.
    """
    end = tokenizer.convert_tokens_to_ids(END_OF_TURN)
    if end is None or end == tokenizer.unk_token_id:
        raise ConfigurationError(f"train.base_model: its tokenizer has no {END_OF_TURN}; give a ChatML model.")
    for pair, row in zip(pairs, rows, strict=True):
        trained = row.input_ids[row.answer_start :]
        if not 0 < len(trained) < len(row.input_ids):
            share = len(trained) / max(len(row.input_ids), 1)
            raise UnusableInputError(
                f"{pair.qa_id}: {share:.0%} of its tokens would be trained on; must lie between none and all."
            )
        text = tokenizer.decode(trained, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        if text != unicodedata.normalize("NFC", rendered_answer(pair.answer)) or trained[-1] != end:
            raise ConfigurationError(
                f"{pair.qa_id}: the tokens trained on do not decode to the answer and {END_OF_TURN}; "
                f"check the tokenizer of train.base_model."
            )
        if len(trained) == 1:
            raise UnusableInputError(f"{pair.qa_id}: its answer is empty; remove the pair.")


def check_lengths(rows: Sequence[Row], config: TrainConfig) -> int:
    """Return the longest row's tokens; nothing is ever cut.

    Raises:
        ConfigurationError: it does not fit.
    """
    longest = max(rows, key=lambda row: len(row.input_ids))
    tokens = len(longest.input_ids)
    if tokens > config.max_seq_length:
        raise ConfigurationError(
            f"{longest.qa_id}: {tokens} tokens; train.max_seq_length is {config.max_seq_length}: raise it to {tokens}."
        )
    return tokens


def check_steps(train_rows: int, config: TrainConfig) -> int:
    """Return the optimizer steps of all epochs.

    Raises:
        ConfigurationError: they are too few to learn in, or end before the warm-up does.
    """
    steps = math.ceil(train_rows / config.batch_size) * config.epochs
    if steps < config.min_optimizer_steps:
        raise ConfigurationError(
            f"{train_rows} rows, {config.batch_size} a step, {config.epochs} epochs give {steps} optimizer steps; "
            f"train.min_optimizer_steps is {config.min_optimizer_steps}: lower train.batch_size or raise train.epochs."
        )
    if steps <= 2 * config.warmup_steps:
        raise ConfigurationError(
            f"train.warmup_steps is {config.warmup_steps} of {steps} optimizer steps; lower it to a tenth of them."
        )
    return steps


def check_names(config: TrainConfig) -> None:
    """The optimizer and the schedule are ones that transformers has.

    Raises:
        ConfigurationError: a name is another.
    """
    from transformers.trainer_utils import SchedulerType
    from transformers.training_args import OptimizerNames

    schedules = [kind.value for kind in SchedulerType if _needs_no_more(kind.value)]
    for setting, known in (("optimizer", [kind.value for kind in OptimizerNames]), ("lr_scheduler", schedules)):
        names, given = sorted(known), getattr(config, setting)
        if given not in names:
            raise ConfigurationError(f"train.{setting} is {given}; give one of {', '.join(names)}.")


def _needs_no_more(schedule: str) -> bool:
    """Whether a schedule can be made from warm-up and steps alone; there is no setting for more."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    try:
        get_scheduler(schedule, optimizer, num_warmup_steps=1, num_training_steps=10)
    except (TypeError, ValueError):
        return False
    return True


def check_pairs(train: Sequence[QAPair], validation: Sequence[QAPair]) -> None:
    """Every pair asks something, and none is there twice, in one part or in both.

    Raises:
        UnusableInputError: one does.
    """
    seen: dict[str, str] = {}
    for side, pairs in (("train.jsonl", train), ("validation.jsonl", validation)):
        for pair in pairs:
            if not pair.question.strip():
                raise UnusableInputError(f"{pair.qa_id} in {side}: its question is empty; remove the pair.")
            if pair.qa_id in seen:
                raise UnusableInputError(
                    f"{pair.qa_id} in {side}: its id is in {seen[pair.qa_id]} already; remove one of the two."
                )
            seen[pair.qa_id] = side


def check_vocabulary(rows: Sequence[Row], config: TrainConfig) -> None:
    """Every token has a place in the model's vocabulary; a damaged tokenizer makes up new ones.

    Raises:
        ConfigurationError: one has none.
    """
    from transformers import AutoConfig

    size = int(AutoConfig.from_pretrained(config.base_model).get_text_config().vocab_size)
    for row in rows:
        if max(row.input_ids) >= size:
            raise ConfigurationError(
                f"train.base_model: its tokenizer gives {row.qa_id} the token {max(row.input_ids)}, and the model has "
                f"{size}; give the tokenizer files that belong to the model."
            )


def check_engine(config: TrainConfig) -> None:
    """Engine packed knows Qwen3 without dropout in its adapter, and 16 bit with the range of 32.

    Raises:
        ConfigurationError: the model or the settings are others.
        PrerequisiteMissingError: the GPU has no bfloat16.
    """
    if config.engine != "packed":
        return
    import torch
    from transformers import AutoConfig

    kind = AutoConfig.from_pretrained(config.base_model).model_type
    if kind != "qwen3" or config.lora_dropout:
        raise ConfigurationError(
            f"train.engine is packed, which knows qwen3 with lora_dropout 0 and not {kind} with {config.lora_dropout}; "
            f"set train.engine to transformers."
        )
    if torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
        raise PrerequisiteMissingError("train.engine is packed and this GPU has no bfloat16; set it to transformers.")


def count_parameters(config: TrainConfig) -> tuple[int, int]:
    """Parameters of the base model and of the adapter, from the model's configuration alone.

    Raises:
        ConfigurationError: train.target_modules names a layer that the model does not have.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(config.base_model))
    adapted, found = 0, set()
    for name, module in model.named_modules():
        layer = name.rsplit(".", 1)[-1]
        if layer in config.target_modules and isinstance(module, torch.nn.Linear):
            found.add(layer)
            adapted += config.lora_r * (module.in_features + module.out_features)
    missing = sorted(set(config.target_modules) - found)
    if missing:
        raise ConfigurationError(f"train.target_modules: the base model has no linear layer {', '.join(missing)}.")
    return model.num_parameters(), adapted


def check_disk(run_dir: Path, adapter_parameters: int) -> None:
    """The checkpoints that exist at once fit the disk.

    Raises:
        PrerequisiteMissingError: they do not.
    """
    needed = adapter_parameters * BYTES_PER_ADAPTER_PARAMETER * CHECKPOINTS_AT_ONCE
    free = shutil.disk_usage(run_dir).free
    if free < needed:
        raise PrerequisiteMissingError(
            f"{run_dir}: {free / 2**30:.2f} GiB free, checkpoints need {needed / 2**30:.2f}; free some or lower lora_r."
        )


def preflight(
    run_dir: Path,
    pairs: Sequence[QAPair],
    rows: Rows,
    prompts: dict[str, str],
    tokenizer: "PreTrainedTokenizerBase",
    config: TrainConfig,
    articles: Articles | None = None,
) -> Plan:
    """Check everything above; `pairs` are those of `rows.both`, in that order, `articles` what they were made with.

    Raises:
        ConfigurationError, UnusableInputError, PrerequisiteMissingError: the first check that fails.
    """
    for name, side in (("train.jsonl", rows.train), ("validation.jsonl", rows.validation)):
        if not side:
            raise UnusableInputError(f"{run_dir / name}: holds no pair; there is nothing to train on or to stop by.")
    check_pairs(pairs[: len(rows.train)], pairs[len(rows.train) :])
    check_text(pairs, rows.both, prompts, tokenizer, articles)
    rewritten = say_rewritten(pairs)
    check_vocabulary(rows.both, config)
    check_masks(pairs, rows.both, tokenizer)
    check_names(config)
    check_engine(config)
    longest = check_lengths(rows.both, config)
    steps = check_steps(len(rows.train), config)
    parameters, adapter_parameters = count_parameters(config)
    check_disk(run_dir, adapter_parameters)
    _log.info(
        "train: %d rows of %d tokens, %.0f%% of them answers; longest %d of %d; %d optimizer steps",
        len(rows.train),
        rows.train_tokens,
        100 * rows.answer_tokens / rows.train_tokens,
        longest,
        config.max_seq_length,
        steps,
    )
    return Plan(steps, longest, parameters, adapter_parameters, rewritten)
