"""split: the dataset in three parts of exact size, no question's twin on another side.

In: qa_pairs.jsonl and, to tell articles, chunks.jsonl. Out: train.jsonl, validation.jsonl, test.jsonl, each sorted by
qa_id; parts.py says how. Each test row says whether training has seen its article. Where previous/ has the parts of an
earlier run with the same seed, pairs keep the sides that they had there.
"""

import logging
from pathlib import Path

from regtune.artifacts import RUN_FILE, read_jsonl, write_jsonl
from regtune.contracts import Chunk, HeldOutPair, QAPair, RunSpec, StageResult
from regtune.open_run import PREVIOUS, earlier_recipe
from regtune.qa.parts import PARTS, split_pairs
from regtune.seen import SeenArticles

_log = logging.getLogger(__name__)


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Split the pairs of a run folder.

    Raises:
        PrerequisiteMissingError: there are too few pairs, or they cannot be divided without tearing twins apart.
    """
    pairs = read_jsonl(run_dir / "qa_pairs.jsonl", QAPair)
    before = _sides_before(run_dir / PREVIOUS, spec)
    parts = split_pairs(pairs, spec.config.split, spec.config.seed, before)
    chunks = run_dir / "chunks.jsonl"
    seen = SeenArticles(parts["train"], read_jsonl(chunks, Chunk) if chunks.is_file() else ())
    test = [HeldOutPair(**dict(pair), article_seen=pair in seen) for pair in parts["test"]]
    for name in PARTS:
        write_jsonl(run_dir / f"{name}.jsonl", test if name == "test" else parts[name])
    counts: dict[str, float | int | str] = {name: len(parts[name]) for name in PARTS}
    side = {pair.qa_id: name for name in PARTS for pair in parts[name]}
    counts["kept_sides"] = sum(before.get(qa_id) == name for qa_id, name in side.items())
    counts["changed_sides"] = sum(before.get(qa_id, name) != name for qa_id, name in side.items())
    counts["test_articles_seen"] = sum(bool(pair.article_seen) for pair in test)
    _log.info("split: training has the article of %d of %d test rows", counts["test_articles_seen"], len(test))
    return StageResult(counts=counts)


def _sides_before(previous: Path, spec: RunSpec) -> dict[str, str]:
    """qa_id -> part of the earlier run; none where there is no earlier run, or it drew by another seed."""
    if not previous.is_dir():
        return {}
    recipe = earlier_recipe(previous) if (previous / RUN_FILE).is_file() else None
    if recipe is not None and recipe.config.seed != spec.config.seed:
        _log.info("split: run %s drew by another seed; its sides are not kept", recipe.run_name)
        return {}
    return {pair.qa_id: name for name in PARTS for pair in read_jsonl(previous / f"{name}.jsonl", HeldOutPair)}
