"""What a training has cost, over all the processes that it took.

In: what the checkpoint that is gone on from says of those before, and this process's pace. Out: a Spent, which the
next checkpoint carries. What an earlier process did after its last checkpoint was lost with it, and is not counted.
"""

import time
from collections.abc import Mapping
from typing import Any

from regtune.contracts import Contract
from regtune.gpu_driver import energy_joules
from regtune.tuning.pace import Pace

STATE = "Spent"
"""Its key among the callbacks' states in trainer_state.json."""


class Spent(Contract):
    """Of one training so far."""

    seconds: float = 0.0
    """Of the training loop, validation and checkpoints included."""
    step_seconds: float = 0.0
    """Of the optimizer steps alone."""
    tokens: int = 0
    """Trained on, prompts included, padding not."""
    energy_joules: float | None = 0.0
    """Of the GPUs, loading included; None where a driver did not tell."""

    @property
    def tokens_per_second(self) -> float:
        """Over the optimizer steps alone; 0.0 before the first."""
        return self.tokens / self.step_seconds if self.step_seconds else 0.0


class Meter:
    """Adds this process to those before it."""

    def __init__(self, earlier: Spent, pace: Pace) -> None:
        """Start reading the energy; `earlier` as the checkpoint has it that is gone on from."""
        self.pace = pace
        self._earlier = earlier
        self._energy = energy_joules()
        self._started = time.monotonic()

    def loaded(self) -> None:
        """Start the clock of the loop: the model is there."""
        self._started = time.monotonic()

    def spent(self) -> Spent:
        """All processes up to now."""
        earlier, energy = self._earlier, energy_joules()
        known = earlier.energy_joules is not None and self._energy is not None and energy is not None
        return Spent(
            seconds=earlier.seconds + time.monotonic() - self._started,
            step_seconds=earlier.step_seconds + self.pace.seconds,
            tokens=earlier.tokens + self.pace.tokens,
            energy_joules=earlier.energy_joules + energy - self._energy if known else None,  # type: ignore[operator]
        )


def spent_of(state: Mapping[str, Any]) -> Spent:
    """What a trainer's state carries; nothing in one of a version that did not count."""
    return Spent.model_validate((state.get("stateful_callbacks") or {}).get(STATE, {}))
