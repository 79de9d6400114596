"""The adapter worked into its base model: one model in 16 bit that needs no LoRA at serving time.

In: a run folder with its adapter, and the base model in its own precision. Out: a folder that transformers and vLLM
load, and a GGUF file where one is asked for. The adapter was trained on the base in NF4; in 16 bit the base is a
little closer to the original than what was trained on.
"""

import json
import logging
import shutil
from pathlib import Path

from regtune.artifacts import load_spec, read_json, replacing_folder, write_text
from regtune.config import TrainConfig
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.tuning.card import model_card, with_scores
from regtune.tuning.gguf_file import Precision, write_gguf
from regtune.tuning.models import load_tokenizer, require_adapter, unloadable, with_adapter
from regtune.tuning.report import TrainReport

_log = logging.getLogger(__name__)


def merge(run_dir: Path, target: Path, gguf: Precision | None) -> None:
    """Write the merged model into `target`, and `target`/model.gguf where `gguf` says how precise.

    Raises:
        PrerequisiteMissingError: no adapter, no base model, or no room on the disk.
        ConfigurationError: GGUF was asked for and the base is no Qwen3, or `target` holds something else.
    """
    config = load_spec(run_dir).config.train
    require_adapter(run_dir / "adapter")
    _require_replaceable(target, config)
    card = _card(run_dir)
    tokenizer = load_tokenizer(config)
    import torch
    from transformers import AutoModelForCausalLM

    try:
        base = AutoModelForCausalLM.from_pretrained(config.base_model, dtype=torch.bfloat16)
    except (OSError, ValueError) as error:
        raise unloadable(config, error) from error
    needed = sum(weight.nbytes for weight in base.state_dict().values()) * (2 if gguf else 1)
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise PrerequisiteMissingError(
            f"{target}: {free / 2**30:.1f} GiB free, the merged model needs {needed / 2**30:.1f}; make room."
        )
    _log.info("merge: %s into %s", run_dir / "adapter", config.base_model)
    merged = with_adapter(base, run_dir / "adapter").merge_and_unload()
    with replacing_folder(target) as temporary:
        merged.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        write_text(temporary / "README.md", card)
        if gguf is not None:
            write_gguf(merged, temporary, temporary / "model.gguf", gguf)
        for path in temporary.iterdir():
            path.chmod(0o644)  # safetensors writes files that a server of another account cannot read
    _log.info("merge: %s: %s", target, ", ".join(sorted(path.name for path in target.iterdir())))


def _require_replaceable(target: Path, config: TrainConfig) -> None:
    """Only an empty folder or an earlier merged model is replaced, never the base or a folder of other things."""
    base = Path(config.base_model)
    if target.exists() and base.exists() and target.samefile(base):
        raise ConfigurationError(f"{target}: is the base model itself; give another --out.")
    is_model = (target / "config.json").is_file() and (target / "README.md").is_file()
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not is_model):
        raise ConfigurationError(f"{target}: holds something else than a merged model; give a new folder as --out.")


def _card(run_dir: Path) -> str:
    """The adapter's card, with the scores where the run has been measured by now."""
    card = model_card(load_spec(run_dir), read_json(run_dir / "train_report.json", TrainReport))
    measured = run_dir / "benchmark.json"
    return with_scores(card, json.loads(measured.read_text(encoding="utf-8"))) if measured.is_file() else card
