"""The section `benchmark` of the configuration; config.py says what such a module holds."""

from typing import Literal

from pydantic import Field

from regtune.section import Positive, PositiveFloat, Section, Share


class EfficiencyConfig(Section):
    """How speed is measured."""

    requests: Positive
    concurrency: tuple[Positive, ...] = Field(min_length=1)


class ReferenceConfig(Section):
    """What is known of the reference model's server beforehand; the report marks it as stated, not measured."""

    here: bool
    weights_gib: PositiveFloat | None
    gpu_memory_gib: PositiveFloat | None
    load_seconds: PositiveFloat | None
    joules_per_answer: PositiveFloat | None


class VllmConfig(Section):
    """The server of base and adapter on host 48."""

    python: str
    port: Positive
    max_model_len: Positive
    gpu_memory_utilization: Share
    concurrency: Positive
    timeout_seconds: PositiveFloat
    ready_timeout_seconds: Positive
    extra_args: tuple[str, ...]


class BenchmarkConfig(Section):
    """Who answers, who judges, how it is measured."""

    systems: tuple[Literal["base", "tuned", "reference", "base_open_book"], ...] = Field(min_length=1)
    server: Literal["vllm", "none"]
    vllm: VllmConfig
    max_new_tokens: Positive
    batch_size: Positive
    judge_max_tokens: Positive
    judge_attempts: Positive
    judge_family: str | None
    min_hangul_share: Share
    min_content_recall: Share
    bootstrap_samples: Positive
    examples: int = Field(ge=0)
    efficiency: EfficiencyConfig
    reference: ReferenceConfig
