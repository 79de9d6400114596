"""A revision of one article leaves the rest of the dataset and of the evaluation pool as it was."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from counting_server import counting_server
from stand_in import pointed_at, sample_chunks

from regtune.artifacts import read_jsonl, sha256_of_bytes, write_json, write_jsonl
from regtune.config import PipelineConfig, Quota
from regtune.contracts import Chunk, Manifest, QAPair
from regtune.korean.normalise import question_key
from regtune.open_run import PREVIOUS, RunRequest, new_spec
from regtune.prompts import load_prompts
from regtune.qa.earlier_rows import NEEDED
from regtune.stages import run_stage

PROMPTS = load_prompts(Path(__file__).resolve().parents[2] / "include" / "prompts")
QUOTA = Quota(lookup=110, procedure=30, negative=20)
POOL = Quota(lookup=30, procedure=10, negative=20)
SMALL = {"quota": Quota(lookup=48, procedure=8, negative=8), "pool": Quota(lookup=8, procedure=3, negative=6)}
FILES = ("qa_pairs.jsonl", "evaluation_pool.jsonl")


def corpus(*names: str) -> list[Chunk]:
    """Articles of sample regulations, without tables and 부칙; as in the real stage, other text is another chunk."""
    titles = {"service": "복무규정", "travel": "여비규정", "work-rules": "취업규칙"}
    chunks = [chunk for name in names for chunk in sample_chunks(f"{name}-2024-01-01", titles[name])]
    return [_named(c, c.text.split("\n|")[0]) for c in chunks if "경과조치" not in c.text]


def revised(chunks: Sequence[Chunk], chunk_id: str) -> list[Chunk]:
    """The same with a sentence more in one article."""
    more = " 이 조에 따른 신청은 7일 전까지 하여야 한다."
    return [_named(c, c.text + more) if c.chunk_id == chunk_id else c for c in chunks]


def _named(chunk: Chunk, text: str) -> Chunk:
    sha256 = sha256_of_bytes(f"{chunk.regulation_id} {chunk.article} {text}".encode())
    return chunk.model_copy(update={"text": text, "text_sha256": sha256, "chunk_id": sha256[:16]})


@dataclass(frozen=True)
class Made:
    """What one run left."""

    folder: Path
    manifest: Manifest
    requests: int
    """That arrived at the server."""

    def rows(self, name: str) -> list[QAPair]:
        """Rows of one file."""
        return read_jsonl(self.folder / name, QAPair)

    def questions(self, name: str) -> set[str]:
        """What they ask, in normal form."""
        return {question_key(row.question) for row in self.rows(name)}


@dataclass
class Runs:
    """Runs of generate in one folder; the cache of replies is lost in between."""

    root: Path
    config: PipelineConfig

    def make(
        self, name: str, chunks: Sequence[Chunk], previous: Made | None, quota: Quota, pool: Quota, seed: int = 0
    ) -> Made:
        """Run the stage after another run."""
        sizes = {"quota": quota, "evaluation_pool": pool}
        changes = {"generate": self.config.generate.model_copy(update=sizes), "seed": self.config.seed + seed}
        folder = self.root / name / "runs" / name
        folder.mkdir(parents=True)
        with counting_server() as (url, arrived):
            config = pointed_at(self.config.model_copy(update=changes), url)
            write_json(folder / "run.json", new_spec(RunRequest(as_of=date(2024, 1, 1)), [], config, PROMPTS))
            write_jsonl(folder / "chunks.jsonl", chunks)
            if previous is not None:
                (folder / PREVIOUS).mkdir()
                for file in NEEDED:
                    shutil.copyfile(previous.folder / file, folder / PREVIOUS / file)
            manifest = run_stage("generate", folder)
            return Made(folder, manifest, len(arrived))


@pytest.fixture
def runs(tmp_path: Path, demo_config: PipelineConfig) -> Runs:
    """Begin with none."""
    return Runs(tmp_path, demo_config)


def test_a_revision_of_one_article_in_a_hundred_costs_three_percent(runs: Runs) -> None:
    """Rows of all other articles stay word for word, without a call, though no reply is in the cache any more.

    The pool was planned anew from what the pairs had left, and a row of it went into the next training.
    """
    before = corpus("service", "travel", "work-rules")
    assert len(before) >= 100
    first = runs.make("first", before, None, QUOTA, POOL)
    in_both = set.intersection(*({row.chunk_id for row in first.rows(name)} for name in FILES))
    second = runs.make("second", revised(before, min(in_both)), first, QUOTA, POOL)
    there = {chunk.chunk_id for chunk in read_jsonl(second.folder / "chunks.jsonl", Chunk)}
    for name in FILES:
        old, new = first.rows(name), second.rows(name)
        stay = [row for row in old if row.chunk_id in there]
        assert 0 < len(old) - len(stay) < 10
        assert [row for row in new if row in stay] == stay
        assert len(new) == len(old)
    assert not first.questions("evaluation_pool.jsonl") & second.questions("qa_pairs.jsonl")
    assert not first.questions("qa_pairs.jsonl") & second.questions("evaluation_pool.jsonl")
    assert 0 < second.requests <= 0.03 * first.requests
    counts = second.manifest.counts
    assert (counts["kept_pairs"], counts["kept_pool"]) != (0, 0)


def test_a_question_never_changes_sides_when_all_is_made_anew(runs: Runs) -> None:
    """Another seed makes other pairs; what was in the pool is in no training set, and the other way round."""
    first = runs.make("first", corpus("service"), None, **SMALL)
    second = runs.make("second", corpus("service"), first, **SMALL, seed=7)
    assert not first.questions("evaluation_pool.jsonl") & second.questions("qa_pairs.jsonl")
    assert not first.questions("qa_pairs.jsonl") & second.questions("evaluation_pool.jsonl")
    assert second.manifest.counts["kept_pairs"] == second.manifest.counts["kept_pool"] == 0


def test_articles_of_a_new_regulation_are_asked_though_every_pair_could_stay(runs: Runs) -> None:
    """Each gets a pair in place of one whose article has another; the pool's rows stay all the same."""
    first = runs.make("first", corpus("service"), None, **SMALL)
    second = runs.make("second", corpus("service", "travel"), first, **SMALL)
    assert second.manifest.counts["chunks_covered"] == second.manifest.counts["chunks_to_cover"]
    assert second.rows("evaluation_pool.jsonl") == first.rows("evaluation_pool.jsonl")
    assert len(second.rows("qa_pairs.jsonl")) == len(first.rows("qa_pairs.jsonl"))


def test_a_smaller_quota_keeps_as_many_rows_as_it_has_room_for(runs: Runs) -> None:
    """Nothing is asked, each article that had a pair has one."""
    first = runs.make("first", corpus("service"), None, **SMALL)
    fewer = SMALL["quota"].model_copy(update={"lookup": 46, "negative": 7})
    second = runs.make("second", corpus("service"), first, fewer, SMALL["pool"])
    assert second.requests == 0
    ids = [{row.qa_id for row in run.rows("qa_pairs.jsonl")} for run in (first, second)]
    assert ids[1] < ids[0]
    assert len(second.rows("qa_pairs.jsonl")) == fewer.total
    assert second.manifest.counts["chunks_covered"] == first.manifest.counts["chunks_covered"]
