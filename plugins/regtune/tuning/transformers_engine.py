"""Engine `transformers`: transformers, peft and bitsandbytes, on a GPU or a CPU.

In: the train section and a seed. Out: the 4-bit base model with a fresh LoRA adapter on it.
"""

from typing import TYPE_CHECKING

from regtune.config import TrainConfig
from regtune.tuning.models import load_base

if TYPE_CHECKING:
    from peft import PeftModel


def trainable_model(config: TrainConfig, seed: int) -> "PeftModel":
    """Load the base in NF4 and attach the adapter; only the adapter takes gradients.

    Raises:
        PrerequisiteMissingError: the base model cannot be loaded.
    """
    model, _ = load_base(config)
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    set_seed(seed)
    adapter = LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules=list(config.target_modules),
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, adapter)
