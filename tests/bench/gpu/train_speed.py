"""Training Qwen3-8B's shape on GPUs: engine `packed` beside plain TRL and Unsloth, same rows, same rows a step.

    PYTHONPATH=plugins python3 tests/bench/gpu/train_speed.py --tokenizer FOLDER --out FILE [--groups trl,packed ...]
        [--work FOLDER] [--tiny]

Needs a GPU of 80 GB or more and the packages of include/hosts/requirements-48.txt (those of Unsloth for its group);
with --tiny it runs on a CPU in a minute and shows that it works. Random weights are made on the card and saved once:
neither speed nor memory depends on what they are. Rows are the sample regulations', an article in the question, the
loss is over answers. Every case is a process of its own; every figure is one JSON line, written when it is there.

Groups: trl (SFTTrainer with peft, as its documentation has it), unsloth, packed, plain (packed without its Triton
kernels), repeated (packed twice with and without train.deterministic: the same adapter?), stage (three epochs of 240
rows through `regtune train`, with each engine), killed (the same killed and resumed), gpus (the same on one GPU and on
every GPU there is); trl:0 is the first case of trl alone. train_tricks.py tells where a step's time goes.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from train_speed_rows import SEED, SHAPE, STEPS, TINY, WARM_UP, bench_config, bench_rows, run_folder

from regtune.config import TrainConfig
from regtune.tuning.order import StepOrder
from regtune.tuning.rows import Row, Rows

GROUPS = ("trl", "unsloth", "packed", "plain", "repeated", "stage", "killed")
CARDS = (("one GPU", "0"), ("all GPUs", None))
MORE_A_STEP = {"batch_size": 32, "epochs": 5}
"""What several GPUs are for; the last of an epoch's 7.5 steps is a smaller one."""


def main() -> int:
    """Make the model, then one process for each case."""
    arguments = _arguments()
    if arguments.child:
        CHILDREN[arguments.child](arguments, arguments.case)
        return 0
    for group in ("build", *arguments.groups.split(",")):
        child, _, only = group.partition(":")
        for case in [int(only)] if only else range(len(_cases(arguments).get(child, (None,)))):
            started = time.monotonic()
            command = [sys.executable, __file__, *sys.argv[1:], "--child", child, "--case", str(case)]
            with tempfile.TemporaryFile() as errors:
                try:
                    ended = subprocess.run(command, timeout=arguments.limit, check=False, stderr=errors).returncode
                except subprocess.TimeoutExpired:
                    ended = -1
                errors.seek(0)
                why = errors.read().decode(errors="replace")[-1500:] if ended else ""
            seconds = round(time.monotonic() - started, 1)
            _tell(arguments, group=child, case=case, ended=ended, seconds=seconds, **({"why": why} if why else {}))
    return 0


def _cases(arguments: argparse.Namespace) -> Mapping[str, Sequence[tuple[str, dict[str, Any]]]]:
    """Names and settings of the groups that have several."""
    step = bench_config(arguments).train.batch_size
    within_10_gb, within_24_gb = ({"memory_gib": gigabytes * 1e9 / 2**30} for gigabytes in (10, 24))
    recomputed = {"gradient_checkpointing": True}
    return {
        "trl": [
            ("trl", {"rows_at_a_time": step, "gradient_checkpointing": True}),
            ("trl", {"rows_at_a_time": step // 4, "gradient_checkpointing": True}),
            ("trl", {"rows_at_a_time": step // 4, "gradient_checkpointing": False}),
        ],
        "unsloth": [
            ("unsloth, 10 GB", within_10_gb),
            ("unsloth, 10 GB, cuDNN attention off", within_10_gb),
            ("unsloth, whole card", {}),
            ("unsloth, whole card, cuDNN attention off", {}),
            ("unsloth, checkpointing", recomputed),
            ("unsloth, checkpointing, a quarter at a time", {**recomputed, "rows_at_a_time": step // 4}),
        ],
        "packed": [
            ("packed, 10 GB", {**within_10_gb, "deterministic": False}),
            ("packed, whole card", {"deterministic": False}),
            ("packed, all layers computed again", {**recomputed, "deterministic": False}),
            ("packed, 24 GB", {**within_24_gb, "deterministic": False}),
            (
                "packed, whole card, a quarter of the rows a step",
                {"batch_size": max(step // 4, 1), "deterministic": False},
            ),
        ],
        "plain": [
            ("packed without Triton kernels, 10 GB", within_10_gb),
            ("packed without Triton kernels, whole card", {}),
        ],
        "repeated": [
            (f"packed, {card}, deterministic {on}, {time}", {**changes, "deterministic": on})
            for card, changes in (("whole card", {}), ("10 GB", within_10_gb))
            for on in (True, False)
            for time in ("once", "again")
        ],
        "stage": [("stage", {}), ("stage, unsloth", {"engine": "unsloth"}), ("stage, trl", {"engine": "transformers"})],
        "gpus": [
            (f"{name}{more}", c) for more, c in (("", {}), (", 32 rows a step", MORE_A_STEP)) for name, _ in CARDS
        ],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory of QLoRA on Qwen3-8B's shape.")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of Qwen3's tokenizer")
    parser.add_argument("--out", type=Path, required=True, help="JSON Lines, appended to")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "train_speed")
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--limit", type=float, default=150, help="seconds of one case")
    parser.add_argument("--tiny", action="store_true", help="two small layers, a few short rows, on a CPU")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--case", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _tell(arguments: argparse.Namespace, **figures: object) -> None:
    line = json.dumps(figures, ensure_ascii=False)
    print(line, flush=True)
    with arguments.out.open("a", encoding="utf-8") as out:
        out.write(line + "\n")


def build(arguments: argparse.Namespace, _case: int) -> None:
    """Random weights on the card, saved with the tokenizer; once."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    folder = arguments.work / "model"
    if (folder / "config.json").is_file():
        return
    torch.manual_seed(SEED)
    torch.set_default_dtype(torch.bfloat16)
    config = Qwen3Config(**(SHAPE | (TINY if arguments.tiny else {})))
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen3ForCausalLM(config)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for path in arguments.tokenizer.iterdir():
        shutil.copyfile(path, folder / path.name)


def _figures(rows: Rows, config: TrainConfig, seconds: Sequence[float], losses: Sequence[float]) -> dict[str, object]:
    import torch

    measured = seconds[WARM_UP:]
    per_step = rows.train_tokens / (len(rows.train) / config.batch_size)
    figures: dict[str, object] = {
        "seconds_a_step": round(statistics.median(measured), 4),
        "tokens_per_second": round(per_step / statistics.median(measured)),
        "losses": [round(loss, 4) for loss in losses],
        "tokens_a_row": round(rows.train_tokens / len(rows.train)),
        "answer_share": round(rows.answer_tokens / rows.train_tokens, 3),
    }
    if torch.cuda.is_available():
        figures["peak_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
        figures["reserved_gb"] = round(torch.cuda.max_memory_reserved() / 1e9, 2)
    return figures


def trl(arguments: argparse.Namespace, case: int) -> None:
    """Plain TRL: what its documentation gives for QLoRA, on rows that are already tokens."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback, set_seed
    from trl import SFTConfig, SFTTrainer
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    from regtune.tuning.models import load_base

    name, changes = _cases(arguments)["trl"][case]
    config = bench_config(arguments, **changes).train
    tokenizer, rows = bench_rows(arguments, config)
    ordered = [rows.train[index] for index in _steps_of(rows.train, config)]
    at_a_time = config.rows_at_a_time or config.batch_size
    model = load_base(config)[0]
    ends: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc]  # its base is untyped
        def on_step_end(self, *_: object, **__: object) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            ends.append(time.monotonic())

    set_seed(SEED)
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(arguments.work / "trl"),
            max_steps=STEPS,
            per_device_train_batch_size=at_a_time,
            gradient_accumulation_steps=config.batch_size // at_a_time,
            gradient_checkpointing=bool(config.gradient_checkpointing),
            learning_rate=config.learning_rate,
            lr_scheduler_type=config.lr_scheduler,
            warmup_steps=config.warmup_steps,
            weight_decay=config.weight_decay,
            optim=config.optimizer,
            bf16=torch.cuda.is_available(),
            use_cpu=not torch.cuda.is_available(),
            max_length=config.max_seq_length,
            dataset_kwargs={"skip_prepare_dataset": True},
            train_sampling_strategy="sequential",
            save_strategy="no",
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list([{"input_ids": list(row.input_ids), "labels": row.labels} for row in ordered]),
        processing_class=tokenizer,
        data_collator=DataCollatorForLanguageModeling(pad_token_id=tokenizer.pad_token_id),
        peft_config=LoraConfig(
            r=config.lora_r,
            lora_alpha=config.lora_alpha,
            target_modules=list(config.target_modules),
            task_type="CAUSAL_LM",
        ),
        callbacks=[Clock()],
    )
    found: dict[str, object] = {"out_of_memory": True}
    with contextlib.suppress(torch.OutOfMemoryError):
        started = time.monotonic()
        trainer.train()
        losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        found = _figures(rows, config, [e - b for b, e in zip([started, *ends], ends, strict=False)], losses)
    checkpointing = bool(trainer.args.gradient_checkpointing and trainer.model.is_gradient_checkpointing)
    _tell(arguments, case=name, rows_at_a_time=at_a_time, checkpointing=checkpointing, **found)


def _steps_of(rows: Sequence[Row], config: TrainConfig) -> list[int]:
    """The order in which regtune trains on them in its first epoch."""
    return list(StepOrder([len(row.input_ids) for row in rows], config.batch_size, config.batch_size, SEED))


def packed(arguments: argparse.Namespace, case: int) -> None:
    """Our engine: within 10 GB, on the whole card, and between."""
    _ours(arguments, "packed", *_cases(arguments)["packed"][case])


def repeated(arguments: argparse.Namespace, case: int) -> None:
    """Our engine twice over: `adapter` tells whether both end at the same weights."""
    _ours(arguments, "packed", *_cases(arguments)["repeated"][case])


def plain(arguments: argparse.Namespace, case: int) -> None:
    """Our engine without Triton kernels."""
    from regtune.tuning import packed as engine

    engine.FUSED = False
    _ours(arguments, "packed", *_cases(arguments)["plain"][case])


def unsloth(arguments: argparse.Namespace, case: int) -> None:
    """Unsloth through our own stage, as train.engine unsloth."""
    import torch

    from regtune.tuning import unsloth_engine

    name, changes = _cases(arguments)["unsloth"][case]
    torch.backends.cuda.enable_cudnn_sdp(enabled="cuDNN attention off" not in name)
    unsloth_engine.require(bench_config(arguments, engine="unsloth", **changes).train)
    _ours(arguments, "unsloth", name, changes)


def _ours(arguments: argparse.Namespace, engine: str, case: str, changes: Mapping[str, Any]) -> None:
    from regtune.artifacts import read_json
    from regtune.tuning import transformers_engine, unsloth_engine
    from regtune.tuning.checkpoints import last_checkpoint
    from regtune.tuning.fit import LAYOUT, fit
    from regtune.tuning.layout import Layout
    from regtune.tuning.pace import Pace
    from regtune.tuning.spent import Meter, Spent

    config = bench_config(arguments, engine=engine, **changes).train
    tokenizer, rows = bench_rows(arguments, config)
    work = arguments.work / "fit"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    started = time.monotonic()
    model = (unsloth_engine if engine == "unsloth" else transformers_engine).trainable_model(config, SEED)
    loaded = time.monotonic() - started
    pace = Pace()
    fit(model, tokenizer, rows, config, SEED, work, Meter(Spent(), pace))
    checkpoint = last_checkpoint(work)
    assert checkpoint is not None, "the trainer ends every epoch with a checkpoint"
    losses = [entry["loss"] for entry in checkpoint.history if "loss" in entry]
    layout = read_json(work / LAYOUT, Layout).model_dump()
    found = _figures(rows, config, pace.step_seconds, losses)
    _tell(arguments, case=case, loaded_seconds=round(loaded, 1), layout=layout, adapter=_digest(model), **found)


def _digest(model: Any) -> str:
    """Of the adapter's weights, bit for bit."""
    digest = hashlib.sha256()
    for _, weight in sorted(model.named_parameters()):
        if weight.requires_grad:
            digest.update(weight.detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def stage(arguments: argparse.Namespace, case: int) -> None:
    """Three epochs of 240 rows by the command, with one engine and the other."""
    _timed_stage(arguments, *_cases(arguments)["stage"][case])


def killed(arguments: argparse.Namespace, _case: int) -> None:
    """The same, killed after its first checkpoint and begun again; beside the whole one where `stage` has run."""
    run = run_folder(arguments, "killed")
    process = subprocess.Popen(_command(run), env=_environment())
    while not list(run.glob(".train/checkpoint-*/trainer_state.json")) and process.poll() is None:
        time.sleep(0.05)
    time.sleep(2)  # into the next epoch
    process.send_signal(signal.SIGKILL)
    process.wait()
    _train(run)
    _tell(arguments, case="stage, killed and resumed", **_summary(arguments, _report(run)))


def gpus(arguments: argparse.Namespace, case: int) -> None:
    """The stage on one GPU or on all of them."""
    name, changes = _cases(arguments)["gpus"][case]
    _timed_stage(arguments, name, changes, CARDS[case % len(CARDS)][1])


def _timed_stage(
    arguments: argparse.Namespace, name: str, changes: Mapping[str, Any], cards: str | None = None
) -> None:
    run = run_folder(arguments, name, **changes)
    started = time.monotonic()
    _train(run, cards)
    all_in = round(time.monotonic() - started, 1)
    _tell(arguments, case=name, all_in_seconds=all_in, **_summary(arguments, _report(run)))


def _command(run: Path) -> list[str]:
    return [sys.executable, "-m", "regtune", "train", str(run)]


def _environment(cards: str | None = None) -> dict[str, str]:
    return {**os.environ, **({"CUDA_VISIBLE_DEVICES": cards} if cards else {})}


def _train(run: Path, cards: str | None = None) -> None:
    subprocess.run(_command(run), env=_environment(cards), check=True)


def _report(run: Path) -> Mapping[str, Any]:
    report: Mapping[str, Any] = json.loads((run / "train_report.json").read_text("utf-8"))
    return report


def _summary(arguments: argparse.Namespace, report: Mapping[str, Any]) -> dict[str, object]:
    """What a report says, and how far its losses lie from those of the first case of `stage`, where that has run."""
    names = ("seconds", "tokens_per_second", "steps", "resumed_from_step", "layout", "peak_memory_gib", "device")
    chosen: dict[str, object] = {name: report[name] for name in (*names, "processes", "energy_joules")}
    for curve in ("train_curve", "validation_curve"):
        chosen[curve] = [round(point["loss"], 4) for point in report[curve]]
    first = arguments.work / "stage"
    if (first / "train_report.json").is_file():
        for curve in ("train_curve", "validation_curve"):
            pairs = zip(report[curve], _report(first)[curve], strict=True)
            chosen[f"{curve}_apart_at_most"] = max(abs(ours["loss"] - theirs["loss"]) for ours, theirs in pairs)
    return chosen


CHILDREN: dict[str, Callable[[argparse.Namespace, int], None]] = {
    child.__name__: child for child in (build, trl, unsloth, packed, plain, repeated, stage, killed, gpus)
}


if __name__ == "__main__":
    raise SystemExit(main())
