"""The least that a QLoRA step can take on a card: its operations and the bytes of its weights, counted from the shape.

In: a model's config.json, the train section's adapter, tokens of a step, and the card's peak FLOP/s and bandwidth (its
data sheet's, or what a matrix product reaches on it). Counted are matrix products: forward; backward through the frozen
weights for activations alone, which are no gradient of a weight; the adapter's products and its gradients; attention,
causal, whose backward is five products for the forward's two (Dao 2023, FlashAttention-2); the forward of recomputed
layers once more; logits at the answer's tokens. And bytes: each time that a layer's weights are used, NF4 is read, and
16 bit is written and read by the product. Norms, the traffic of activations and launches are not counted: a real step
takes more. tests/tuning/test_training_floor.py holds the products against torch's own count.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests" / "bench" / "gpu")]

from qwen3_shapes import QWEN3_8B  # noqa: E402 - after the path is set

from regtune.config import load_config  # noqa: E402

ATTENTION_BACKWARD = 2.5
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Of a parameter: four bits, a scale of eight for 64 of them, and one of 32 for 256 scales (double quantisation)."""
BYTES_16 = 2
ADAPTED = frozenset({"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"})
_READ_FROM_LAYER_INPUT = ("q_proj", "k_proj", "v_proj")


@dataclass(frozen=True)
class Shape:
    """Of a decoder of Qwen3's kind."""

    layers: int
    hidden: int
    attention: int
    """Heads x their size."""
    vocabulary: int
    linears: dict[str, tuple[int, int]]
    """Of one layer: name -> (inputs, outputs)."""

    @property
    def layer_parameters(self) -> int:
        """In the linear layers of one layer."""
        return sum(one * other for one, other in self.linears.values())


@dataclass(frozen=True)
class Step:
    """What one optimizer step trains on, and how."""

    rows: int
    row_tokens: int
    answer_tokens: int
    """Of a row: those whose logits are needed."""
    recomputed_layers: int
    rank: int
    adapted: frozenset[str]
    passes: int
    """Parts of the rows that go through the model one after the other: each dequantises anew."""

    @property
    def tokens(self) -> int:
        """Of all rows."""
        return self.rows * self.row_tokens


def shape_of(config: dict[str, Any]) -> Shape:
    """Read config.json's fields."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    attention = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    linears = {
        "q_proj": (hidden, attention),
        "k_proj": (hidden, keys),
        "v_proj": (hidden, keys),
        "o_proj": (attention, hidden),
        "gate_proj": (hidden, inner),
        "up_proj": (hidden, inner),
        "down_proj": (inner, hidden),
    }
    return Shape(config["num_hidden_layers"], hidden, attention, config["vocab_size"], linears)


def operations(shape: Shape, step: Step) -> dict[str, float]:
    """FLOPs of one step by what they are for; two for each multiplication with its addition."""
    forward = 2.0 * shape.layers * shape.layer_parameters * step.tokens
    # No text needs a gradient below the first layer: its products from the layer's input send none back.
    first = 2.0 * sum(shape.linears[name][0] * shape.linears[name][1] for name in _READ_FROM_LAYER_INPUT) * step.tokens
    adapter = 2.0 * step.rank * sum(sum(shape.linears[name]) for name in step.adapted) * step.tokens
    first_adapter = (
        2.0 * step.rank * shape.hidden * len(step.adapted.intersection(_READ_FROM_LAYER_INPUT)) * step.tokens
    )
    attention = 4.0 * shape.attention * (step.row_tokens + 1) / 2 * step.tokens * shape.layers
    again = step.recomputed_layers / shape.layers
    logits = 2.0 * shape.hidden * shape.vocabulary * step.answer_tokens * step.rows
    return {
        "forward": forward,
        "backward, activations": forward - first,
        "adapter, forward and backward": 3 * adapter * shape.layers - first_adapter,
        "attention, forward and backward": (1 + ATTENTION_BACKWARD) * attention,
        "recomputation": again * (forward + adapter * shape.layers + attention),
        "logits at answer tokens, both ways": 2 * logits,
    }


def weight_bytes(shape: Shape, step: Step) -> float:
    """Bytes moved to use the quantised weights: read, written in 16 bit, read again, in every pass and both ways."""
    uses = 2 * shape.layers + step.recomputed_layers
    a_use = shape.layer_parameters * (NF4_BYTES + 2 * BYTES_16)
    head = 2 * shape.hidden * shape.vocabulary * BYTES_16
    return step.passes * (uses * a_use + head)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the count, and the floor in seconds and tokens/s."""
    train = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").train
    parser = argparse.ArgumentParser(description="the floor of a QLoRA step, by counted operations and bytes")
    parser.add_argument("--config", type=Path, help="config.json of the base model; without it Qwen3-8B's")
    parser.add_argument("--rows", type=int, default=train.batch_size, help="of a step (train.batch_size)")
    parser.add_argument("--row-tokens", type=int, default=397)
    parser.add_argument("--answer-tokens", type=int, default=60, help="of a row")
    parser.add_argument("--recomputed", type=int, default=0, help="layers whose forward pass is done twice")
    parser.add_argument("--passes", type=int, default=1, help="parts of a step's rows, one after the other")
    parser.add_argument("--tflops", type=float, default=989.0, help="peak in 16 bit, dense (data sheet of an H200)")
    parser.add_argument("--bandwidth", type=float, default=4.8, help="TB/s (data sheet of an H200)")
    parser.add_argument("--measured", type=float, help="tokens/s of a real training, to be held against the floor")
    given = parser.parse_args(argv)
    config = json.loads(given.config.read_text(encoding="utf-8") if given.config else QWEN3_8B)
    shape = shape_of(config)
    adapted = frozenset(train.target_modules) & ADAPTED
    step = Step(
        given.rows, given.row_tokens, given.answer_tokens, given.recomputed, train.lora_r, adapted, given.passes
    )
    counted = operations(shape, step)
    total, moved = sum(counted.values()), weight_bytes(shape, step)
    print(f"{step.rows} rows of {step.row_tokens} tokens, {step.recomputed_layers} of {shape.layers} layers recomputed")
    for what, flops in counted.items():
        print(
            f"  {what:36} {flops / 1e12:9.1f} TFLOP {flops / step.tokens / 1e9:7.2f} GFLOP a token {flops / total:6.1%}"
        )
    compute, memory = total / (given.tflops * 1e12), moved / (given.bandwidth * 1e12)
    print(f"  {'all':36} {total / 1e12:9.1f} TFLOP {total / step.tokens / 1e9:7.2f} GFLOP a token")
    print(f"  weights in {step.passes} passes: {moved / 1e9:.1f} GB")
    print(
        f"operations at {given.tflops:g} TFLOP/s: {compute:.3f} s; weights at {given.bandwidth:g} TB/s: {memory:.3f} s"
    )
    for how, seconds in (("side by side", max(compute, memory)), ("one after the other", compute + memory)):
        reached = f", {given.measured * seconds / step.tokens:.0%} of it reached" if given.measured else ""
        print(f"floor, {how}: {seconds:.3f} s a step, {step.tokens / seconds:,.0f} tokens/s{reached}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
