"""The shape of include/config/*.yaml. Values and their trade-offs are in the YAML; code holds no second default.

In: a YAML file. Out: a frozen PipelineConfig. One section a stage, named like the stage; unknown keys are refused.
"""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from regtune.benchmark_config import BenchmarkConfig
from regtune.errors import ConfigurationError
from regtune.section import Positive, PositiveFloat, Section, Share
from regtune.yaml_text import parse_yaml

HostName = Literal["02", "48"]


class EndpointConfig(Section):
    """An OpenAI-compatible endpoint."""

    base_urls: tuple[str, ...] = Field(min_length=1)
    model: str
    api_key_env: str | None
    timeout_seconds: PositiveFloat
    max_retries: int = Field(ge=0)
    concurrency: Positive
    stand_in: bool


class PacingConfig(Section):
    """How generate finds the number of requests at a time, and how long it waits for a server that is gone."""

    start: Positive
    outage_seconds: float = Field(ge=0.0)


class EndpointsConfig(Section):
    """generator writes pairs and verifies; judge scores; reference is the larger model compared with."""

    generator: EndpointConfig
    judge: EndpointConfig
    reference: EndpointConfig
    pacing: PacingConfig
    cache_dir: str


class ParseConfig(Section):
    """PDF to provisions."""

    space_gap_em: PositiveFloat
    running_head_share: Share
    ocr: Literal["auto", "off"]
    workers: int = Field(ge=0)
    timeout_seconds: PositiveFloat


class ChunkConfig(Section):
    """Provisions to chunks."""

    max_tokens: Positive
    part_tokens: Positive
    part_variation: PositiveFloat
    merge_below_tokens: int = Field(ge=0)
    tokenizer: str

    @model_validator(mode="after")
    def _parts_fit(self) -> "ChunkConfig":
        for name in ("part_tokens", "merge_below_tokens"):
            if getattr(self, name) > self.max_tokens:
                message = f"{name} is {getattr(self, name)}; must be at most max_tokens ({self.max_tokens})"
                raise ValueError(message)
        return self


class ServeConfig(Section):
    """The generator's model server on host 02."""

    mode: Literal["external", "vllm"]
    python: str
    model_path: str
    port: Positive
    tensor_parallel_size: Positive
    max_model_len: Positive
    gpu_memory_utilization: Share
    prefix_caching: bool
    structured_outputs_backend: Literal["xgrammar", "guidance"]
    extra_args: tuple[str, ...]
    ready_timeout_seconds: Positive


class Quota(Section):
    """How many pairs of each type."""

    lookup: int = Field(ge=0)
    procedure: int = Field(ge=0)
    negative: int = Field(ge=0)

    def of(self, qa_type: str) -> int:
        """Return the count for one type."""
        return {"lookup": self.lookup, "procedure": self.procedure, "negative": self.negative}[qa_type]

    @property
    def total(self) -> int:
        """Pairs of all types."""
        return self.lookup + self.procedure + self.negative


class PriceConfig(Section):
    """What a million tokens cost, in whatever money; null: unknown."""

    prompt: float | None = Field(ge=0.0)
    cached_prompt: float | None = Field(ge=0.0)
    completion: float | None = Field(ge=0.0)


class GenerateConfig(Section):
    """Chunks to question-answer pairs."""

    quota: Quota
    evaluation_pool: Quota
    temperature: float = Field(ge=0.0, le=2.0)
    top_p: Share
    max_tokens: Positive
    attempts_per_question: Positive
    gpus: int = Field(ge=0)
    price_per_million_tokens: PriceConfig


class ValidateConfig(Section):
    """Evidence for or against each pair."""

    tagger: Literal["komoran", "okt", "hannanum", "kkma"]
    grounding_floor: Share
    duplicate_similarity: Share
    negative_evidence_limit: Share
    verifier: Literal["off", "uncertain", "all"]


class GateConfig(Section):
    """What the dataset has to meet."""

    max_failed_share: Share
    max_wrong_number_share: Share
    max_answerable_negative_share: Share
    max_text_fault_share: Share
    min_mean_grounding: Share
    min_article_coverage: Share
    min_hangul_share: Share
    question_length: tuple[Positive, Positive]
    answer_length: tuple[Positive, Positive]
    max_type_shift: Share
    max_article_shift: Share
    max_length_shift: float = Field(ge=0.0)
    max_review_excluded_share: Share
    reviewer_overrules: bool


class SplitConfig(Section):
    """Parts that add up to the whole, e.g. 8:1:1."""

    train: Positive
    validation: Positive
    test: Positive
    near_duplicate_similarity: Share
    same_question_similarity: Share


class TuningConfig(Section):
    """What a question comes with, where the model learns and where it is measured."""

    context: Literal["none", "article"]


class TrainConfig(Section):
    """QLoRA."""

    engine: Literal["packed", "unsloth", "transformers"]
    base_model: str
    base_is_stand_in: bool
    max_seq_length: Positive
    lora_r: Positive
    lora_alpha: Positive
    lora_dropout: Share
    target_modules: tuple[str, ...] = Field(min_length=1)
    epochs: Positive
    batch_size: Positive
    rows_at_a_time: Positive | None
    gradient_checkpointing: bool | Literal["auto"]
    memory_gib: PositiveFloat | None
    processes: Positive | None
    deterministic: bool
    learning_rate: PositiveFloat
    lr_scheduler: str
    warmup_steps: int = Field(ge=0)
    weight_decay: float = Field(ge=0.0)
    max_grad_norm: PositiveFloat
    optimizer: str
    min_optimizer_steps: Positive
    early_stopping_patience: int = Field(ge=0)
    logging_steps: Positive


class PublishConfig(Section):
    """Where results go and when an adapter becomes champion."""

    store: str
    keep_adapter: bool
    min_gain_over_base: float
    champion_margin: Share
    keep_runs: Positive
    keep_days: Positive


class HostConfig(Section):
    """One SSH host."""

    ssh_conn_id: str
    python: str
    base_dir: str
    env_file: str | None
    pool: str
    min_free_gib: PositiveFloat
    min_gpu_free_gib: float = Field(ge=0.0)


class HostsConfig(Section):
    """The two servers; YAML keys are `02` and `48`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    dataset: HostConfig = Field(alias="02")
    tuning: HostConfig = Field(alias="48")

    def named(self, name: HostName) -> HostConfig:
        """Return the settings of host `02` or `48`."""
        return self.dataset if name == "02" else self.tuning


class AlertsConfig(Section):
    """Who hears of what happens in a run, by Airflow connection."""

    smtp_conn_id: str | None
    email_from: str
    email_to: tuple[str, ...]
    webhook_conn_id: str | None
    webhook_format: Literal["plain", "slack"]
    ui_base_url: str
    attempts: Positive
    retry_seconds: float = Field(ge=0.0)
    timeout_seconds: PositiveFloat
    log_lines: int = Field(ge=0)
    keep_seconds: PositiveFloat
    keep_hours: float = Field(ge=0.0)
    late_after_hours: PositiveFloat | None


class OrchestrationConfig(Section):
    """How the DAG talks to the hosts."""

    poll_seconds: PositiveFloat
    quick_seconds: float = Field(ge=0.0)
    first_event_seconds: float = Field(ge=0.0)
    stage_timeout_seconds: Positive
    max_reconnect_attempts: Positive
    retries: int = Field(ge=0)
    retry_delay_seconds: int = Field(ge=0)
    turn_seconds: PositiveFloat
    scheduler_pool: str
    queue: str
    priority_weight: Positive
    register_copy_seconds: PositiveFloat
    register_wait_seconds: PositiveFloat


class PipelineConfig(Section):
    """The whole of one YAML file."""

    seed: int
    endpoints: EndpointsConfig
    parse: ParseConfig
    chunk: ChunkConfig
    serve: ServeConfig
    generate: GenerateConfig
    validate_: ValidateConfig = Field(alias="validate")
    gate: GateConfig
    split: SplitConfig
    tuning: TuningConfig
    train: TrainConfig
    benchmark: BenchmarkConfig
    publish: PublishConfig
    hosts: HostsConfig
    alerts: AlertsConfig
    orchestration: OrchestrationConfig

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _chunks_fit_training(self) -> "PipelineConfig":
        if self.chunk.max_tokens >= self.train.max_seq_length:
            message = (
                f"chunk.max_tokens is {self.chunk.max_tokens}; "
                f"must be below train.max_seq_length ({self.train.max_seq_length})"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _open_book_once(self) -> "PipelineConfig":
        if self.tuning.context == "article" and "base_open_book" in self.benchmark.systems:
            message = (
                "tuning.context is article, so that every system gets the article; "
                "remove base_open_book from benchmark.systems, which would be base again"
            )
            raise ValueError(message)
        return self


def include_path(name: str) -> Path:
    """Shipped settings lie in include/ of the repository, two folders above the package; a zipapp has none."""
    return Path(__file__).resolve().parents[2] / "include" / name


def load_config(path: Path) -> PipelineConfig:
    """Read one YAML file.

    Raises:
        ConfigurationError: the file is missing, is no YAML, or a setting is missing, unknown or out of range.
    """
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); give --config FILE.") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {error}") from error
    return parse_config(content, str(path))


def parse_config(content: object, where: str) -> PipelineConfig:
    """Check a mapping against the shape above.

    Raises:
        ConfigurationError: names the first wrong setting by its dotted path.
    """
    try:
        return PipelineConfig.model_validate(content)
    except ValidationError as error:
        # A misspelt key is both unknown and missing: the unknown one is what stands in the file.
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        setting = ".".join(str(part) for part in first["loc"]) or "file"
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        unknown = first["type"] == "extra_forbidden"
        problem = "no such setting; see include/config/pipeline.yaml" if unknown else first["msg"]
        raise ConfigurationError(f"{where}: {setting}: {problem.removeprefix('Value error, ')}{more}") from error
