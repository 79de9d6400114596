"""The training loop that both engines share: TRL's SFTTrainer over rows that are already tokens.

In: a model with an adapter, rows, settings, and a folder for checkpoints. Out: the folder of the best checkpoint and
the curves. Killed at any point, it goes on from the last whole checkpoint and ends at the same losses.
"""

import json
import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.config import TrainConfig
from regtune.errors import PrerequisiteMissingError
from regtune.tuning.models import compute_dtype
from regtune.tuning.rows import Row, Rows
from regtune.tuning.watch import Pace, is_stale, validation_losses, watcher

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase
    from transformers.integrations import TensorBoardCallback
    from trl import SFTConfig, SFTTrainer

_log = logging.getLogger(__name__)
_STATE = "trainer_state.json"
TENSORBOARD = "tensorboard"
"""Folder of the event files, below `work`: `tensorboard --logdir` follows a training in it."""


@dataclass(frozen=True)
class Fit:
    """How a training went."""

    checkpoint: Path
    """Of the best validation loss."""
    best_step: int
    steps: int
    history: Sequence[Mapping[str, Any]]
    """The trainer's log, whole even after a resume."""
    resumed_from_step: int
    seconds: float
    tokens_per_second: float
    rows_at_a_time: int
    """As configured, or as many as memory took."""


def fit(
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    seed: int,
    work: Path,
) -> Fit:
    """Train the model's adapter, or go on where an earlier process stopped.

    Args:
        model: from an engine's `trainable_model`.
        tokenizer: from `load_tokenizer`.
        rows: checked by `preflight`.
        config: the train section.
        seed: of the data's order and of dropout.
        work: checkpoints; kept by the caller until the adapter is safe.

    Raises:
        ConfigurationError: a loss is no number.
        PrerequisiteMissingError: memory does not suffice for one row at a time.
    """
    pace, started = Pace(), time.monotonic()
    before = last_checkpoint(work)
    if before is not None:
        _log.info("train: going on from step %d", before.step)
    batch = Batch(config.batch_size, config.gradient_accumulation_steps)
    untrained = _adapter(model)
    while (checkpoint := last_checkpoint(work)) is None or not _is_finished(checkpoint, config):
        trainer = _trainer(model, tokenizer, rows, config, seed=seed, work=work, pace=pace, batch=batch)
        trainer.add_callback(_events(work / TENSORBOARD, checkpoint))
        smaller = _run(trainer, checkpoint, batch, config)
        if smaller is None:
            break
        batch = smaller
        _restore(model, untrained)  # a checkpoint, if there is one, is loaded over it
    after = last_checkpoint(work)
    assert after is not None, "the trainer ends every epoch with a checkpoint"
    best_step = _best_step(after.history)
    return Fit(
        checkpoint=work / f"checkpoint-{best_step}",
        best_step=best_step,
        steps=after.step,
        history=after.history,
        resumed_from_step=before.step if before is not None else 0,
        seconds=time.monotonic() - started,
        tokens_per_second=pace.tokens_per_second,
        rows_at_a_time=batch.rows,
    )


@dataclass(frozen=True)
class Batch:
    """How the rows of one optimizer step go through the model."""

    rows: int
    """At a time."""
    times: int
    """Forward and backward passes a step."""

    def smaller(self) -> "Batch | None":
        """The next smaller one with as many rows a step; None for one row at a time."""
        rows = next((n for n in range(self.rows // 2, 0, -1) if self.rows % n == 0), None)
        return None if rows is None else Batch(rows, self.times * self.rows // rows)


def _trainer(  # noqa: PLR0913 - what a training is made of
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    *,
    seed: int,
    work: Path,
    pace: Pace,
    batch: Batch,
) -> "SFTTrainer":
    """The trainer on rows that are already encoded."""
    from transformers import PrinterCallback
    from trl import SFTTrainer
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    trainer = SFTTrainer(
        model=model,
        args=_arguments(config, seed, work, batch),
        train_dataset=_dataset(rows.train),
        eval_dataset=_dataset(rows.validation),
        processing_class=tokenizer,
        data_collator=DataCollatorForLanguageModeling(pad_token_id=tokenizer.pad_token_id),
        callbacks=[watcher(config, pace)],
    )
    trainer.remove_callback(PrinterCallback)
    for parameter in model.parameters():
        if parameter.requires_grad:  # SFTTrainer made the adapter bfloat16, in which Adam's small steps are lost
            parameter.data = parameter.data.float()
    return trainer


def _run(trainer: "SFTTrainer", before: "Checkpoint | None", batch: Batch, config: TrainConfig) -> Batch | None:
    """Train to the end, from a checkpoint where there is one; returns a smaller batch when memory did not suffice."""
    import torch

    try:
        trainer.train(resume_from_checkpoint=str(before.folder) if before is not None else None)
    except torch.OutOfMemoryError as error:
        smaller = batch.smaller()
        if smaller is None:
            remedy = "" if config.gradient_checkpointing else " turn on train.gradient_checkpointing or"
            message = f"train: memory is full with one row at a time;{remedy} lower train.max_seq_length"
            raise PrerequisiteMissingError(f"{message} ({config.max_seq_length}).") from error
    else:
        return None
    _log.info(
        "train: memory is full with %d rows at a time; going on with %d, %d times a step", batch.rows, *astuple(smaller)
    )
    trainer.accelerator.free_memory()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return smaller


def _events(folder: Path, before: "Checkpoint | None") -> "TensorBoardCallback":
    """Event files for TensorBoard; what an earlier process wrote after its last checkpoint is struck out."""
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    purge_step = before.step + 1 if before is not None else None
    return TensorBoardCallback(SummaryWriter(log_dir=str(folder), purge_step=purge_step))


def _adapter(model: "PeftModel") -> dict[str, Any]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}


def _restore(model: "PeftModel", weights: Mapping[str, Any]) -> None:
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name in weights:
                weight.copy_(weights[name])
                weight.grad = None


@dataclass(frozen=True)
class Checkpoint:
    """A whole checkpoint."""

    folder: Path
    step: int
    planned_steps: int
    history: Sequence[Mapping[str, Any]]


def last_checkpoint(work: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint; half-written ones are removed.

    The trainer writes its state last, so a checkpoint without a readable one was cut short by a kill.
    """
    whole = []
    for folder in work.glob("checkpoint-*"):
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            whole.append(Checkpoint(folder, state["global_step"], state["max_steps"], state["log_history"]))
        except (OSError, ValueError, KeyError):
            _log.info("train: %s is not whole and is removed", folder.name)
            shutil.rmtree(folder)
    return max(whole, key=lambda checkpoint: checkpoint.step, default=None)


def _is_finished(checkpoint: Checkpoint, config: TrainConfig) -> bool:
    stale = is_stale(validation_losses(checkpoint.history), config.early_stopping_patience)
    return stale or checkpoint.step >= checkpoint.planned_steps


def _best_step(history: Sequence[Mapping[str, Any]]) -> int:
    evaluations = [entry for entry in history if "eval_loss" in entry]
    return int(min(evaluations, key=lambda entry: entry["eval_loss"])["step"])


def _dataset(rows: Sequence[Row]) -> "Dataset":
    from datasets import Dataset

    return Dataset.from_list([{"input_ids": list(row.input_ids), "labels": row.labels} for row in rows])


def _arguments(config: TrainConfig, seed: int, work: Path, batch: Batch) -> "SFTConfig":
    import torch
    from trl import SFTConfig

    dtype = compute_dtype()
    arguments = SFTConfig(
        output_dir=str(work),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=batch.rows,
        per_device_eval_batch_size=batch.rows,
        gradient_accumulation_steps=batch.times,
        gradient_checkpointing=config.gradient_checkpointing,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim=config.optimizer,
        seed=seed,
        data_seed=seed,
        bf16=dtype == torch.bfloat16,
        fp16=dtype == torch.float16,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        max_length=config.max_seq_length,
        dataset_kwargs={"skip_prepare_dataset": True},  # rows are tokens with labels already
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        metric_for_best_model="eval_loss",  # the best checkpoint is never rotated away
        greater_is_better=False,
        prediction_loss_only=True,
        logging_steps=1,  # every loss is looked at; Watcher prints one in train.logging_steps
        logging_nan_inf_filter=False,
        include_num_input_tokens_seen="non_padding",
        disable_tqdm=True,
        report_to="none",
    )
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1  # noqa: SLF001 - one process trains on one GPU; else the batch grows with the GPUs
    return arguments
