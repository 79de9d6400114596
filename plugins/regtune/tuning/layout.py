"""How the rows of an optimizer step go through the card: as fast as its memory allows, the step's rows as configured.

In: the model's shape, the rows' lengths, free memory. Out: a Layout; `smaller` where memory proves too small for it.
The figures of bytes are counted from what `packed` keeps for the backward pass; those of time, and what the other
engines keep beside it, were measured by tests/bench/gpu/train_speed.py on one H200.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regtune.config import TrainConfig
from regtune.contracts import Contract
from regtune.tuning.models import compute_dtype
from regtune.tuning.order import PassSize

if TYPE_CHECKING:
    from transformers import PreTrainedModel

UNPACKING_TOKENS = 270
"""Making every weight 16 bit once takes as long as so many tokens forward."""
PASS_TOKENS = 2000
"""What a forward and backward pass costs beside its tokens, in the same measure."""
SPARE_BYTES = 320 * 2**20
"""What the kernels need beside, and memory in pieces too small to use."""


@dataclass(frozen=True)
class Habits:
    """What an engine keeps in memory, as shares of what `packed` would keep if padding were text."""

    kept: float
    working: float
    recomputed: float


OTHERS = {
    "unsloth": Habits(kept=1.0, working=1.0, recomputed=0.0),
    "transformers": Habits(kept=2.0, working=1.3, recomputed=1.0),
}
"""Unsloth sends the inputs of layers that it computes again to the CPU's memory."""


class Layout(Contract):
    """How the rows of one optimizer step go through the model."""

    rows: int
    """At a time, on each of the processes."""
    times: int
    """Forward and backward passes a step, of each process."""
    recomputed: int = 0
    """Layers whose activations are computed again in the backward pass."""
    whole_weights: bool = False
    """True: the weights' 16 bit are kept beside their 4."""

    def smaller(self, layers: int) -> "Layout | None":
        """The next one that takes less memory, with as many rows a step; None for one row, everything recomputed."""
        if self.recomputed < layers or self.whole_weights:
            return self.model_copy(update={"recomputed": layers, "whole_weights": False})
        rows = next((n for n in range(self.rows // 2, 0, -1) if self.rows % n == 0), None)
        if rows is None:
            return None
        return self.model_copy(update={"rows": rows, "times": self.times * self.rows // rows})


@dataclass(frozen=True)
class Demand:
    """Bytes that training takes beside the model as it is loaded."""

    fixed: int
    """Gradients and optimizer of the adapter, two weights made 16 bit, `SPARE_BYTES`."""
    whole_weights: int
    kept: int
    """A token of a layer whose activations are kept, but for attention's."""
    padded: int
    """A cell of such a layer, and of the one that is at work: attention's heads and output, whose rows are padded."""
    recomputed: int
    """A token of a layer that is computed again: its input."""
    working: int
    """A token, of the one layer that is at work."""

    def of(self, layout: Layout, size: PassSize, layers: int) -> int:
        """Bytes of a layout when so much goes through at once."""
        kept = layers - layout.recomputed
        activations = size.tokens * (layout.recomputed * self.recomputed + kept * self.kept + self.working)
        activations += size.cells * (kept + 1) * self.padded
        return self.fixed + activations + (self.whole_weights if layout.whole_weights else 0)


def demand_of(model: "PreTrainedModel", config: TrainConfig) -> Demand:
    """Count from the shape of a model in NF4 with an adapter."""
    shape: Any = model.config.get_text_config()
    size = compute_dtype().itemsize
    head = getattr(shape, "head_dim", None) or shape.hidden_size // shape.num_attention_heads
    queries = shape.num_attention_heads * head
    keys = (getattr(shape, "num_key_value_heads", None) or shape.num_attention_heads) * head
    width = shape.hidden_size
    inner = getattr(shape, "intermediate_size", None) or 4 * width
    layers: list[Any] = [module for module in model.modules() if type(module).__name__ == "Linear4bit"]
    weights = [layer.in_features * layer.out_features for layer in layers]
    adapter = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    # residual and normed input, twice; heads as they are projected, attention's output; gate, up, product
    kept = 4 * width + (queries + 2 * keys) + queries + 3 * inner
    working = kept + 3 * inner + 4 * width
    padded = 2 * queries + 2 * keys
    fixed = (6 if "8bit" in config.optimizer else 12) * adapter + 2 * size * max(weights) + SPARE_BYTES
    if config.engine == "packed":
        return Demand(
            fixed=fixed,
            whole_weights=size * sum(weights),
            kept=size * kept,
            padded=size * padded,
            recomputed=size * width,
            working=size * working,
        )
    habits = OTHERS[config.engine]
    return Demand(
        fixed=fixed,
        whole_weights=0,
        kept=0,
        padded=round(habits.kept * size * kept),
        recomputed=round(habits.recomputed * size * width),
        working=round(habits.working * size * working),
    )


def fastest_layout(
    demand: Demand,
    size_of: Callable[[int], PassSize],
    config: TrainConfig,
    *,
    layers: int,
    processes: int,
    free: int,
) -> Layout:
    """The fastest layout that fits; the smallest of all where none does.

    Args:
        demand: from `demand_of`.
        size_of: the largest pass of so many rows.
        config: how many rows a step has, and whether layers are recomputed where it says so.
        layers: of the model.
        processes: that share a step's rows.
        free: bytes.
    """
    choices = []
    share = math.ceil(config.batch_size / processes)
    for rows in range(1, share + 1):
        if share % rows == 0 and rows <= (config.rows_at_a_time or share):
            size = size_of(rows)
            fitting = (
                layout
                for layout in _layouts(rows, share // rows, layers, config)
                if demand.of(layout, size, layers) <= free
            )
            choices += [(_cost(layout, size.tokens, layers), layout) for layout in fitting]
    smallest = Layout(rows=1, times=share, recomputed=layers)
    return min(choices, key=lambda choice: choice[0], default=(0.0, smallest))[1]


def _layouts(rows: int, times: int, layers: int, config: TrainConfig) -> Iterator[Layout]:
    packed = config.engine == "packed"
    counts: Sequence[int] = range(layers + 1) if packed else (0, layers)
    if config.gradient_checkpointing != "auto":
        counts = (layers,) if config.gradient_checkpointing else (0,)
    for recomputed in counts:
        for whole in (False, True) if packed else (False,):
            yield Layout(rows=rows, times=times, recomputed=recomputed, whole_weights=whole)


def _cost(layout: Layout, tokens: int, layers: int) -> float:
    """Time of a step, in forward passes of its tokens; a backward pass without weight gradients costs as much."""
    passes = 2 + layout.recomputed / layers
    beside = PASS_TOKENS + (0 if layout.whole_weights else passes * UNPACKING_TOKENS)
    return passes + beside / tokens
