"""check_02: whether the dataset host can do its stages. See checks.py."""

from pathlib import Path

from regtune.contracts import RunSpec, StageResult
from regtune.hosts.checks import Findings, check_endpoint, check_host, concluded


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Log what is there and what is missing.

    Raises:
        PrerequisiteMissingError: names everything that is missing.
    """
    found = Findings("02")
    check_host(found, run_dir, spec)
    serve = spec.config.serve
    if serve.mode == "external":
        check_endpoint(found, "generator", spec.config.endpoints.generator)
    else:
        found.expect(Path(serve.python).is_file(), f"serve.python {serve.python}")
        found.expect((Path(serve.model_path) / "config.json").is_file(), f"serve.model_path {serve.model_path}")
    if spec.config.chunk.tokenizer != "qwen":
        found.expect(Path(spec.config.chunk.tokenizer).is_file(), f"chunk.tokenizer {spec.config.chunk.tokenizer}")
    return concluded(found)
