"""How fast a training goes in this process.

In: the trainer's own counts of steps and tokens. Out: tokens a second, and the time left.
"""

import time


class Pace:
    """Steps, tokens and seconds of training in this process; validation and checkpoints are left out."""

    def __init__(self) -> None:
        """Nothing trained yet."""
        self.steps = 0
        self.tokens = 0
        self.seconds = 0.0
        self.step_seconds: list[float] = []
        self._mark = (0, 0, 0.0)

    def start(self, step: int, tokens: int) -> None:
        """Count from here; both are the trainer's own counts."""
        self._mark = (step, tokens, time.monotonic())

    def take(self, step: int, tokens: int) -> None:
        """Add what was done since `start` or the last `take`."""
        mark = self._mark
        self.start(step, tokens)
        self.steps += step - mark[0]
        self.tokens += tokens - mark[1]
        self.seconds += self._mark[2] - mark[2]
        self.step_seconds += [(self._mark[2] - mark[2]) / max(step - mark[0], 1)] * (step - mark[0])

    @property
    def tokens_per_second(self) -> float:
        """Prompts included, padding not; 0.0 before the first step."""
        return self.tokens / self.seconds if self.seconds else 0.0

    def seconds_left(self, steps: int) -> float:
        """Time for so many more steps, validation not counted."""
        return steps * self.seconds / max(self.steps, 1)
