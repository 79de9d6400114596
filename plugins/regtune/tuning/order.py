"""The order in which rows are trained on.

In: the rows' lengths, rows a step, how many pass through a model together, a seed. Out: indices. Which rows make a step
is drawn anew each epoch from the seed alone; within a step they are dealt out so that each pass has as many tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PassSize:
    """What goes through a model at once."""

    tokens: int
    cells: int
    """Rows times the longest of them: attention sees the rows padded."""


class StepOrder:
    """A sampler, in the sense of torch's DataLoader."""

    def __init__(
        self, lengths: Sequence[int], rows_a_step: int, rows_a_pass: int, seed: int, processes: int = 1
    ) -> None:
        """Take the rows' tokens, how many rows an optimizer step has, how many a pass, and who takes turns at passes.

        Processes that share a step need passes alike: where the last step of an epoch has too few rows, the index
        `len(lengths)` stands for a row of which nothing is learnt. Without it accelerate would repeat rows.
        """
        self._lengths = lengths
        self._rows_a_step = rows_a_step
        self._rows_a_pass = rows_a_pass
        self._seed = seed
        self._processes = processes
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw the order of this epoch from now on; the trainer calls it, also where it goes on in the middle."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Rows of an epoch, blank ones too."""
        whole_steps, rest = divmod(len(self._lengths), self._rows_a_step)
        return whole_steps * self._rows_a_step + sum(self._sizes(rest))

    def __iter__(self) -> Iterator[int]:
        """Indices of one epoch."""
        for rows in self.passes():
            yield from rows

    def passes(self) -> Iterator[list[int]]:
        """Indices of one epoch, a pass at a time."""
        import torch

        generator = torch.Generator().manual_seed(self._seed + self._epoch)
        drawn: list[int] = torch.randperm(len(self._lengths), generator=generator).tolist()
        for first in range(0, len(drawn), self._rows_a_step):
            step = drawn[first : first + self._rows_a_step]
            step.sort(key=lambda index: (-self._lengths[index], index))
            sizes = self._sizes(len(step))
            dealt: list[list[int]] = [[] for _ in sizes]
            for index in step:  # the longest first, each to the pass with the fewest tokens that has room
                open_ones = [n for n, size in enumerate(sizes) if len(dealt[n]) < size]
                dealt[min(open_ones, key=lambda n: sum(self._lengths[i] for i in dealt[n]))].append(index)
            blank = len(self._lengths)
            yield from (rows + [blank] * (size - len(rows)) for rows, size in zip(dealt, sizes, strict=True))

    def _sizes(self, rows: int) -> list[int]:
        """Rows of each pass of a step."""
        whole_passes, rest = divmod(rows, self._rows_a_pass)
        if self._processes == 1:
            return [self._rows_a_pass] * whole_passes + [rest] * (rest > 0)
        turns = -(-rows // (self._rows_a_pass * self._processes))
        return [self._rows_a_pass] * (turns * self._processes)


def largest_pass(lengths: Sequence[int], rows_a_step: int, rows_a_pass: int, seed: int, epochs: int) -> PassSize:
    """The most tokens, and the most cells, of any pass of all epochs."""
    tokens = cells = 0
    for epoch in range(epochs):
        order = StepOrder(lengths, rows_a_step, rows_a_pass, seed)
        order.set_epoch(epoch)
        for rows in order.passes():
            tokens = max(tokens, sum(lengths[index] for index in rows))
            cells = max(cells, len(rows) * max(lengths[index] for index in rows))
    return PassSize(tokens, cells)
