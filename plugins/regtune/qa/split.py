"""split: the dataset in three parts of exact size, no question's twin on another side.

In: qa_pairs.jsonl. Out: train.jsonl, validation.jsonl, test.jsonl, each sorted by qa_id; parts.py says how.
"""

from pathlib import Path

from regtune.artifacts import read_jsonl, write_jsonl
from regtune.contracts import QAPair, RunSpec, StageResult
from regtune.qa.parts import PARTS, split_pairs


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Split the pairs of a run folder.

    Raises:
        PrerequisiteMissingError: there are too few pairs, or they cannot be divided without tearing twins apart.
    """
    pairs = read_jsonl(run_dir / "qa_pairs.jsonl", QAPair)
    parts = split_pairs(pairs, spec.config.split, spec.config.seed)
    for name in PARTS:
        write_jsonl(run_dir / f"{name}.jsonl", parts[name])
    counts: dict[str, float | int | str] = {name: len(parts[name]) for name in PARTS}
    return StageResult(counts=counts)
