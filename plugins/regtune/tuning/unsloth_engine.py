"""Engine `unsloth`: Unsloth's kernels, on CUDA only.

In: the train section and a seed. Out: the 4-bit base model with a fresh LoRA adapter on it, like the other engine's.
Unsloth patches transformers, trl and peft when it is imported, so `require` comes before anything imports them.
"""

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.config import TrainConfig
from regtune.errors import PrerequisiteMissingError

if TYPE_CHECKING:
    from peft import PeftModel


def require(config: TrainConfig) -> None:
    """Import Unsloth where it can work; for a base model on this disk, so that nothing waits for a hub.

    Raises:
        PrerequisiteMissingError: there is no CUDA device, or Unsloth is not installed.
    """
    import torch

    if not torch.cuda.is_available():
        raise PrerequisiteMissingError("train.engine is unsloth and there is no CUDA device; set it to transformers.")
    if importlib.util.find_spec("unsloth") is None:
        message = "train.engine is unsloth, which is not installed here; install include/hosts/requirements-48.txt."
        raise PrerequisiteMissingError(message)
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    if Path(config.base_model).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(Path(tempfile.gettempdir()) / "unsloth_compiled_cache"))
    importlib.import_module("unsloth")


def trainable_model(config: TrainConfig, seed: int) -> "PeftModel":
    """Load the base in NF4 and attach the adapter; only the adapter takes gradients.

    Raises:
        PrerequisiteMissingError: the base model cannot be loaded.
    """
    from unsloth import FastLanguageModel

    try:
        model, _ = FastLanguageModel.from_pretrained(
            model_name=config.base_model,
            max_seq_length=config.max_seq_length,
            load_in_4bit=True,
            use_exact_model_name=True,  # else a known name is exchanged for another quantisation from the hub
        )
    except (OSError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise PrerequisiteMissingError(f"train.base_model: {config.base_model} cannot be loaded: {reason}") from error
    return FastLanguageModel.get_peft_model(
        model,
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules=list(config.target_modules),
        bias="none",
        use_gradient_checkpointing="unsloth",  # `arrange` has the last word
        random_state=seed,
        max_seq_length=config.max_seq_length,
    )


def arrange(model: "PeftModel", *, recompute: bool) -> None:
    """Compute the layers again in the backward pass, their inputs kept in the CPU's memory, or keep everything."""
    model._unsloth_gradient_checkpointing = "unsloth" if recompute else False  # noqa: SLF001 - its trainer reads it
