"""The training loop that the engines share: transformers' Trainer (TRL's, but for `packed`) over rows of tokens.

In: a model with an adapter, rows, settings, and a folder for checkpoints. Out: checkpoints there, and the pace. Killed
at any point, it goes on from the last whole checkpoint and ends at the same losses. With torchrun's variables in the
environment it is one of several processes that share each step's rows, one a GPU; the first of them writes.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import read_json, write_json
from regtune.config import TrainConfig
from regtune.errors import PrerequisiteMissingError
from regtune.tuning.checkpoints import Checkpoint, last_checkpoint
from regtune.tuning.layout import Layout, demand_of, fastest_layout
from regtune.tuning.models import compute_dtype, free_memory_bytes
from regtune.tuning.order import StepOrder, most_tokens
from regtune.tuning.rows import Row, Rows
from regtune.tuning.watch import Pace, watched, watcher

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase, Trainer
    from transformers.integrations import TensorBoardCallback
    from trl import SFTConfig

    from regtune.tuning.packed import Packed

_log = logging.getLogger(__name__)
LAYOUT = "layout.json"
TENSORBOARD = "tensorboard"
"""Folder of the event files, below `work`: `tensorboard --logdir` follows a training in it."""


class LessAtATimeError(Exception):
    """Memory did not suffice in one of several processes; the next layout is written, and all have to begin again."""


def fit(
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    seed: int,
    work: Path,
) -> Pace:
    """Train the model's adapter, or go on where an earlier process stopped.

    Args:
        model: from an engine's `trainable_model`.
        tokenizer: from `load_tokenizer`.
        rows: checked by `preflight`.
        config: the train section.
        seed: of the rows' order and of dropout.
        work: checkpoints and the layout; kept by the caller until the adapter is safe.

    Raises:
        ConfigurationError: a loss is no number.
        PrerequisiteMissingError: memory does not suffice for one row at a time.
        LessAtATimeError: memory does not suffice, and this is one of several processes.
    """
    pace = Pace()
    packed = _packed(model) if config.engine == "packed" else None
    layers = len(packed.layers) if packed else 0
    layout = _layout(packed, rows, config, seed, work)
    untrained = _adapter(model)
    checkpoint = last_checkpoint(work)
    if checkpoint is not None:
        _log.info("train: going on from step %d", checkpoint.step)
    while checkpoint is None or not checkpoint.is_last(config.early_stopping_patience):
        if is_first():
            write_json(work / LAYOUT, layout)
        if packed:
            packed.arrange(layout.recomputed, whole_weights=layout.whole_weights)
        trainer = _trainer(model, tokenizer, rows, config, seed=seed, work=work, pace=pace, layout=layout)
        if is_first():
            trainer.add_callback(_events(work / TENSORBOARD, checkpoint))
        smaller = _run(trainer, checkpoint, layout, layers, config)
        if smaller is None:
            break
        if processes() > 1:
            write_json(work / LAYOUT, smaller)
            raise LessAtATimeError
        layout, checkpoint = smaller, last_checkpoint(work)
        _restore(model, untrained)  # a checkpoint, if there is one, is loaded over it
    return pace


def processes() -> int:
    """How many train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """True in the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def _packed(model: "PeftModel") -> "Packed":
    from regtune.tuning.packed import pack  # imports torch

    return pack(model)


def _layout(packed: "Packed | None", rows: Rows, config: TrainConfig, seed: int, work: Path) -> Layout:
    """As an earlier process had it, whose losses would be others with another; else the fastest that fits."""
    if (work / LAYOUT).is_file():
        return read_json(work / LAYOUT, Layout)
    if packed is None:
        share = config.batch_size // processes()
        most = min(config.rows_at_a_time or share, share)
        fitting = next(n for n in range(most, 0, -1) if share % n == 0)
        return Layout(rows=fitting, times=share // fitting)
    lengths = [len(row.input_ids) for row in rows.train]
    layout = fastest_layout(
        demand_of(packed, config),
        lambda rows_a_pass: most_tokens(lengths, config.batch_size, rows_a_pass, seed, config.epochs),
        config,
        layers=len(packed.layers),
        processes=processes(),
        free=_least(free_memory_bytes(config)),
    )
    _log.info(
        "train: %d rows at a time, %d times a step, %d of %d layers computed again, weights %s",
        *(layout.rows, layout.times, layout.recomputed, len(packed.layers)),
        "in 16 bit beside their 4" if layout.whole_weights else "in 4 bit",
    )
    return layout


def _least(free: int) -> int:
    """Of all processes, so that they choose alike."""
    if processes() == 1:
        return free
    import torch
    from accelerate import PartialState  # type: ignore[import-not-found]
    from accelerate.utils import gather_object  # type: ignore[import-not-found]

    PartialState(cpu=not torch.cuda.is_available())
    return int(min(gather_object([free])))


def _trainer(  # noqa: PLR0913 - what a training is made of
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    *,
    seed: int,
    work: Path,
    pace: Pace,
    layout: Layout,
) -> "Trainer":
    """The trainer on rows that are already encoded."""
    from transformers import PrinterCallback, Trainer
    from trl import SFTTrainer
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    lengths = [len(row.input_ids) for row in rows.train]
    order = StepOrder(lengths, config.batch_size, layout.rows, seed)
    made_by = watched(Trainer if config.engine == "packed" else SFTTrainer, rows.train, order, config)
    trainer: Trainer = made_by(
        model=model,
        args=_arguments(config, seed, work, layout),
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


def _run(
    trainer: "Trainer", before: Checkpoint | None, layout: Layout, layers: int, config: TrainConfig
) -> Layout | None:
    """Train to the end, from a checkpoint where there is one; returns a smaller layout when memory did not suffice."""
    import torch

    try:
        trainer.train(resume_from_checkpoint=str(before.folder) if before is not None else None)
    except torch.OutOfMemoryError as error:
        smaller = layout.smaller(layers)
        if smaller is None:
            remedy = "" if layers or config.gradient_checkpointing else " turn on train.gradient_checkpointing or"
            message = f"train: memory is full with one row at a time;{remedy} lower train.max_seq_length"
            raise PrerequisiteMissingError(f"{message} ({config.max_seq_length}).") from error
    else:
        return None
    _log.info(
        "train: memory is full with %d rows at a time; going on with %d, %d times a step, %d layers computed again",
        *(layout.rows, smaller.rows, smaller.times, smaller.recomputed),
    )
    trainer.accelerator.free_memory()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return smaller


def _events(folder: Path, before: Checkpoint | None) -> "TensorBoardCallback":
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


def _dataset(rows: Sequence[Row]) -> "Dataset":
    from datasets import Dataset

    return Dataset.from_list([{"input_ids": list(row.input_ids), "labels": row.labels} for row in rows])


def _arguments(config: TrainConfig, seed: int, work: Path, layout: Layout) -> "SFTConfig":
    import torch
    from trl import SFTConfig

    dtype = compute_dtype()
    casts = config.engine != "packed"  # which casts by itself
    arguments = SFTConfig(
        output_dir=str(work),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=layout.rows,
        per_device_eval_batch_size=layout.rows,
        gradient_accumulation_steps=layout.times,
        gradient_checkpointing=casts and bool(config.gradient_checkpointing),
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim=config.optimizer,
        seed=seed,
        data_seed=seed,
        bf16=casts and dtype == torch.bfloat16,
        fp16=casts and dtype == torch.float16,
        use_cpu=not torch.cuda.is_available(),
        ddp_find_unused_parameters=False,
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
