"""The training loop that the engines share: transformers' Trainer (TRL's, but for `packed`) over rows of tokens.

In: a model with an adapter, rows, settings, and a folder for checkpoints. Out: checkpoints there. Killed at any point,
it goes on from the last whole checkpoint and ends at the same losses. With torchrun's variables in the environment it
is one of several processes that share each step's rows, one a GPU; the first of them writes.
"""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import read_json, write_json
from regtune.config import TrainConfig
from regtune.errors import PrerequisiteMissingError
from regtune.tuning import unsloth_engine
from regtune.tuning.checkpoints import Checkpoint, is_disk_full, last_checkpoint
from regtune.tuning.layout import Layout, demand_of, fastest_layout
from regtune.tuning.models import free_memory_bytes
from regtune.tuning.order import PassSize, largest_pass
from regtune.tuning.rows import Rows
from regtune.tuning.spent import Meter
from regtune.tuning.trainer import make_trainer

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase, Trainer

    from regtune.tuning.packed import Packed

_log = logging.getLogger(__name__)
LAYOUT = "layout.json"


class LessAtATimeError(Exception):
    """Memory did not suffice in one of several processes; the next layout is written, and all have to begin again."""


def fit(
    model: "PeftModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Rows,
    config: TrainConfig,
    seed: int,
    work: Path,
    meter: Meter,
) -> None:
    """Train the model's adapter, or go on where an earlier process stopped.

    Args:
        model: from an engine's `trainable_model`.
        tokenizer: from `load_tokenizer`.
        rows: checked by `preflight`.
        config: the train section.
        seed: of the rows' order and of dropout.
        work: checkpoints and the layout; kept by the caller until the adapter is safe.
        meter: its pace is filled in as the training goes; every checkpoint carries what it says.

    Raises:
        ConfigurationError: a loss is no number.
        PrerequisiteMissingError: memory does not suffice for one row at a time, or the disk is full.
        LessAtATimeError: memory does not suffice, and this is one of several processes.
    """
    packed = _packed(model) if config.engine == "packed" else None
    layers = int(model.config.get_text_config().num_hidden_layers)
    layout = _layout(model, layers, rows, config, seed, work)
    untrained = _adapter(model)
    checkpoint = last_checkpoint(work)
    if checkpoint is not None:
        _log.info("train: going on from step %d", checkpoint.step)
    while checkpoint is None or not checkpoint.is_last(config.early_stopping_patience):
        if is_first():
            write_json(work / LAYOUT, layout)
        if packed:
            packed.arrange(layout.recomputed, whole_weights=layout.whole_weights)
        elif config.engine == "unsloth":
            unsloth_engine.arrange(model, recompute=layout.recomputed > 0)
        trainer = make_trainer(
            *(model, tokenizer, rows, config),
            seed=seed,
            work=work,
            before=checkpoint,
            meter=meter,
            layout=layout,
            processes=processes(),
        )
        smaller = _run(trainer, checkpoint, layout, layers, config)
        if smaller is None:
            break
        if processes() > 1:
            write_json(work / LAYOUT, smaller)
            raise LessAtATimeError
        layout, checkpoint = smaller, last_checkpoint(work)
        _restore(model, untrained)  # a checkpoint, if there is one, is loaded over it


def processes() -> int:
    """How many train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """True in the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def _packed(model: "PeftModel") -> "Packed":
    from regtune.tuning.packed import pack  # imports torch

    return pack(model)


def _layout(model: "PeftModel", layers: int, rows: Rows, config: TrainConfig, seed: int, work: Path) -> Layout:
    """As an earlier process had it, whose losses would be others with another; else the fastest that fits."""
    if (work / LAYOUT).is_file():
        return read_json(work / LAYOUT, Layout)
    lengths = [len(row.input_ids) for row in rows.train]

    def size_of(rows_a_pass: int) -> PassSize:
        size = largest_pass(lengths, config.batch_size, rows_a_pass, seed, config.epochs)
        return size if config.engine == "packed" else PassSize(size.cells, size.cells)

    layout = fastest_layout(
        demand_of(model.get_base_model(), config),
        size_of,
        config,
        layers=layers,
        processes=processes(),
        free=_least(free_memory_bytes(config)),
    )
    _log.info(
        "train: %s, %d rows at a time, %d times a step, %d of %d layers computed again, weights %s",
        "no padding" if config.engine == "packed" else "padding",
        *(layout.rows, layout.times, layout.recomputed, layers),
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


def _run(
    trainer: "Trainer", before: Checkpoint | None, layout: Layout, layers: int, config: TrainConfig
) -> Layout | None:
    """Train to the end, from a checkpoint where there is one; returns a smaller layout when memory did not suffice."""
    import torch
    from safetensors import SafetensorError

    in_order = config.deterministic and config.engine == "packed"
    try:
        with _adding_in_order() if in_order else contextlib.nullcontext():
            trainer.train(resume_from_checkpoint=str(before.folder) if before is not None else None)
    except torch.OutOfMemoryError as error:
        smaller = layout.smaller(layers)
        if smaller is None:
            raise PrerequisiteMissingError(
                f"train: memory is full with one row at a time; lower train.max_seq_length ({config.max_seq_length})."
            ) from error
    except (OSError, RuntimeError, SafetensorError) as error:
        if not is_disk_full(error):
            raise
        raise PrerequisiteMissingError(
            f"{trainer.args.output_dir}: the disk is full and the checkpoint of step {trainer.state.global_step} could "
            f"not be written; make room and start again: it goes on from the checkpoint before."
        ) from error
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


@contextlib.contextmanager
def _adding_in_order() -> Iterator[None]:
    """Have the GPU add up in the same order every time; the attention's backward pass does not by itself.

    An operation that has no such order raises a RuntimeError that names it.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS is used for the first time
    import torch
    import torch.utils.deterministic

    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(mode=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # finds errors in programs, and costs time
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=before[0])
        torch.utils.deterministic.fill_uninitialized_memory = before[1]


def _adapter(model: "PeftModel") -> dict[str, Any]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}


def _restore(model: "PeftModel", weights: Mapping[str, Any]) -> None:
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name in weights:
                weight.copy_(weights[name])
                weight.grad = None
