"""Rows and settings of train_speed.py."""

import argparse
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regtune.config import PipelineConfig, TrainConfig, load_config
from regtune.contracts import QAPair
from regtune.plain import open_plain
from regtune.prompts import load_prompts
from regtune.tuning.rows import Rows, encode_pairs

INCLUDE = Path(__file__).resolve().parents[3] / "include"
SEED = 11
ROWS_A_STEP = 32
STEPS, WARM_UP = 8, 2
SHAPE: dict[str, Any] = {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "head_dim": 128}
SHAPE |= {"num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 151936, "tie_word_embeddings": False}
SHAPE |= {"max_position_embeddings": 40960, "rope_theta": 1000000.0}
"""Qwen3-8B: 8.19 billion parameters, 6.95 of them in the linear layers of its 36 blocks."""
TINY = {"hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 2}
TINY |= {"num_key_value_heads": 1, "head_dim": 64}


def sample_pairs(count: int, tokens: int) -> Iterator[QAPair]:
    """Pairs about windows of the sample regulations, `tokens` long on average, from half to one and a half of it."""
    text = "\n".join(path.read_text("utf-8") for path in sorted((INCLUDE / "regulations" / "sources").glob("*.txt")))
    draw = random.Random(SEED)
    for number in range(count):
        length = int(draw.uniform(0.5, 1.5) * tokens * 1.37)  # characters a token of Qwen3 in this text
        start = draw.randrange(len(text) - length - 200)
        yield QAPair(
            qa_id=f"qa-{number:04}",
            type="lookup",
            question=f"다음 조문을 읽고 답하십시오.\n{text[start : start + max(length - 225, 10)]}\n무엇을 정합니까?",
            answer=text[start + length : start + length + 90],
            chunk_id=f"chunk-{number}",
            evidence=None,
            model="",
            prompt_sha256="",
            request_sha256="",
        )


def bench_config(arguments: argparse.Namespace, **changes: object) -> PipelineConfig:
    """The shipped settings, with the effective batch of this bench."""
    config = load_config(INCLUDE / "config" / "pipeline.yaml")
    bench = {"base_model": str(arguments.work / "model"), "base_is_stand_in": True, "batch_size": ROWS_A_STEP}
    bench |= {"epochs": 1, "min_optimizer_steps": 1, "warmup_steps": 2, "early_stopping_patience": 0}
    if arguments.tiny:
        bench |= {"optimizer": "adamw_torch", "batch_size": 4}
    return config.model_copy(update={"train": config.train.model_copy(update=bench | changes)})


def bench_rows(arguments: argparse.Namespace, config: TrainConfig) -> tuple[Any, Rows]:
    """The tokenizer, and rows for `STEPS` steps with two to validate."""
    from regtune.tuning.models import load_tokenizer

    tokenizer = load_tokenizer(config)
    count = STEPS * config.batch_size
    pairs = list(sample_pairs(count + 2, 60 if arguments.tiny else 409))
    rows = encode_pairs(pairs, load_prompts(INCLUDE / "prompts"), tokenizer)
    return tokenizer, Rows(train=rows[:count], validation=rows[count:])


def run_folder(arguments: argparse.Namespace, name: str, **changes: object) -> Path:
    """A run folder ready for train: three epochs of 240 rows, eight of them a step, if `changes` say nothing else."""
    run: Path = arguments.work / name
    shutil.rmtree(run, ignore_errors=True)
    count = 24 if arguments.tiny else 240
    pairs = list(sample_pairs(count + 16, 60 if arguments.tiny else 409))
    files = {}
    for option, side in (("train-rows", pairs[:count]), ("validation-rows", pairs[count:])):
        files[option] = arguments.work / f"{name}-{option}.jsonl"
        files[option].write_text("\n".join(pair.model_dump_json() for pair in side), encoding="utf-8")
    config = bench_config(arguments, **{"epochs": 3, "batch_size": 8, **changes})
    open_plain(run, files, [], config, load_prompts(INCLUDE / "prompts"))
    return run
