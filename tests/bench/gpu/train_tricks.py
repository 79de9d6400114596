"""What each trick of engine `packed` gives, one at a time, and where a step's time goes; on Qwen3-8B's shape.

    PYTHONPATH=plugins python3 tests/bench/gpu/train_tricks.py --out FILE [--work FOLDER] [--tiny]

In the model and rows of train_speed.py (which makes the model), on one GPU. Each line is the forward and backward
passes of an optimizer step of 32 rows, the median of those after the first, with one trick left out of a layout: of
the one for the whole card, and of the one for 10 GB. `slower` is against that layout with every trick. The profile
names the kernels of one such step. The optimizer is left out: it has the adapter's 44 million parameters to move.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train_speed_rows import SEED, bench_config, bench_rows

from regtune.tuning.order import StepOrder
from regtune.tuning.rows import Row

if TYPE_CHECKING:
    from regtune.tuning.packed import Packed

STEPS = 4
"""Of which the first warms up."""
KERNELS = 24
"""The dearest ones are named."""


@dataclass(frozen=True)
class Variant:
    """How a step is computed; the defaults are those of the whole card."""

    name: str
    passes: int = 1
    """That the rows of a step are cut in."""
    recomputed: float = 0.0
    """Share of the layers."""
    whole_weights: bool = True
    padding: bool = False
    """Compute padding as if it were text."""
    every_logit: bool = False
    """Logits of prompts too, all at once."""
    kernels: bool = True
    """liger-kernel's."""
    cudnn_attention: bool = False


def variants() -> list[list[Variant]]:
    """Each list begins with the layout that the others leave one trick out of."""
    tight: dict[str, Any] = {"passes": 4, "recomputed": 1.0, "whole_weights": False}
    return [
        [
            Variant("whole card"),
            Variant("padding", padding=True),
            Variant("logits at every token", every_logit=True),
            Variant("every layer computed again", recomputed=1.0),
            Variant("weights made 16 bit in each pass", whole_weights=False),
            Variant("weights made 16 bit in each of 4 passes", whole_weights=False, passes=4),
            Variant("4 passes", passes=4),
            Variant("no Triton kernels", kernels=False),
            Variant("cuDNN's attention", cudnn_attention=True),
        ],
        [
            Variant("10 GB", **tight),
            Variant("10 GB, padding", **tight, padding=True),
            Variant("10 GB, logits at every token", **tight, every_logit=True),
            Variant("10 GB, no Triton kernels", **tight, kernels=False),
            Variant("10 GB, cuDNN's attention", **tight, cudnn_attention=True),
        ],
    ]


def main() -> int:
    """Print one JSON line for each variant, then the profile of the first of each list."""
    parser = argparse.ArgumentParser(description="What each trick of engine packed gives on Qwen3-8B's shape.")
    parser.add_argument("--out", type=Path, required=True, help="JSON Lines, appended to")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "train_speed")
    parser.add_argument("--tiny", action="store_true", help="the small model that train_speed.py --tiny makes")
    arguments = parser.parse_args()
    from regtune.tuning.packed import pack
    from regtune.tuning.transformers_engine import trainable_model

    config = bench_config(arguments).train
    tokenizer, rows = bench_rows(arguments, config)
    engine = pack(trainable_model(config, SEED).train())
    lengths = [len(row.input_ids) for row in rows.train]
    for chosen in variants():
        first, first_step = 0.0, None
        for variant in chosen:
            order = StepOrder(lengths, config.batch_size, config.batch_size // variant.passes, SEED)
            passes = [[rows.train[index] for index in indices] for indices in order.passes()]
            steps = [passes[n : n + variant.passes] for n in range(0, STEPS * variant.passes, variant.passes)]
            found = measured(engine, steps, variant, tokenizer.pad_token_id)
            first, first_step = first or float(str(found["seconds_a_step"])), first_step or steps[0]
            found["slower"] = round(float(str(found["seconds_a_step"])) / first, 3)
            tell(arguments.out, variant=variant.name, **found)
        tell(arguments.out, **profiled(engine, first_step or [], chosen[0], tokenizer.pad_token_id))
    return 0


def tell(out: Path, **figures: object) -> None:
    """One line on the screen and in the file."""
    line = json.dumps(figures, ensure_ascii=False)
    print(line, flush=True)
    with out.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def measured(
    engine: "Packed", steps: Sequence[Sequence[Sequence[Row]]], variant: Variant, pad: int
) -> dict[str, object]:
    """Seconds a step, peak memory, and the loss of the first step, which no trick may change."""
    import torch

    cuda = torch.cuda.is_available()
    with arranged(engine, variant):
        if cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            timed = [step_of(engine, passes, variant, pad) for passes in steps]
        except torch.OutOfMemoryError:
            return {"seconds_a_step": float("nan"), "out_of_memory": True}
    seconds = statistics.median(took for took, _ in timed[1:])
    tokens = statistics.mean(sum(len(row.input_ids) for rows in passes for row in rows) for passes in steps[1:])
    found: dict[str, object] = {"seconds_a_step": round(seconds, 4), "tokens_per_second": round(tokens / seconds)}
    if cuda:
        found["peak_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    return found if variant.every_logit else {**found, "loss": round(timed[0][1], 4)}


@contextlib.contextmanager
def arranged(engine: "Packed", variant: Variant) -> Iterator[None]:
    """The engine as the variant has it."""
    import torch

    from regtune.tuning import packed

    usual = packed.FUSED, packed.LOGITS_AT_A_TIME
    packed.FUSED = variant.kernels
    packed.LOGITS_AT_A_TIME = 10**9 if variant.every_logit else usual[1]
    torch.backends.cuda.enable_cudnn_sdp(enabled=variant.cudnn_attention)
    engine.arrange(round(variant.recomputed * len(engine.layers)), whole_weights=variant.whole_weights)
    try:
        yield
    finally:
        packed.FUSED, packed.LOGITS_AT_A_TIME = usual
        torch.backends.cuda.enable_cudnn_sdp(enabled=False)
        engine.model.zero_grad()


def step_of(engine: "Packed", passes: Sequence[Sequence[Row]], variant: Variant, pad: int) -> tuple[float, float]:
    """Seconds and loss of one step's passes, forward and backward."""
    import torch

    engine.model.zero_grad()
    answers = sum(len(row.input_ids) - row.answer_start for rows in passes for row in rows)
    started, loss = time.monotonic(), 0.0
    for rows in passes:
        batch = batch_of(rows, variant, pad, engine.model.device)
        part = engine.forward(**batch, num_items_in_batch=answers)["loss"]
        part.backward()
        loss += float(part.detach())
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic() - started, loss


def batch_of(rows: Sequence[Row], variant: Variant, pad: int, device: Any) -> Mapping[str, Any]:
    """The rows below each other, padded on the right."""
    import torch

    longest = max(len(row.input_ids) for row in rows)
    short = [longest - len(row.input_ids) for row in rows]
    labels = [row.labels + [-100] * missing for row, missing in zip(rows, short, strict=True)]
    batch = {
        "input_ids": [list(row.input_ids) + [pad] * missing for row, missing in zip(rows, short, strict=True)],
        "attention_mask": [[1] * (longest - missing) + [int(variant.padding)] * missing for missing in short],
        "labels": labels,
    }
    tensors = {name: torch.tensor(values, device=device) for name, values in batch.items()}
    if variant.every_logit:  # a target everywhere, of which those of prompts are ignored in the loss, not in the work
        tensors["labels"] = torch.where(tensors["labels"] < 0, tensors["input_ids"], tensors["labels"])
    return tensors


def profiled(engine: "Packed", passes: Sequence[Sequence[Row]], variant: Variant, pad: int) -> dict[str, object]:
    """Kernels of one step, by what they take."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    with arranged(engine, variant):
        seconds = min(step_of(engine, passes, variant, pad)[0] for _ in range(2))
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
        with profile(activities=activities) as seen:
            step_of(engine, passes, variant, pad)
    kernels = [
        (event.key, event.self_device_time_total / 1e3, event.count)
        for event in seen.key_averages()
        if str(event.device_type).endswith("CUDA")
    ]
    kernels.sort(key=lambda kernel: -kernel[1])
    return {
        "profile": variant.name,
        "tokens": sum(len(row.input_ids) for rows in passes for row in rows),
        "milliseconds": round(seconds * 1e3),
        "busy": round(sum(took for _, took, _ in kernels)),
        "kernels": [[name[:90], round(took, 1), count] for name, took, count in kernels[:KERNELS]],
    }


if __name__ == "__main__":
    raise SystemExit(main())
