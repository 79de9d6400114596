"""Loading the base model and an adapter, the same way for training and for everything that answers afterwards.

    load_base(config: TrainConfig) -> (model, tokenizer)         NF4, on the GPU when there is one, else on the CPU
    with_adapter(model, folder: Path) -> model                   the base with run_dir/"adapter" on it, ready to answer
    load_tokenizer(config: TrainConfig) -> tokenizer             without the model
    share_the_cores() -> None                                    call before torch is imported for the first time

In: the train section of the configuration. Out: transformers' model and tokenizer. `with_adapter(...)` gives a
peft model; inside `with model.disable_adapter():` it answers as the base does.
"""

import logging
import os
import re
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.chat import END_OF_TURN, rendered_conversation, rendered_prompt
from regtune.config import TrainConfig
from regtune.errors import ConfigurationError, PrerequisiteMissingError

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_VOCABULARIES = ("tokenizer.json", "tokenizer.model", "vocab.json", "tokenizer_config.json")
"""Without any of these transformers makes up a tokenizer that knows no word."""


def share_the_cores() -> None:
    """Let OpenMP threads give their core away while they wait.

    They spin by default. With two threads on two cores that other processes use too, a 4-bit layer of 256 x 768
    then took 17 ms in place of 0.6 ms. Read when the libraries are loaded, so it has to come first.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")


def load_tokenizer(config: TrainConfig) -> "PreTrainedTokenizerBase":
    """Load the base model's tokenizer; without a padding token of its own it pads with its end token.

    Raises:
        PrerequisiteMissingError: there is no such model, or it has no chat template.
        ConfigurationError: its chat template cannot be rendered.
    """
    share_the_cores()
    from transformers import AutoConfig, AutoTokenizer

    _require_model(config)
    try:
        AutoConfig.from_pretrained(config.base_model)
        tokenizer = AutoTokenizer.from_pretrained(config.base_model)
    except (OSError, ValueError, TypeError, LookupError) as error:  # the last two: JSON of another shape
        raise unloadable(config, error) from error
    if not tokenizer.chat_template:
        message = f"train.base_model: {config.base_model} has no chat template; give a chat model such as Qwen3-8B."
        raise PrerequisiteMissingError(message)
    _require_rendering(config, tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(config: TrainConfig) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Load the base model in NF4 and its tokenizer, ready to answer (evaluation mode).

    Raises:
        PrerequisiteMissingError: there is no such model, or it cannot be loaded, or Unsloth has been here.
    """
    if "unsloth" in sys.modules:
        raise PrerequisiteMissingError(
            "this process has trained with Unsloth, which patches transformers for good; run the same command again."
        )
    tokenizer = load_tokenizer(config)
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)  # a faster kernel would be on a hub
    dtype = compute_dtype()
    quantisation = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    try:
        model = AutoModelForCausalLM.from_pretrained(
            config.base_model,
            quantization_config=quantisation,
            dtype=dtype,
            device_map={"": torch.cuda.current_device() if torch.cuda.is_available() else "cpu"},
        )
    except (OSError, ValueError, SafetensorError) as error:  # the last: a file that was copied by half
        raise unloadable(config, error) from error
    _keep_layers_trainable(model)
    _end_at_the_turn(model, tokenizer)
    return model.eval(), tokenizer


def with_adapter(model: "PreTrainedModel", folder: Path) -> "PeftModel":
    """Put a trained adapter on a base from `load_base`; for answering, not for training on.

    Raises:
        PrerequisiteMissingError: the folder holds no adapter, or one of another base model.
    """
    from peft import PeftModel

    require_adapter(folder)
    try:
        return PeftModel.from_pretrained(model, str(folder)).eval()
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PrerequisiteMissingError(f"{folder}: does not fit this base model; train it again ({reason}).") from error


def require_adapter(folder: Path) -> None:
    """Look for the adapter's configuration, which is there at once, before a base model is loaded.

    Raises:
        PrerequisiteMissingError: the folder holds no adapter.
    """
    if not (folder / "adapter_config.json").is_file():
        raise PrerequisiteMissingError(f"{folder}: no adapter here; run train first.")


def compute_dtype() -> "torch.dtype":
    """bfloat16 where the GPU has it; float32 on a CPU, where half precision is slower and rarely in hardware."""
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float32


def free_memory_bytes(config: TrainConfig) -> int:
    """Memory that training may still take: what is free, or what train.memory_gib leaves beside the loaded model."""
    import psutil  # type: ignore[import-untyped]
    import torch

    if not torch.cuda.is_available():
        return int(psutil.virtual_memory().available)
    taken = int(torch.cuda.memory_allocated())
    free = int(torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved() - taken)
    return free if config.memory_gib is None else min(free, int(config.memory_gib * 2**30) - taken)


def peak_memory_bytes() -> int:
    """Most memory that was taken so far: of the GPU, on a CPU of this process."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _keep_layers_trainable(model: "PreTrainedModel") -> None:
    """Forbid bitsandbytes to repack a layer's weights at the first evaluation.

    On a CPU with AVX512-BF16 it does, for good, and the repacked layers let no gradient through: after the
    first validation the adapter would train on the last layers alone (bitsandbytes 0.50.2, Linear4bit.forward).
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _end_at_the_turn(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> None:
    """Let generation end where training taught it to; a model that was never a chat model ends elsewhere."""
    configured = model.generation_config.eos_token_id
    ends = configured if isinstance(configured, list) else [configured]
    ends = [*ends, tokenizer.convert_tokens_to_ids(END_OF_TURN)]
    model.generation_config.eos_token_id = sorted({end for end in ends if end is not None})


def _require_model(config: TrainConfig) -> None:
    """A name that can be no hub's (`owner/name`) has to be a folder, and a folder has to hold a model."""
    given, path = config.base_model, Path(config.base_model)
    hub_could_have_it = bool(re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", given, re.ASCII)) and not path.exists()
    if not hub_could_have_it and not (path / "config.json").is_file():
        found = f"{given} (seen from {Path.cwd()})" if given and not path.is_absolute() else given or "empty"
        raise PrerequisiteMissingError(f"train.base_model is {found}: no model there; give the folder of one.")
    if path.is_dir() and not any((path / name).is_file() for name in _VOCABULARIES):
        raise PrerequisiteMissingError(f"train.base_model: {given} has no tokenizer; give the folder of a whole model.")


def _require_rendering(config: TrainConfig, tokenizer: "PreTrainedTokenizerBase") -> None:
    """Render a conversation: a template is a program of somebody else's, and may fail in any way."""
    messages = [{"role": "system", "content": "규정"}, {"role": "user", "content": "질문"}]
    try:
        rendered_prompt(tokenizer, messages)
        rendered_conversation(tokenizer, messages, "답변")
    except Exception as error:
        raise ConfigurationError(
            f"train.base_model: the chat template of {config.base_model} cannot be rendered with a system prompt; "
            f"mend it or give a model with Qwen3's ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
        ) from error


def unloadable(config: TrainConfig, error: Exception) -> PrerequisiteMissingError:
    """The error for a base model that transformers cannot load: first what to do, then what it said."""
    given, reason = config.base_model, " ".join(str(error).split())[:200]
    if not Path(given).is_dir():
        return PrerequisiteMissingError(
            f"train.base_model is {given}: no folder in {Path.cwd()}, and no hub gives a model of that name; "
            f"give the whole path of a model's folder ({reason})."
        )
    return PrerequisiteMissingError(
        f"train.base_model: {given} cannot be loaded; give the folder of a whole model ({reason})."
    )
