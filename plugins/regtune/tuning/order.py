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

    def __init__(self, lengths: Sequence[int], rows_a_step: int, rows_a_pass: int, seed: int) -> None:
        """Take the rows' tokens, how many rows an optimizer step has, and how many of them a pass."""
        self._lengths = lengths
        self._rows_a_step = rows_a_step
        self._rows_a_pass = rows_a_pass
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw the order of this epoch from now on; the trainer calls it, also where it goes on in the middle."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Rows of an epoch."""
        return len(self._lengths)

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
            sizes = [len(step[start : start + self._rows_a_pass]) for start in range(0, len(step), self._rows_a_pass)]
            dealt: list[list[int]] = [[] for _ in sizes]
            for index in step:  # the longest first, each to the pass with the fewest tokens that has room
                open_ones = [n for n, size in enumerate(sizes) if len(dealt[n]) < size]
                dealt[min(open_ones, key=lambda n: sum(self._lengths[i] for i in dealt[n]))].append(index)
            yield from dealt


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
