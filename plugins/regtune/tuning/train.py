"""train: QLoRA of the base model on the training pairs.

In: train.jsonl, validation.jsonl, the base model and, open book, chunks.jsonl. Out: adapter/ (with a model card),
train_report.json, train_curve.png and tensorboard/. Checkpoints lie in a hidden folder of the run until all are
written, so that a killed training goes on. It neither merges the adapter nor asks the model anything; merge and
benchmark do.
"""

import importlib.metadata
import logging
import shutil
from pathlib import Path
from typing import Any

from regtune.artifacts import read_json, read_jsonl, replacing_folder, sha256_of_json, write_json, write_text
from regtune.config import TrainConfig
from regtune.contracts import QAPair, RunSpec, StageResult
from regtune.tuning import unsloth_engine
from regtune.tuning.card import model_card
from regtune.tuning.checkpoints import Checkpoint, last_checkpoint
from regtune.tuning.curve import draw_curve
from regtune.tuning.fit import LAYOUT
from regtune.tuning.layout import Layout
from regtune.tuning.models import compute_dtype, load_tokenizer, share_the_cores
from regtune.tuning.preflight import Plan, preflight
from regtune.tuning.process import WORK, Outcome, process_count, read_articles, read_rows, train_here, train_together
from regtune.tuning.report import LossPoint, TrainReport
from regtune.tuning.rows import Rows
from regtune.tuning.trainer import TENSORBOARD

_log = logging.getLogger(__name__)

ADAPTER, REPORT, CURVE = "adapter", "train_report.json", "train_curve.png"
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets", "unsloth")


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Train, or go on where a killed training stopped.

    Raises:
        ConfigurationError: a setting does not suit the data, or the loss is no number.
        UnusableInputError: a pair cannot be trained on.
        PrerequisiteMissingError: no base model, no CUDA for Unsloth, no memory, no disk.
    """
    config, seed = spec.config.train, spec.config.seed
    share_the_cores()
    if config.engine == "unsloth":
        unsloth_engine.require(config)
    tokenizer = load_tokenizer(config)
    rows = read_rows(run_dir, spec, tokenizer)
    pairs = [pair for side in ("train", "validation") for pair in read_jsonl(run_dir / f"{side}.jsonl", QAPair)]
    plan = preflight(run_dir, pairs, rows, spec.prompts, tokenizer, config, read_articles(run_dir, spec))
    work = open_work(run_dir / WORK, recipe_sha256(config, seed, rows))
    before, count = last_checkpoint(work), process_count(config)
    _log.info(
        "train: engine %s, %s, %d process%s, adapter of %.2f M parameters",
        *(config.engine, _device(), count, "" if count == 1 else "es", plan.adapter_parameters / 1e6),
    )
    outcome = train_here(run_dir, spec, rows, tokenizer) if count == 1 else train_together(run_dir, count)
    after = last_checkpoint(work)
    assert after is not None, "the trainer ends every epoch with a checkpoint"
    report = TrainReport(
        **_report(spec, rows, plan, outcome, after),
        resumed_from_step=before.step if before is not None else 0,
        layout=read_json(work / LAYOUT, Layout),
        processes=count,
    )
    with replacing_folder(run_dir / ADAPTER) as temporary:
        for name in _ADAPTER_FILES:
            shutil.copyfile(work / f"checkpoint-{after.best_step}" / name, temporary / name)
        write_text(temporary / "README.md", model_card(spec, report))
    with replacing_folder(run_dir / TENSORBOARD) as temporary:
        shutil.copytree(work / TENSORBOARD, temporary, dirs_exist_ok=True)
    draw_curve(report, run_dir / CURVE)
    write_json(run_dir / REPORT, report)
    shutil.rmtree(work)
    return StageResult(
        counts={
            "rows": len(rows.train),
            "rows_rewritten": len(plan.rewritten),
            "steps": report.steps,
            "loss": round(report.train_curve[-1].loss, 4),
            "validation_loss": report.best_validation_loss,
            "tokens_per_second": report.tokens_per_second,
        }
    )


def recipe_sha256(config: TrainConfig, seed: int, rows: Rows) -> str:
    """Hash of what decides the losses; checkpoints of another recipe are of no use."""
    weights = sorted(Path(config.base_model).glob("*.safetensors"))
    files = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in weights]
    return sha256_of_json([config.model_dump(mode="json"), seed, rows.sha256(), files])


def open_work(work: Path, recipe: str) -> Path:
    """Return the folder of checkpoints, emptied when it belongs to another recipe."""
    mark = work / "recipe.sha256"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != recipe:
        shutil.rmtree(work, ignore_errors=True)
        write_text(mark, recipe)
    return work


def _report(spec: RunSpec, rows: Rows, plan: Plan, outcome: Outcome, after: Checkpoint) -> dict[str, Any]:
    config, spent = spec.config.train, outcome.spent
    train_curve, validation_curve = _curve(after, "loss"), _curve(after, "eval_loss")
    return {
        "engine": config.engine,
        "base_model": Path(config.base_model).name if Path(config.base_model).is_absolute() else config.base_model,
        "base_is_stand_in": config.base_is_stand_in,
        "settings": config,
        "seed": spec.config.seed,
        "rows_sha256": rows.sha256(),
        "train_rows": len(rows.train),
        "validation_rows": len(rows.validation),
        "train_tokens": rows.train_tokens,
        "answer_tokens": rows.answer_tokens,
        "longest_row_tokens": plan.longest_row,
        "parameters": plan.parameters,
        "adapter_parameters": plan.adapter_parameters,
        "steps": after.step,
        "planned_steps": plan.steps,
        "stopped_early": after.step < plan.steps,
        "best_step": after.best_step,
        "best_validation_loss": min(point.loss for point in validation_curve),
        "train_curve": train_curve,
        "validation_curve": validation_curve,
        "seconds": round(spent.seconds, 2),
        "tokens_per_second": round(spent.tokens_per_second, 1),
        "energy_joules": round(spent.energy_joules) if spent.energy_joules is not None else None,
        "device": _device(),
        "dtype": str(compute_dtype()).removeprefix("torch."),
        "peak_memory_gib": round(outcome.peak_memory_bytes / 2**30, 3),
        "versions": _versions(),
    }


def _curve(checkpoint: Checkpoint, name: str) -> tuple[LossPoint, ...]:
    entries = (entry for entry in checkpoint.history if name in entry)
    return tuple(LossPoint(step=e["step"], epoch=round(e["epoch"], 4), loss=round(e[name], 6)) for e in entries)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name(0))
    return f"CPU, {torch.get_num_threads()} threads"


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # unsloth, with the other engine
    return versions
