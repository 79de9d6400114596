"""gate: the dataset is accepted, or refused with a reason for everybody who has to know.

In: qa_pairs.jsonl, qa_checks.jsonl and, when there, chunks.jsonl, evaluation_pool.jsonl, duplicates.jsonl, review.json
and previous_gate_report.json (of the last accepted dataset). Out: gate_report.json and data_docs/ (the site of Great
Expectations, made to open offline), both written before a refusal is raised. It runs where the scheduler runs: no
tagger, no model. Counts are those of the configuration, also for plain files: somebody with a dataset of another size
gives --config with its own generate.quota.
"""

import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from regtune.artifacts import read_json, read_jsonl, replacing_folder, write_json
from regtune.config import PipelineConfig
from regtune.contracts import (
    Chunk,
    DuplicatePair,
    Expectation,
    GateProfile,
    GateReport,
    QACheck,
    QAPair,
    Review,
    RunSpec,
    StageResult,
)
from regtune.errors import GateRefusedError
from regtune.qa.data_docs import finish
from regtune.qa.gate_profile import profile_of
from regtune.qa.gate_rows import DATASET, POOL, Judged, articles_to_ask, frame_of, kept_by_reviewer
from regtune.qa.gate_suite import Judgement
from regtune.qa.reasons import REVIEW_EXCLUDED, REVIEW_OVERRULED

if TYPE_CHECKING:
    from regtune.qa.expectations import Held

_log = logging.getLogger(__name__)
_FIRST = "비교할 지난 데이터셋이 없어 지난번과의 차이는 확인하지 않았습니다."
_NOT_ACCEPTED = "지난 데이터셋이 검사를 통과하지 못했거나 요약이 없어 지난번과의 차이는 확인하지 않았습니다."
_NO_CHUNKS = "규정 조문(chunks.jsonl)이 없어 조문 포함률은 확인하지 않았습니다."
_NO_POOL = "평가 풀이 없어 학습 데이터와 겹치는지는 확인하지 않았습니다."


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Judge the dataset of a run folder.

    Raises:
        GateRefusedError: an expectation failed; the report and the Data Docs are there.
    """
    judged = _read(run_dir)
    run_time = datetime.combine(spec.as_of, datetime.min.time(), timezone.utc)
    with replacing_folder(run_dir / "data_docs") as docs:
        report = judge(judged, spec.config, _previous(run_dir), docs, (spec.run_name, run_time))
        finish(docs, report, spec)
    write_json(run_dir / "gate_report.json", report)
    failed = [expectation for expectation in report.expectations if not expectation.success]
    for expectation in failed:
        _log.info("refused by %s: %d rows named", label(expectation), len(expectation.failed_ids))
    if failed:
        names = ", ".join(label(expectation) for expectation in failed)
        raise GateRefusedError(
            f"{run_dir}: the gate refused {report.rows} pairs: {len(failed)} of {len(report.expectations)} "
            f"expectations failed: {names}; see gate_report.json and data_docs/index.html."
        )
    return StageResult(
        counts={"rows": report.rows, "pool_rows": report.pool_rows, "expectations": len(report.expectations)}
    )


def judge(
    judged: Judged,
    config: PipelineConfig,
    previous: tuple[GateProfile | None, str | None],
    docs: Path,
    run_name: tuple[str, datetime],
) -> GateReport:
    """Apply the suite, build the site of Great Expectations in `docs`, and say what it would say without each reason.

    Args:
        judged: the records.
        config: thresholds and quotas.
        previous: profile of the last accepted dataset, and in Korean why there is none.
        docs: an empty folder.
        run_name: with the time that the site shows.
    """
    frame = frame_of(judged, config)
    held = _held(judged, config, previous[0])
    judgement = Judgement(config)
    expectations = judgement.of(frame, held, docs, run_name)
    failed = [expectation for expectation in expectations if not expectation.success]
    reasons = _reasons(judged)
    without: dict[str, tuple[str, ...]] = dict.fromkeys(reasons, ())
    for reason in reasons if failed else ():
        other = replace(judged, ignored=frozenset({reason}))
        allowed = _held(other, config, previous[0])
        verdicts = judgement.of(frame_of(other, config), allowed)
        without[reason] = tuple(e.description for e in verdicts if not e.success)
    blind = (previous[1], None if judged.chunks else _NO_CHUNKS, None if judged.pool else _NO_POOL)
    return GateReport(
        passed=not failed,
        rows=len(judged.pairs),
        pool_rows=len(judged.pool),
        expectations=tuple(expectations),
        reasons=reasons,
        without=without,
        not_checked=tuple(note for note in blind if note),
        profile=profile_of(frame[frame["part"] == DATASET].to_dict("records"), held.articles),
    )


def label(expectation: Expectation) -> str:
    """Name an expectation in a log: `expect_column_values_to_be_null(duplicate_of)`."""
    return f"{expectation.name}({expectation.column})" if expectation.column else expectation.name


def _read(run_dir: Path) -> Judged:
    review_file = run_dir / "review.json"
    pool_file, chunks_file = run_dir / "evaluation_pool.jsonl", run_dir / "chunks.jsonl"
    duplicates_file = run_dir / "duplicates.jsonl"
    return Judged(
        pairs=read_jsonl(run_dir / "qa_pairs.jsonl", QAPair),
        checks=read_jsonl(run_dir / "qa_checks.jsonl", QACheck),
        pool=read_jsonl(pool_file, QAPair) if pool_file.exists() else [],
        chunks=read_jsonl(chunks_file, Chunk) if chunks_file.exists() else [],
        duplicates=read_jsonl(duplicates_file, DuplicatePair) if duplicates_file.exists() else [],
        review=read_json(review_file, Review) if review_file.exists() else None,
    )


def _previous(run_dir: Path) -> tuple[GateProfile | None, str | None]:
    path = run_dir / "previous_gate_report.json"
    if not path.exists():
        return None, _FIRST
    report = read_json(path, GateReport)
    if not report.passed or report.profile is None:
        return None, _NOT_ACCEPTED
    return report.profile, None


def _held(judged: Judged, config: PipelineConfig, previous: GateProfile | None) -> "Held":
    from regtune.qa.expectations import Held

    return Held(
        pool=bool(judged.pool),
        articles=articles_to_ask(judged.chunks),
        excluded=_allowed_exclusions(judged, config),
        previous=previous,
    )


def _allowed_exclusions(judged: Judged, config: PipelineConfig) -> dict[tuple[str, str], int]:
    """Rows that a reviewer took out, where they are few enough; the quota stands as it is where they are not."""
    rows = judged.review.rows if judged.review else ()
    out = Counter((POOL if row.pool else DATASET, row.type) for row in rows if row.decision == "exclude")
    share = 1.0 if REVIEW_EXCLUDED in judged.ignored else config.gate.max_review_excluded_share
    quotas = {DATASET: config.generate.quota, POOL: config.generate.evaluation_pool}
    return {(part, t): count for (part, t), count in sorted(out.items()) if count <= quotas[part].of(t) * share}


def _reasons(judged: Judged) -> dict[str, int]:
    """Rows by reason; what a reviewer took out or kept against a check is counted too."""
    counts = Counter(reason for check in judged.checks for reason in check.reasons)
    counts[REVIEW_EXCLUDED] = sum(row.decision == "exclude" for row in (judged.review.rows if judged.review else ()))
    kept = kept_by_reviewer(judged.review)
    counts[REVIEW_OVERRULED] = sum(not check.passed and check.qa_id in kept for check in judged.checks)
    return {reason: count for reason, count in sorted(counts.items()) if count}
