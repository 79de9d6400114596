"""Checkpoints of a training: which of them are whole, which is the best, and whether there is anything left to do.

In: the folder that transformers' Trainer writes them to. Out: what its state says.
"""

import errno
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtune.tuning.spent import Spent, spent_of
from regtune.tuning.watch import is_stale, validation_losses

_log = logging.getLogger(__name__)
_STATE = "trainer_state.json"
_FULL = ("os error 27", "os error 28", "os error 122", "PytorchStreamWriter failed writing", "inline_container.cc")
"""How safetensors and torch.save say EFBIG, ENOSPC and EDQUOT; neither raises an OSError."""


@dataclass(frozen=True)
class Checkpoint:
    """A whole checkpoint."""

    folder: Path
    step: int
    planned_steps: int
    history: Sequence[Mapping[str, Any]]
    spent: Spent
    """Up to it, by every process that it took."""

    def is_last(self, patience: int) -> bool:
        """True when the training has done its steps, or has stopped early."""
        return is_stale(validation_losses(self.history), patience) or self.step >= self.planned_steps

    @property
    def best_step(self) -> int:
        """Of the lowest validation loss."""
        evaluations = [entry for entry in self.history if "eval_loss" in entry]
        return int(min(evaluations, key=lambda entry: entry["eval_loss"])["step"])


def is_disk_full(error: Exception) -> bool:
    """Whether a checkpoint could not be written for want of room, whichever library says so."""
    if isinstance(error, OSError):
        return error.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT)
    return any(words in str(error) for words in _FULL)


def last_checkpoint(work: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint; half-written ones are removed.

    The trainer writes its state last, so a checkpoint without a readable one was cut short by a kill.
    """
    whole = []
    for folder in work.glob("checkpoint-*"):
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            counts = state["global_step"], state["max_steps"], state["log_history"]
            whole.append(Checkpoint(folder, *counts, spent_of(state)))
        except (OSError, ValueError, KeyError):
            _log.info("train: %s is not whole and is removed", folder.name)
            shutil.rmtree(folder)
    return max(whole, key=lambda checkpoint: checkpoint.step, default=None)
