"""What the gate looks at: one row a pair, dataset before pool, with what its check and its reviewer said.

In: the records of a run folder. Out: a pandas frame; nothing is left out. Questions that ask the same come from
duplicates.jsonl, from the checks and from the gate's own comparison, so that a missing file hides none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regtune.config import PipelineConfig
from regtune.contracts import Chunk, DuplicatePair, QACheck, QAPair, Review
from regtune.errors import PrerequisiteMissingError
from regtune.korean.absence import says_absent
from regtune.korean.normalise import question_key
from regtune.qa.duplicates import duplicate_pairs
from regtune.qa.parts import split_pairs
from regtune.qa.plan import askable
from regtune.qa.reasons import SAME_QUESTIONS

if TYPE_CHECKING:
    import pandas as pd

DATASET, POOL = "dataset", "pool"
COLUMNS = (
    "qa_id",
    "part",
    "type",
    "question",
    "answer",
    "evidence",
    "article",
    "passed",
    "reasons",
    "says_absent",
    "grounding",
    "negative_evidence",
    "duplicate_of",
    "leaks_from",
    "split_into",
    "leaks_across",
)
_FLOATS = {"grounding": "float64", "negative_evidence": "float64"}
_SEPARATOR = ", "


@dataclass(frozen=True)
class Judged:
    """The records of one run."""

    pairs: Sequence[QAPair]
    pool: Sequence[QAPair]
    checks: Sequence[QACheck]
    chunks: Sequence[Chunk] = ()
    duplicates: Sequence[DuplicatePair] = ()
    review: Review | None = None
    ignored: frozenset[str] = field(default=frozenset())
    """Reasons that are taken as if no row had them."""


def frame_of(judged: Judged, config: PipelineConfig) -> "pd.DataFrame":
    """One row a pair."""
    import pandas as pd

    checks = {check.qa_id: check for check in judged.checks}
    articles = {chunk.chunk_id: article_of(chunk) for chunk in judged.chunks}
    dataset = {pair.qa_id for pair in judged.pairs}
    same = same_questions(judged, config.validate_.duplicate_similarity)
    side = _split(judged.pairs, config)
    kept = kept_by_reviewer(judged.review) if config.gate.reviewer_overrules else frozenset()
    rows = []
    for part, pair in (*((DATASET, pair) for pair in judged.pairs), *((POOL, pair) for pair in judged.pool)):
        check, others = checks.get(pair.qa_id), same.get(pair.qa_id, [])
        figures: Mapping[str, Any] = check.figures if check else {}
        reasons = None if check is None else reasons_left(check, pair.qa_id in kept, judged.ignored)
        rows.append(
            {
                "qa_id": pair.qa_id,
                "part": part,
                "type": pair.type,
                "question": pair.question,
                "answer": pair.answer,
                "evidence": pair.evidence,
                "article": articles.get(pair.chunk_id),
                "passed": None if reasons is None else not reasons,
                "reasons": None if reasons is None else _SEPARATOR.join(reasons),
                "says_absent": says_absent(pair.answer),
                "grounding": figures.get("grounding"),
                "negative_evidence": figures.get("negative_evidence"),
                "duplicate_of": next(iter(others), None),
                "leaks_from": next((o for o in others if o in dataset), None) if part == POOL else None,
                "split_into": side.get(pair.qa_id),
                "leaks_across": next((o for o in others if side.get(o, "") != side.get(pair.qa_id, "")), None)
                if part == DATASET
                else None,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(_FLOATS)


def reasons_of(cell: object) -> tuple[str, ...]:
    """The names in a cell of the column `reasons`."""
    return tuple(cell.split(_SEPARATOR)) if isinstance(cell, str) and cell else ()


def reasons_left(check: QACheck, kept: bool, ignored: frozenset[str]) -> tuple[str, ...]:  # noqa: FBT001 - a fact
    """Reasons that count: a reviewer's word stands above a check's, but two questions that ask the same stay two."""
    return tuple(reason for reason in check.reasons if reason not in ignored and (not kept or reason in SAME_QUESTIONS))


def kept_by_reviewer(review: Review | None) -> frozenset[str]:
    """Ids of the rows that a person accepted as they are; a mended one is checked like any other."""
    return frozenset(row.qa_id for row in review.rows if row.decision == "accept") if review else frozenset()


def article_of(chunk: Chunk) -> str:
    """Regulation and article: `취업규칙 제15조`."""
    return f"{chunk.regulation_title} {chunk.article}".strip()


def articles_to_ask(chunks: Sequence[Chunk]) -> list[str]:
    """Regulation and article of every chunk that holds something to ask about."""
    ids = askable(chunks)
    return sorted({article_of(chunk) for chunk in chunks if chunk.chunk_id in ids})


def same_questions(judged: Judged, similarity: float) -> dict[str, list[str]]:
    """For each pair the earlier ones that ask the same."""
    everything = [*judged.pairs, *judged.pool]
    position = {pair.qa_id: index for index, pair in enumerate(everything)}
    key = {pair.qa_id: question_key(pair.question) for pair in everything}
    found: dict[str, set[str]] = {}

    def note(one: str, other: str) -> None:
        if one != other and one in position and other in position:
            reason = SAME_QUESTIONS[0] if key[one] == key[other] else SAME_QUESTIONS[1]
            if reason not in judged.ignored:
                early, late = sorted((one, other), key=lambda qa_id: position[qa_id])
                found.setdefault(late, set()).add(early)

    distinct = {pair.qa_id: pair.question for pair in everything}
    for duplicate in (*judged.duplicates, *duplicate_pairs(list(distinct.items()), similarity)):
        note(duplicate.a, duplicate.b)
    for check in judged.checks:
        if set(SAME_QUESTIONS) & set(check.reasons):
            note(check.qa_id, str(check.figures.get("duplicate_of")))
    return {late: sorted(early, key=lambda qa_id: position[qa_id]) for late, early in found.items()}


def _split(pairs: Sequence[QAPair], config: PipelineConfig) -> dict[str, str]:
    """The part that each pair will go to; empty where the dataset cannot be divided."""
    try:
        parts = split_pairs(pairs, config.split, config.seed)
    except PrerequisiteMissingError:
        return {}
    return {pair.qa_id: name for name, members in parts.items() for pair in members}
