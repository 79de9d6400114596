"""QLoRA fine-tuning of the base model."""
