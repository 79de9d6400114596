"""validate: every pair gets its evidence for and against, and the questions that ask the same are found.

In: qa_pairs.jsonl, chunks.jsonl and, when there, evaluation_pool.jsonl. Out: qa_checks.jsonl (one QACheck for each
pair of both, sorted by qa_id) and duplicates.jsonl. It refuses nothing and drops nothing; the gate decides.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from regtune.artifacts import read_jsonl, write_jsonl
from regtune.config import ValidateConfig
from regtune.contracts import Chunk, DuplicatePair, QACheck, QAPair, RunSpec, StageResult
from regtune.korean.morphology import tagger_named
from regtune.progress import Progress
from regtune.qa import (
    addition_rules,
    anchor_rules,
    citation_rules,
    exception_rules,
    form_rules,
    grounding_rules,
    negative_rules,
    polarity_rules,
    quantity_rules,
    span_rules,
    standalone_rules,
    subject_rules,
)
from regtune.qa.case import Case, Rule
from regtune.qa.corpus import Corpus
from regtune.qa.duplicates import duplicate_pairs
from regtune.qa.same_pairs import same_pairs
from regtune.qa.verifier import Question, verify

_log = logging.getLogger(__name__)
_ANSWERABLE: tuple[Rule, ...] = (
    *form_rules.RULES,
    *standalone_rules.RULES,
    *grounding_rules.RULES,
    *addition_rules.RULES,
    *quantity_rules.RULES,
    *anchor_rules.RULES,
    *exception_rules.RULES,
    *polarity_rules.RULES,
    *subject_rules.RULES,
    *citation_rules.RULES,
    *span_rules.RULES,
)
_NEGATIVE: tuple[Rule, ...] = (*form_rules.RULES, *standalone_rules.RULES, *negative_rules.RULES)
_UNCERTAIN_GROUNDING = 0.8
_EXACT = 1.0


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Check the pairs of a run folder."""
    config = spec.config.validate_
    chunks = read_jsonl(run_dir / "chunks.jsonl", Chunk)
    pairs = read_jsonl(run_dir / "qa_pairs.jsonl", QAPair)
    pool_file = run_dir / "evaluation_pool.jsonl"
    pool = read_jsonl(pool_file, QAPair) if pool_file.exists() else []
    everything = [*pairs, *pool]
    duplicates = duplicates_among(everything, chunks, config)
    checks = check_pairs(everything, chunks, config, duplicates)
    tokens: dict[str, int] = {}
    verified: Counter[str] = Counter()
    if config.verifier != "off":
        asked = _to_verify(everything, checks, chunks, config)
        verdicts, tokens = verify(asked, spec.config, dict(spec.prompts), run_dir)
        verified.update(verdicts)
        by_id = {question.pair.qa_id: verdict for question, verdict in zip(asked, verdicts, strict=True)}
        checks = [_with_verdict(check, by_id.get(check.qa_id)) for check in checks]
    write_jsonl(run_dir / "qa_checks.jsonl", checks)
    write_jsonl(run_dir / "duplicates.jsonl", duplicates)
    reasons = Counter(reason for check in checks for reason in check.reasons)
    counts: dict[str, float | int | str] = {
        "checked": len(checks),
        "failed": sum(not check.passed for check in checks),
        "duplicate_pairs": len(duplicates),
        **{f"reason_{name}": count for name, count in sorted(reasons.items())},
        **{f"verifier_{verdict}": count for verdict, count in sorted(verified.items())},
    }
    return StageResult(counts=counts, tokens=tokens)


def duplicates_among(pairs: Sequence[QAPair], chunks: Sequence[Chunk], config: ValidateConfig) -> list[DuplicatePair]:
    """Find the pairs that ask the same, by the rules that generate goes by: questions alone, or with one answer."""
    by_question = duplicate_pairs([(pair.qa_id, pair.question) for pair in pairs], config.duplicate_similarity)
    known = {(found.a, found.b) for found in by_question}
    by_answer = same_pairs(pairs, {chunk.chunk_id: chunk.text for chunk in chunks})
    added = [found for found in by_answer if (found.a, found.b) not in known]
    return sorted([*by_question, *added], key=lambda found: (found.a, found.b))


def check_pairs(
    pairs: Sequence[QAPair], chunks: Sequence[Chunk], config: ValidateConfig, duplicates: Sequence[DuplicatePair]
) -> list[QACheck]:
    """Apply every rule to every pair; sorted by qa_id.

    Args:
        pairs: in the order in which they count: of two duplicates the later one fails.
        chunks: the whole corpus; a negative is held against all of them.
        config: thresholds.
        duplicates: from `duplicate_pairs` over the same pairs.
    """
    corpus = Corpus(chunks, tagger_named(config.tagger))
    _log.info("corpus: %d chunks, %d pairs to check", len(chunks), len(pairs))
    earlier = _earlier_duplicates(pairs, duplicates)
    progress = Progress("validate", len(pairs))
    checks = []
    for pair in pairs:
        checks.append(_check(Case(pair, corpus.sources.get(pair.chunk_id), corpus, config), earlier.get(pair.qa_id)))
        progress.advance()
    return sorted(checks, key=lambda check: check.qa_id)


def _check(case: Case, duplicate: DuplicatePair | None) -> QACheck:
    rules = _NEGATIVE if case.pair.type == "negative" else _ANSWERABLE
    reasons = {reason for rule in rules for reason in rule(case)}
    if duplicate is not None:
        reasons.add("duplicate" if duplicate.score == _EXACT else "near_duplicate")
        case.figures["duplicate_of"] = duplicate.a if duplicate.b == case.pair.qa_id else duplicate.b
        case.figures["duplicate_score"] = duplicate.score
    return QACheck(
        qa_id=case.pair.qa_id,
        passed=not reasons,
        reasons=tuple(sorted(reasons)),
        figures=dict(sorted(case.figures.items())),
    )


def _earlier_duplicates(pairs: Sequence[QAPair], duplicates: Sequence[DuplicatePair]) -> dict[str, DuplicatePair]:
    """For the later of each two, the most alike earlier one."""
    position = {pair.qa_id: index for index, pair in enumerate(pairs)}
    found: dict[str, DuplicatePair] = {}
    for duplicate in sorted(duplicates, key=lambda d: (-d.score, d.a, d.b)):
        found.setdefault(max(duplicate.a, duplicate.b, key=lambda qa_id: position[qa_id]), duplicate)
    return found


def _to_verify(
    pairs: Sequence[QAPair], checks: Sequence[QACheck], chunks: Sequence[Chunk], config: ValidateConfig
) -> list[Question]:
    """Pairs that passed, each with the article it rests on, or a negative with the one that comes nearest to it."""
    by_id, by_chunk = {check.qa_id: check for check in checks}, {chunk.chunk_id: chunk for chunk in chunks}
    asked = []
    for pair in pairs:
        check = by_id[pair.qa_id]
        shown = check.figures.get("negative_chunk_id") or pair.chunk_id
        grounding = check.figures.get("grounding", 0.0)
        sure = isinstance(grounding, float) and grounding >= _UNCERTAIN_GROUNDING
        if check.passed and str(shown) in by_chunk and not (config.verifier == "uncertain" and sure):
            asked.append(Question(pair, by_chunk[str(shown)]))
    return asked


def _with_verdict(check: QACheck, verdict: str | None) -> QACheck:
    if verdict is None:
        return check
    reasons = check.reasons if verdict in ("yes", "unreadable") else tuple(sorted({*check.reasons, "unverified"}))
    figures = {**check.figures, "verifier": verdict}
    return check.model_copy(update={"reasons": reasons, "passed": not reasons, "figures": figures})
