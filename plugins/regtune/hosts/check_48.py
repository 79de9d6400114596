"""check_48: whether the tuning host can do its stages. See checks.py."""

from pathlib import Path

from regtune.contracts import RunSpec, StageResult
from regtune.hosts.checks import check_endpoint, check_file, check_host, concluded
from regtune.hosts.findings import Findings
from regtune.hosts.packages import missing_packages


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Look, and clear up.

    Raises:
        PrerequisiteMissingError: names everything that is missing.
    """
    return concluded(look(run_dir, spec), run_dir, spec)


def look(run_dir: Path, spec: RunSpec) -> Findings:
    """Log what is there and what is missing; a run that skips training asks nothing of this host but to answer."""
    found = Findings("48")
    if spec.skip_training:
        return found
    check_host(found, run_dir, spec)
    train = spec.config.train
    check_file(found, "train.base_model", train.base_model, "config.json")
    if train.engine == "unsloth":
        found.expect(not missing_packages(["unsloth"]), "package unsloth", "or set train.engine to transformers")
    if spec.config.benchmark.server == "vllm":
        check_file(found, "benchmark.vllm.python", spec.config.benchmark.vllm.python)
    check_endpoint(found, "judge", spec.config.endpoints.judge)
    if "reference" in spec.config.benchmark.systems:
        check_endpoint(found, "reference", spec.config.endpoints.reference)
    return found
