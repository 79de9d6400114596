"""A run folder with chunks of a sample regulation, and the stage generate run in it, for tests."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from stand_in import REPOSITORY, pointed_at, sample_chunks

from regtune.artifacts import load_spec, write_json, write_jsonl
from regtune.config import PipelineConfig, Quota
from regtune.contracts import StageResult
from regtune.open_run import RunRequest, new_spec
from regtune.prompts import load_prompts
from regtune.qa import generate

QUOTA = Quota(lookup=24, procedure=12, negative=8)
POOL = Quota(lookup=6, procedure=4, negative=5)
NONE = Quota(lookup=0, procedure=0, negative=0)
OUTPUTS = ("qa_pairs.jsonl", "evaluation_pool.jsonl", "qa_rejected.jsonl")


def prepared(
    folder: Path,
    config: PipelineConfig,
    url: str,
    *,
    quota: Quota = QUOTA,
    pool: Quota = POOL,
    **changes: Any,
) -> None:
    """Write run.json and chunks.jsonl.

    Args:
        folder: the run folder.
        config: to start from.
        url: of the generator.
        quota: of the pairs.
        pool: of the evaluation pool.
        **changes: `chunks` (by default those of the sample 복무규정), `outage_seconds` of endpoints.pacing, `seed` of
            the run, `settings` of generate; the others are of endpoints.generator.
    """
    chunks, seed = changes.pop("chunks", None), changes.pop("seed", config.seed)
    settings, outage_seconds = changes.pop("settings", {}), changes.pop("outage_seconds", 0.5)
    sizes = config.generate.model_copy(update={"quota": quota, "evaluation_pool": pool, **settings})
    pacing = config.endpoints.pacing.model_copy(update={"outage_seconds": outage_seconds})
    endpoints = config.endpoints.model_copy(update={"pacing": pacing})
    sections = {"generate": sizes, "endpoints": endpoints, "seed": seed}
    config = pointed_at(config.model_copy(update=sections), url, **changes)
    spec = new_spec(RunRequest(as_of=date(2024, 1, 1)), [], config, load_prompts(REPOSITORY / "include" / "prompts"))
    folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(folder / "chunks.jsonl", sample_chunks() if chunks is None else chunks)
    write_json(folder / "run.json", spec)


def generated(folder: Path, config: PipelineConfig, url: str, **changes: Any) -> StageResult:
    """Run the stage in a folder; `changes` are those of `prepared`."""
    prepared(folder, config, url, **changes)
    return generate.run(folder, load_spec(folder))


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of what the stage wrote."""
    there = [name for name in OUTPUTS if (folder / name).exists()]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in there}
