"""check_02: whether the dataset host can do its stages. See checks.py."""

from pathlib import Path

from regtune.contracts import RunSpec, StageResult
from regtune.hosts.checks import check_endpoint, check_file, check_host, check_port, concluded
from regtune.hosts.findings import Findings


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Look, and clear up.

    Raises:
        PrerequisiteMissingError: names everything that is missing.
    """
    return concluded(look(run_dir, spec), run_dir, spec)


def look(run_dir: Path, spec: RunSpec) -> Findings:
    """Log what is there and what is missing."""
    found = Findings("02")
    check_host(found, run_dir, spec)
    serve, generator = spec.config.serve, spec.config.endpoints.generator
    if serve.mode == "external":
        check_endpoint(found, "generator", generator)
    else:
        check_file(found, "serve.python", serve.python)
        check_file(found, "serve.model_path", serve.model_path, "config.json")
        check_port(found, "serve.port", serve.port, generator)
    if spec.config.chunk.tokenizer != "qwen":
        check_file(found, "chunk.tokenizer", spec.config.chunk.tokenizer)
    return found
