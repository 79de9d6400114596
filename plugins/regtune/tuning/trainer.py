"""The trainer that the engines share: transformers' own, or TRL's, with the settings of the train section.

In: a model with an adapter, rows of tokens, a Layout. Out: a transformers Trainer that is ready to train.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.config import TrainConfig
from regtune.tuning.checkpoints import Checkpoint
from regtune.tuning.layout import Layout
from regtune.tuning.models import compute_dtype
from regtune.tuning.order import StepOrder
from regtune.tuning.rows import BLANK, Row, Rows
from regtune.tuning.spent import Meter
from regtune.tuning.watch import watched, watcher

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase, Trainer
    from transformers.integrations import TensorBoardCallback
    from trl import SFTConfig

TENSORBOARD = "tensorboard"
"""Folder of the event files, below `work`: `tensorboard --logdir` follows a training in it."""


def make_trainer(  # noqa: PLR0913 - what a training is made of
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    *,
    seed: int,
    work: Path,
    before: Checkpoint | None,
    meter: Meter,
    layout: Layout,
    processes: int,
) -> "Trainer":
    """Make the trainer on rows that are already encoded; the first process writes TensorBoard's events below `work`.

    Args:
        model: with the adapter.
        tokenizer: for its padding token, and to lie beside the checkpoints.
        rows: of both sides.
        config: the train section.
        seed: of the order and of dropout.
        work: checkpoints' folder.
        before: the checkpoint that is gone on from.
        meter: its pace is filled in as the training goes.
        layout: how the rows of a step are cut.
        processes: how many share them.
    """
    from transformers import PrinterCallback, Trainer
    from trl import SFTTrainer
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    lengths = [len(row.input_ids) for row in rows.train]
    order = StepOrder(lengths, config.batch_size, layout.rows, seed, processes)
    made_by = watched(Trainer if config.engine == "packed" else SFTTrainer, rows.train, order, config)
    trainer: Trainer = made_by(
        model=model,
        args=_arguments(config, seed, work, layout),
        train_dataset=_dataset([*rows.train, BLANK]),
        eval_dataset=_dataset(rows.validation),
        processing_class=tokenizer,
        # given one, Unsloth pads: twice as fast on one H200 as its own batches without padding (train_speed.py)
        data_collator=DataCollatorForLanguageModeling(pad_token_id=tokenizer.pad_token_id),
        callbacks=[watcher(config, meter)],
    )
    trainer.remove_callback(PrinterCallback)
    if trainer.is_world_process_zero():
        trainer.add_callback(_events(work / TENSORBOARD, before))
    for parameter in model.parameters():
        if parameter.requires_grad:  # SFTTrainer made the adapter bfloat16, in which Adam's small steps are lost
            parameter.data = parameter.data.float()
    return trainer


def _events(folder: Path, before: Checkpoint | None) -> "TensorBoardCallback":
    """Event files for TensorBoard; what an earlier process wrote after its last checkpoint is struck out."""
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    purge_step = before.step + 1 if before is not None else None
    if before is None:
        shutil.rmtree(folder, ignore_errors=True)  # of a process that was ended before its first checkpoint
    return TensorBoardCallback(SummaryWriter(log_dir=str(folder), purge_step=purge_step))


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
        gradient_checkpointing=casts and layout.recomputed > 0,
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
