"""benchmark: base, tuned, open-book and reference model answer; scores, judge, efficiency; report.html.

In: test.jsonl (which says which articles were seen), evaluation_pool.jsonl when there, train.jsonl, chunks.jsonl,
adapter/, train_report.json; when there changes.json (what was revised), history.json (earlier runs), labels.jsonl
(people's verdicts). Out: answers.jsonl, verdicts.jsonl, benchmark.json, report.html, and the scores in the adapter's
card. Started again after a crash it asks for no answer and no verdict that it has. It decides nothing: publish does.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from regtune.artifacts import ABOUT, file_record, read_jsonl, write_json, write_jsonl, write_text
from regtune.benchmark.agreement import each_once
from regtune.benchmark.answering import Given, answer_all
from regtune.benchmark.assessment import (
    Measured,
    Sampling,
    agreement_with,
    all_differences,
    all_scores,
    all_slices,
    pick_examples,
    ratings_tell,
    summaries,
)
from regtune.benchmark.cautions import judge_warnings, warnings
from regtune.benchmark.comparing import COMPARISONS, all_comparisons
from regtune.benchmark.efficiency import GIB
from regtune.benchmark.history import past_run, read_history, read_leniently, revised_articles
from regtune.benchmark.journal import Journal
from regtune.benchmark.judge import cases_of, judge
from regtune.benchmark.metrics import PRIMARY, SystemName
from regtune.benchmark.report import Results, write_report
from regtune.benchmark.results import Benchmark, Efficiency
from regtune.benchmark.rows import Answer, Label, Verdict
from regtune.benchmark.scores import score_answer
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import headline, model_name, stand_in_names
from regtune.contracts import QA_TYPES, Chunk, HeldOutPair, QAPair, RunSpec, StageResult
from regtune.errors import UnusableInputError
from regtune.llm import Endpoint
from regtune.seen import SeenArticles
from regtune.tuning.card import with_scores

_log = logging.getLogger(__name__)
_INPUTS = (
    *("test.jsonl", "evaluation_pool.jsonl", "train.jsonl", "chunks.jsonl", "adapter", "train_report.json"),
    *("changes.json", "history.json", "labels.jsonl"),
)
Ordered = TypeVar("Ordered", Answer, Verdict)


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Benchmark the adapter of a run folder.

    Raises:
        PrerequisiteMissingError: a model or the judge is missing, or base or tuned answer nothing at all.
        UnusableInputError: rows without their chunk, or twice the same qa_id, or a line of labels.jsonl is no label,
            or contradicts another one.
    """
    asked, labels = read_asked(run_dir), _labels(run_dir)  # before anything is paid for
    _log.info("benchmark: %d questions, systems %s", len(asked), ", ".join(spec.config.benchmark.systems))
    journal = Journal(run_dir / ".benchmark.answers.jsonl")
    given = answer_all(run_dir, spec, asked, journal)
    given.answers = in_order(scored(given.answers, asked, spec), asked, spec.config.benchmark.systems)
    asyncio.run(_judge(run_dir, spec, asked, given))
    benchmark = assess(run_dir, spec, asked, given, labels)
    write_jsonl(run_dir / "answers.jsonl", given.answers)
    write_jsonl(run_dir / "verdicts.jsonl", given.verdicts)
    write_json(run_dir / "benchmark.json", benchmark)
    card = run_dir / "adapter" / ABOUT
    told = card.read_text(encoding="utf-8") if card.is_file() else ""
    write_text(card, with_scores(told, benchmark.model_dump(mode="json")))
    results = Results(
        spec=spec,
        benchmark=benchmark,
        asked=asked,
        answers=given.answers,
        verdicts=given.verdicts,
        train_report=read_leniently(run_dir / "train_report.json"),
        gate_report=read_leniently(run_dir / "gate_report.json"),
        generation=read_leniently(run_dir / "generate.manifest.json"),
        changes=read_leniently(run_dir / "changes.json"),
        history=read_history(run_dir / "history.json", past_run(benchmark, champion=False)),
    )
    write_report(run_dir, results)
    journal.close()
    _log.info("benchmark: %s", benchmark.headline)
    failures = sum(answer.failure is not None for answer in given.answers)
    counts: dict[str, float | int | str] = {
        "rows": len(asked),
        "answers": len(given.answers),
        "failures": failures,
        "verdicts": len(given.verdicts),
        "unscored": benchmark.unscored_verdicts,
        "headline": benchmark.headline,
    }
    return StageResult(counts=counts, tokens=given.tokens)


def read_asked(run_dir: Path) -> dict[str, Asked]:
    """Read the rows to answer, by qa_id, sorted.

    Raises:
        UnusableInputError: a row's chunk is not in chunks.jsonl, or a qa_id is used twice.
    """
    chunks = {chunk.chunk_id: chunk for chunk in read_jsonl(run_dir / "chunks.jsonl", Chunk)}
    seen = SeenArticles(read_jsonl(run_dir / "train.jsonl", QAPair), chunks.values())
    pool = run_dir / "evaluation_pool.jsonl"
    rows = [(row, True) for row in read_jsonl(run_dir / "test.jsonl", HeldOutPair)]
    rows += [(row, False) for row in (read_jsonl(pool, HeldOutPair) if pool.exists() else [])]
    revised = revised_articles(read_leniently(run_dir / "changes.json"))
    asked: dict[str, Asked] = {}
    for row, in_test in sorted(rows, key=lambda pair: pair[0].qa_id):
        chunk = chunks.get(row.chunk_id)
        if chunk is None:
            raise UnusableInputError(f"{run_dir}: row {row.qa_id} is about {row.chunk_id}, not in chunks.jsonl.")
        if row.qa_id in asked:
            raise UnusableInputError(f"{run_dir}: qa_id {row.qa_id} is used twice in test and evaluation pool.")
        place = (chunk.regulation_id, chunk.article)
        known = row.article_seen if row.article_seen is not None else row in seen
        asked[row.qa_id] = Asked(row, chunk, in_test, known, None if revised is None else place in revised)
    if not asked:
        raise UnusableInputError(f"{run_dir}/test.jsonl: holds no row; run split first.")
    return asked


async def _judge(run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], given: Given) -> None:
    """Every verdict on the scored answers."""
    config, endpoints = spec.config.benchmark, spec.config.endpoints
    pairs = [pair for pair in COMPARISONS if set(pair) <= set(config.systems)]
    judging = Endpoint(endpoints.judge, run_dir / endpoints.cache_dir, pacing=endpoints.pacing)
    try:
        cases = cases_of(asked, _by_system(given.answers), pairs)
        verdicts = await judge(judging, cases, spec.prompts, config, spec.config.seed)
    finally:
        await judging.close()
    given.verdicts = in_order(verdicts, asked, config.systems)
    given.tokens |= {f"judge_{name}": count for name, count in judging.ledger.as_counts().items()}


def scored(answers: Sequence[Answer], asked: Mapping[str, Asked], spec: RunSpec) -> list[Answer]:
    """Give every answer its deterministic scores; a failure has none."""
    config = spec.config.benchmark
    found = []
    for answer in answers:
        row = asked[answer.qa_id]
        scores = None if answer.failure is not None else score_answer(answer.answer, row.question, row.chunk, config)
        found.append(answer.model_copy(update={"article": row.article, "scores": scores}))
    return found


def in_order(records: Sequence[Ordered], asked: Mapping[str, Asked], systems: Sequence[str]) -> list[Ordered]:
    """Sort by kind, system as configured, then question."""
    place = {qa_id: i for i, qa_id in enumerate(asked)}

    def key(record: Answer | Verdict) -> tuple[str, int, int, int]:
        kind, opponent = (record.kind, record.opponent) if isinstance(record, Verdict) else ("", None)
        against = systems.index(opponent) if opponent is not None else -1
        return kind, systems.index(record.system), against, place[record.qa_id]

    return sorted(records, key=key)


def assess(
    run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], given: Given, labels: Sequence[Label]
) -> Benchmark:
    """Make benchmark.json of the answers, verdicts and measurements."""
    config = spec.config
    answers = _by_system(given.answers)
    sampling = Sampling(config.benchmark.bootstrap_samples, config.seed)
    measured = Measured(asked, answers, given.verdicts, sampling)
    systems = config.benchmark.systems
    labels, not_ours = _of_this_run(labels, answers)
    scores, differences = all_scores(measured, systems), all_differences(measured, systems)
    summary = summaries(measured, {name: _model_of(name, run_dir, spec) for name in systems})
    primary = {score.system: score.estimate for score in scores if score.metric == PRIMARY}
    unscored = sum(verdict.unscored is not None for verdict in given.verdicts)
    gains = [d for d in differences if (d.system, d.baseline, d.metric) == ("tuned", "base", PRIMARY)]
    stand_ins = stand_in_names(config)
    comparisons, rated = all_comparisons(measured, systems), ratings_tell(measured, systems)
    return Benchmark(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=headline(stand_ins, primary.get("tuned"), gains[0] if gains else None),
        stand_ins=stand_ins,
        warnings=(
            *warnings(config, summary, len(asked), len(given.verdicts), unscored),
            *judge_warnings(comparisons, ratings_tell=rated),
            *not_ours,
        ),
        test_rows=sum(row.in_test for row in asked.values()),
        pool_rows=sum(not row.in_test for row in asked.values()),
        rows_by_type={name: sum(row.question.type == name for row in asked.values()) for name in QA_TYPES},
        articles=len({row.article for row in asked.values()}),
        systems=summary,
        scores=scores,
        differences=differences,
        comparisons=comparisons,
        agreement=agreement_with(labels, measured, systems),
        slices=all_slices(measured, systems),
        efficiency=tuple(
            record.model_copy(update=_quality_per_cost(record, primary[record.system].value))
            for name in systems
            for record in given.efficiency
            if record.system == name
        ),
        examples=pick_examples(measured, config.benchmark.examples),
        unscored_verdicts=unscored,
        ratings_tell=rated,
        judge_model=config.endpoints.judge.model,
        judge_tokens={name: count for name, count in given.tokens.items() if name.startswith("judge_")},
        inputs={name: file_record(run_dir / name) for name in _INPUTS if (run_dir / name).exists()},
        seed=config.seed,
        bootstrap_samples=config.benchmark.bootstrap_samples,
    )


def _by_system(answers: Sequence[Answer]) -> dict[tuple[SystemName, str], Answer]:
    return {(answer.system, answer.qa_id): answer for answer in answers}


def _quality_per_cost(record: Efficiency, value: float) -> dict[str, float | None]:
    seconds = record.speeds[0].latency_p50_seconds if record.speeds else None
    return {
        "correct_per_gib": round(value / (record.weights_bytes / GIB), 4) if record.weights_bytes else None,
        "correct_per_second": round(value / seconds, 4) if seconds else None,
    }


def _labels(run_dir: Path) -> list[Label]:
    """People's labels, empty when nobody gave any.

    Raises:
        UnusableInputError: a line is no label, or two of one answer contradict one another.
    """
    path = run_dir / "labels.jsonl"
    return each_once(read_jsonl(path, Label)) if path.exists() else []


def _of_this_run(
    labels: Sequence[Label], answers: Mapping[tuple[SystemName, str], Answer]
) -> tuple[list[Label], tuple[str, ...]]:
    """The labels of this run's answers, and what to warn of."""
    ours = [label for label in labels if (label.system, label.qa_id) in answers]
    others = len(labels) - len(ours)
    if not others:
        return ours, ()
    _log.warning("labels.jsonl: %d of %d labels are about no answer of this run", others, len(labels))
    return ours, (f"라벨 {len(labels)}건 가운데 {others}건은 이 실행의 답변이 아니어서 쓰지 않았습니다.",)


def _model_of(system: SystemName, run_dir: Path, spec: RunSpec) -> tuple[str, bool]:
    """Name of the model behind a system, and whether it stands in for a real one."""
    if system == "reference":
        return spec.config.endpoints.reference.model, spec.config.endpoints.reference.stand_in
    name = model_name(spec.config.train.base_model)
    if system == "tuned":
        name = f"{name} + adapter {file_record(run_dir / 'adapter').sha256[:12]}"
    return name, spec.config.train.base_is_stand_in
