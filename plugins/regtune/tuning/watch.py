"""Watching a training: log lines, speed, the stop at a loss that is no number, and early stopping.

In: what transformers' Trainer reports at each step. Out: lines in the log, and the order to stop. It keeps no state
that a resumed training would lack: losses are read from the trainer's own history, which its checkpoints carry.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from regtune.config import TrainConfig
from regtune.errors import ConfigurationError
from regtune.tuning.models import peak_memory_bytes
from regtune.tuning.order import StepOrder
from regtune.tuning.pace import Pace
from regtune.tuning.rows import UNTRAINED, Row
from regtune.tuning.spent import STATE, Meter

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState

_log = logging.getLogger(__name__)
History = Sequence[Mapping[str, Any]]
"""TrainerState.log_history: one entry a step with `loss`, one an evaluation with `eval_loss`."""


def validation_losses(history: History) -> list[float]:
    """Every validation loss so far, oldest first."""
    return [float(entry["eval_loss"]) for entry in history if "eval_loss" in entry]


def is_stale(losses: Sequence[float], patience: int) -> bool:
    """True when the best of the losses is `patience` evaluations old or older; patience 0 never is."""
    return patience > 0 and bool(losses) and len(losses) - 1 - losses.index(min(losses)) >= patience


def watcher(config: TrainConfig, meter: Meter) -> "TrainerCallback":
    """Make the trainer's callback; the meter's pace is filled in as it goes."""
    from transformers import TrainerCallback

    pace = meter.pace

    class Watcher(TrainerCallback):  # type: ignore[misc]  # its base is untyped
        def on_epoch_begin(self, _args: object, state: "TrainerState", _control: object, **_: object) -> None:
            pace.start(state.global_step, int(state.num_input_tokens_seen))

        def on_epoch_end(self, _args: object, state: "TrainerState", _control: object, **_: object) -> None:
            pace.take(state.global_step, int(state.num_input_tokens_seen))

        def on_log(self, _args: object, state: "TrainerState", _control: object, **_: object) -> None:
            entry = state.log_history[-1]
            require_number(entry, config)
            if "loss" in entry:
                pace.take(state.global_step, int(state.num_input_tokens_seen))
                if state.global_step % config.logging_steps == 0:
                    _log_step(state, config, pace)

        def on_evaluate(self, _args: object, state: "TrainerState", control: "TrainerControl", **_: object) -> None:
            losses = validation_losses(state.log_history)
            state.stateful_callbacks[STATE] = meter.spent().model_dump()  # saved with the checkpoint that follows
            note = ", the best so far" if losses[-1] == min(losses) else ""
            _log.info("train: epoch %.0f/%d, validation loss %.3f%s", state.epoch, config.epochs, losses[-1], note)
            if is_stale(losses, config.early_stopping_patience):
                control.should_training_stop = True

    return Watcher()


def watched(made_by: "type[Trainer]", rows: Sequence[Row], order: StepOrder, config: TrainConfig) -> "type[Trainer]":
    """Make a trainer that takes rows in this order and stops before a loss that is no number reaches the adapter."""
    import torch
    from torch.utils.data import DataLoader

    class Watched(made_by):  # type: ignore[misc]  # TRL's or transformers'
        def _get_train_sampler(self, _dataset: object = None) -> StepOrder:
            return order

        def training_step(self, model: "Module", inputs: dict[str, "Tensor"], *arguments: "Tensor") -> "Tensor":
            names = [name for name in ("input_ids", "attention_mask", "labels") if name in inputs]
            trained = (inputs["labels"] != UNTRAINED).any(dim=1).nonzero().flatten().tolist()
            alone = [{name: inputs[name][index : index + 1] for name in names} for index in trained]
            loss: Tensor = super().training_step(model, inputs, *arguments)
            if not torch.isfinite(loss):
                with torch.no_grad():
                    losses = [float(self.model(**self._prepare_inputs(row))["loss"]) for row in alone]
                bad = [row for row, value in zip(alone, losses, strict=True) if not math.isfinite(value)] or alone
                raise not_a_number(
                    float(loss), self.state.global_step + 1, [_name(row["input_ids"], rows) for row in bad], config
                )
            return loss

        def evaluate(self, *_: object, **__: object) -> dict[str, float]:
            """Mean cross entropy over the answer tokens of all validation rows.

            transformers means the means of batches, so that the same adapter had another loss with other batches, and
            repeats rows where processes cannot share them evenly. Here each process looks at all of them: they are few.
            """
            self.model.eval()
            loader = DataLoader(
                self.eval_dataset, batch_size=self.args.per_device_eval_batch_size, collate_fn=self.data_collator
            )
            summed, count = 0.0, 0
            for inputs in loader:
                tokens = int((inputs["labels"] != UNTRAINED).sum())
                loss, _, _ = self.prediction_step(self.model, inputs, prediction_loss_only=True)
                summed, count = summed + float(loss) * tokens, count + tokens
            metrics = {"eval_loss": summed / count}
            self.log(metrics)
            decide = self.callback_handler.on_evaluate
            self.control = decide(self.args, self.state, self.control, metrics)  # type: ignore[has-type]
            return metrics

    return Watched


def _name(tokens: "Tensor", rows: Sequence[Row]) -> str:
    """The qa_id of a row, padded or not, by its tokens."""
    found = tokens[0].tolist()
    return next(row.qa_id for row in rows if list(row.input_ids) == found[: len(row.input_ids)])


def _log_step(state: "TrainerState", config: TrainConfig, pace: Pace) -> None:
    recent = [entry["loss"] for entry in state.log_history if "loss" in entry][-config.logging_steps :]
    _log.info(
        "train: step %d/%d, loss %.3f, %.0f tokens/s, %.1f GiB at most, %.0f s left",
        state.global_step,
        state.max_steps,
        sum(recent) / len(recent),
        pace.tokens_per_second,
        peak_memory_bytes() / 2**30,
        pace.seconds_left(state.max_steps - state.global_step),
    )


def require_number(entry: Mapping[str, Any], config: TrainConfig) -> None:
    """Stop at a loss that is no number.

    Raises:
        ConfigurationError: names the step.
    """
    for name in ("loss", "eval_loss"):
        if name in entry and not math.isfinite(entry[name]):
            raise not_a_number(entry[name], entry["step"], [], config)


def not_a_number(loss: float, step: int, qa_ids: Sequence[str], config: TrainConfig) -> ConfigurationError:
    """The error for such a loss; `qa_ids` are the rows that gave it, where they are known."""
    rows = f" in {', '.join(qa_ids[:4])}{', ...' if len(qa_ids) > 4 else ''}" if qa_ids else ""  # noqa: PLR2004
    return ConfigurationError(
        f"train: loss is {loss} at step {step}{rows}; "
        f"lower train.learning_rate ({config.learning_rate}) or train.max_grad_norm ({config.max_grad_norm})."
    )
