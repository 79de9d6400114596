"""compare: what a run's corpus has that the last accepted run's had not, before anything is spent on it.

In: provisions.jsonl, chunks.jsonl; previous/ with files of the last accepted run of the same or an earlier date, where
there is one. Out: changes.json, for the report, the page and the short cut: a revision that changes nothing real is
neither generated nor trained, unless it is forced or the settings changed too.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from regtune.artifacts import RUN_FILE, read_json, read_jsonl, write_json
from regtune.contracts import ArticleChange, Changes, Chunk, Provision, QAPair, RunHead, RunSpec, StageResult
from regtune.documents.diff import compare
from regtune.open_run import PREVIOUS, earlier_recipe
from regtune.publish import Publication

_log = logging.getLogger(__name__)
_KINDS: Mapping[str, str] = {
    "added": "신설",
    "removed": "삭제",
    "changed": "변경",
    "renumbered": "번호 변경",
    "moved": "이동",
}
_PLACES = frozenset({"endpoints", "serve", "publish", "hosts", "alerts", "orchestration"})
"""Sections that say where and how a run goes, and not what it makes; of the endpoints the models' names count."""


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Write changes.json.

    Raises:
        UnusableInputError: a file of previous/ is not what its run made.
    """
    changes = _compared(run_dir, spec) if (run_dir / PREVIOUS).is_dir() else first_run()
    write_json(run_dir / "changes.json", changes)
    _log.info("compare: %s", changes.summary)
    kinds = Counter[str](change.kind for change in changes.articles)
    return StageResult(
        counts={
            "previous_run": changes.previous_run or "none",
            **{kind: kinds[kind] for kind in _KINDS},
            "retired_pairs": changes.retired_pairs,
            "retired_pool": changes.retired_pool,
            "short_cut": int(changes.short_cut),
        }
    )


def first_run() -> Changes:
    """What there is to say of a run that follows none."""
    return Changes(
        previous_run=None,
        previous_as_of=None,
        articles=(),
        short_cut=False,
        summary="앞선 실행이 없어 비교하지 않았습니다.",
        previous_pairs=(),
        previous_pool=(),
        retired_pairs=0,
        retired_pool=0,
        previous_headline=None,
        previous_figures={},
    )


@dataclass(frozen=True)
class Previous:
    """What an accepted run left."""

    head: RunHead
    recipe: RunSpec | None
    """None when this code cannot read it: nobody can say then that the recipes are the same."""
    provisions: Sequence[Provision]
    pairs: Sequence[QAPair]
    pool: Sequence[QAPair]
    publication: Publication


def read_previous(folder: Path) -> Previous:
    """Read `PREVIOUS_FILES` as far as they are compared.

    Raises:
        UnusableInputError: a file is not what this code calls by its name, as after an upgrade.
    """
    return Previous(
        head=read_json(folder / RUN_FILE, RunHead),
        recipe=earlier_recipe(folder),
        provisions=read_jsonl(folder / "provisions.jsonl", Provision),
        pairs=read_jsonl(folder / "qa_pairs.jsonl", QAPair),
        pool=read_jsonl(folder / "evaluation_pool.jsonl", QAPair),
        publication=read_json(folder / "publish.json", Publication),
    )


def _compared(run_dir: Path, spec: RunSpec) -> Changes:
    before = read_previous(run_dir / PREVIOUS)
    articles = compare(before.provisions, read_jsonl(run_dir / "provisions.jsonl", Provision))
    chunk_ids = {chunk.chunk_id for chunk in read_jsonl(run_dir / "chunks.jsonl", Chunk)}
    same = before.recipe is not None and is_same_recipe(before.recipe, spec)
    short_cut = not articles and same and spec.force is None
    return Changes(
        previous_run=before.head.run_name,
        previous_as_of=before.head.as_of,
        articles=articles,
        short_cut=short_cut,
        summary=summary_of(before.head, articles, short_cut=short_cut),
        previous_pairs=tuple(sorted(pair.qa_id for pair in before.pairs)),
        previous_pool=tuple(sorted(pair.qa_id for pair in before.pool)),
        retired_pairs=sum(pair.chunk_id not in chunk_ids for pair in before.pairs),
        retired_pool=sum(pair.chunk_id not in chunk_ids for pair in before.pool),
        previous_headline=before.publication.headline,
        previous_figures=before.publication.figures,
    )


def is_same_recipe(previous: RunSpec, spec: RunSpec) -> bool:
    """Whether the two runs differ in their corpus alone; a run that did not train stands for none that shall."""
    if previous.skip_training and not spec.skip_training:
        return False
    one, other = (_shaping(each) for each in (previous, spec))
    return one == other and previous.prompts == spec.prompts


def _shaping(spec: RunSpec) -> dict[str, object]:
    endpoints = spec.config.endpoints
    models = [endpoint.model for endpoint in (endpoints.generator, endpoints.judge, endpoints.reference)]
    return {**spec.config.model_dump(mode="json", exclude=set(_PLACES)), "models": models}


def summary_of(previous: RunHead, articles: Sequence[ArticleChange], *, short_cut: bool) -> str:
    """One Korean sentence for the run's note."""
    before = f"앞선 실행({previous.as_of})"
    if short_cut:
        return f"{before}과 비교해 실제로 바뀐 조문이 없어 다시 만들거나 학습하지 않았습니다."
    if not articles:
        return f"{before}과 비교해 바뀐 조문은 없지만 설정이 다르거나 강제로 실행했습니다."
    kinds = Counter[str](change.kind for change in articles)
    counts = ", ".join(f"{word} {kinds[kind]}" for kind, word in _KINDS.items() if kinds[kind])
    return f"{before}과 비교해 조문 {len(articles)}개가 바뀌었습니다({counts})."
