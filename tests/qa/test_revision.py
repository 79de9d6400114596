"""A revision of one article leaves the rest of the dataset and of the evaluation pool as it was."""

from datetime import date
from pathlib import Path

import pytest
from stand_in import pointed_at, sample_chunks, stand_in

from regtune.artifacts import read_jsonl, sha256_of_bytes, write_json, write_jsonl
from regtune.config import PipelineConfig
from regtune.contracts import Chunk, QAPair
from regtune.open_run import RunRequest, new_spec
from regtune.prompts import load_prompts
from regtune.stages import run_stage

PROMPTS = load_prompts(Path(__file__).resolve().parents[2] / "include" / "prompts")
QUOTA = {"lookup": 12, "procedure": 6, "negative": 8}
POOL = {"lookup": 6, "procedure": 3, "negative": 6}


def revised(chunks: list[Chunk], article: str) -> list[Chunk]:
    """Change one figure of one article; as in the real stage, other text is another chunk."""
    changed = []
    for chunk in chunks:
        text = chunk.text.replace("3일", "4일") if chunk.article == article else chunk.text
        sha256 = sha256_of_bytes(text.encode())
        changed.append(chunk.model_copy(update={"text": text, "text_sha256": sha256, "chunk_id": sha256[:16]}))
    return changed


@pytest.fixture
def runs(tmp_path: Path, demo_config: PipelineConfig) -> list[tuple[dict[str, int], Path]]:
    """Generate for the service rules, then again after a revision; gives tokens and folder of each run."""
    generate = demo_config.generate
    quotas = {"quota": generate.quota.model_copy(update=QUOTA)}
    quotas["evaluation_pool"] = generate.evaluation_pool.model_copy(update=POOL)
    made = []
    with stand_in(tmp_path) as url:
        config = pointed_at(demo_config.model_copy(update={"generate": generate.model_copy(update=quotas)}), url)
        for day, article in (("2024-01-01", ""), ("2025-01-01", "제9조")):
            folder = tmp_path / "runs" / day
            folder.mkdir(parents=True)
            spec = new_spec(RunRequest(as_of=date.fromisoformat(day)), [], config, PROMPTS)
            write_json(folder / "run.json", spec)
            write_jsonl(folder / "chunks.jsonl", revised(sample_chunks(), article))
            made.append((dict(run_stage("generate", folder).tokens), folder))
    return made


def test_rows_stay_but_for_the_revised_article(runs: list[tuple[dict[str, int], Path]]) -> None:
    """A row whose article is unchanged is there again, word for word; those of the revised one retire."""
    (_, before), (_, after) = runs
    there = {chunk.chunk_id for chunk in read_jsonl(after / "chunks.jsonl", Chunk)}
    retired = 0
    for name in ("evaluation_pool.jsonl", "qa_pairs.jsonl"):
        old, new = (read_jsonl(folder / name, QAPair) for folder in (before, after))
        stays = [pair for pair in old if pair.chunk_id in there]
        retired += len(old) - len(stays)
        lost = [pair.qa_id for pair in stays if pair not in new]
        assert len(lost) <= 1, lost  # the revised article may take another share of the quota
        assert len(new) == len(old)
    assert retired > 0


def test_only_the_revised_article_is_asked_about(runs: list[tuple[dict[str, int], Path]]) -> None:
    """The second run calls the model for a small part of what the first one did; the rest comes from the cache."""
    (first, _), (second, _) = runs
    assert second["calls"] <= first["calls"] * 0.2
    assert second["cached_calls"] >= first["calls"] * 0.8
