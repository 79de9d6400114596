"""benchmark: base, tuned, open-book and reference model answer; scores, judge, efficiency; report.html.

In: test.jsonl, evaluation_pool.jsonl when there, train.jsonl (which articles were seen), chunks.jsonl, adapter/,
train_report.json. Out: answers.jsonl, verdicts.jsonl, benchmark.json, report.html. Started again after a crash it
asks for no answer that it has. It decides nothing: publish does.
"""

import asyncio
import gc
import importlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from regtune.artifacts import file_record, read_jsonl, write_json, write_jsonl
from regtune.benchmark.assessment import (
    COMPARISONS,
    Measured,
    Sampling,
    all_comparisons,
    all_differences,
    all_scores,
    all_slices,
    pick_examples,
    summaries,
)
from regtune.benchmark.efficiency import GIB, Loaded, measure_endpoint, measure_local
from regtune.benchmark.judge import cases_of, judge
from regtune.benchmark.report import Results, read_leniently, write_report
from regtune.benchmark.results import PRIMARY, Answer, Benchmark, Efficiency, SystemName, Verdict
from regtune.benchmark.scores import score_answer
from regtune.benchmark.systems import (
    Asked,
    Journal,
    LocalModel,
    answer_by_endpoint,
    answer_locally,
    messages_for,
    request_of,
)
from regtune.benchmark.wording import headline, model_name, stand_in_names, warnings
from regtune.contracts import QA_TYPES, Chunk, QAPair, RunSpec, StageResult
from regtune.errors import UnusableInputError
from regtune.llm import Endpoint
from regtune.tuning.models import load_base, share_the_cores, with_adapter

_log = logging.getLogger(__name__)
_INPUTS = ("test.jsonl", "evaluation_pool.jsonl", "train.jsonl", "chunks.jsonl", "adapter", "train_report.json")
_SHOWN_IN_REPORT = ("train_report.json", "gate_report.json", "generate.manifest.json")
LOCAL: tuple[SystemName, ...] = ("base", "base_open_book", "tuned")
"""In this order: the adapter is put on the loaded base last."""
Ordered = TypeVar("Ordered", Answer, Verdict)


@dataclass
class _Answered:
    """What the systems gave."""

    answers: list[Answer] = field(default_factory=list)
    efficiency: list[Efficiency] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Benchmark the adapter of a run folder.

    Raises:
        PrerequisiteMissingError: a model or an endpoint is missing, or answers nothing at all.
        UnusableInputError: rows without their chunk, or twice the same qa_id.
    """
    asked = read_asked(run_dir)
    _log.info("benchmark: %d questions, systems %s", len(asked), ", ".join(spec.config.benchmark.systems))
    journal = Journal(run_dir / ".benchmark.answers.jsonl")
    given = _answer_locally(run_dir, spec, asked, journal)
    asyncio.run(_ask_endpoints(run_dir, spec, asked, given))
    benchmark = assess(run_dir, spec, asked, given)
    write_jsonl(run_dir / "answers.jsonl", given.answers)
    write_jsonl(run_dir / "verdicts.jsonl", given.verdicts)
    write_json(run_dir / "benchmark.json", benchmark)
    others = [read_leniently(run_dir / name) for name in _SHOWN_IN_REPORT]
    write_report(run_dir, Results(spec, benchmark, asked, given.answers, given.verdicts, *others))
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
    train = read_jsonl(run_dir / "train.jsonl", QAPair)
    seen = {(c.regulation_id, c.article) for row in train if (c := chunks.get(row.chunk_id)) is not None}
    pool = run_dir / "evaluation_pool.jsonl"
    rows = [(row, True) for row in read_jsonl(run_dir / "test.jsonl", QAPair)]
    rows += [(row, False) for row in (read_jsonl(pool, QAPair) if pool.exists() else [])]
    asked: dict[str, Asked] = {}
    for row, in_test in sorted(rows, key=lambda pair: pair[0].qa_id):
        chunk = chunks.get(row.chunk_id)
        if chunk is None:
            raise UnusableInputError(f"{run_dir}: row {row.qa_id} is about {row.chunk_id}, not in chunks.jsonl.")
        if row.qa_id in asked:
            raise UnusableInputError(f"{run_dir}: qa_id {row.qa_id} is used twice in test and evaluation pool.")
        asked[row.qa_id] = Asked(row, chunk, in_test, (chunk.regulation_id, chunk.article) in seen)
    if not asked:
        raise UnusableInputError(f"{run_dir}/test.jsonl: holds no row; run split first.")
    return asked


def _answer_locally(run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], journal: Journal) -> _Answered:
    """Answers and efficiency of the systems that run here, on one loaded base model."""
    config = spec.config.benchmark
    given = _Answered()
    systems = [name for name in LOCAL if name in config.systems]
    if not systems:
        return given
    if len(journal):
        _log.info("benchmark: %d answers are kept from an earlier try", len(journal))
    base_folder, adapter = Path(spec.config.train.base_model), run_dir / "adapter"
    _import_engines()
    started = time.monotonic()
    model, tokenizer = load_base(spec.config.train)
    seconds, folders, identity = time.monotonic() - started, [base_folder], [spec.config.train.base_model]
    _log.info("benchmark: base model loaded in %.1f s", seconds)
    for system in systems:
        if system == "tuned":
            started = time.monotonic()
            model = with_adapter(model, adapter)
            seconds += time.monotonic() - started
            folders, identity = [base_folder, adapter], [*identity, file_record(adapter).sha256]
        local = LocalModel(model, tokenizer)
        prompts = {qa_id: local.prompt(messages_for(system, row, spec.prompts)) for qa_id, row in asked.items()}
        given.answers += answer_locally(system, local, identity, prompts, config, journal)
        loaded = Loaded(system, seconds, tuple(folders))
        given.efficiency.append(measure_local(loaded, local, list(prompts.values()), config))
    del model, local
    _free_gpu()
    return given


def _import_engines() -> None:
    """Before the clock of loading starts: seconds of importing are no property of a model."""
    share_the_cores()
    for package in ("torch", "transformers", "bitsandbytes", "peft"):
        importlib.import_module(package)


def _free_gpu() -> None:
    """Give the memory back: the judge may be served on the same card."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


async def _ask_endpoints(run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], given: _Answered) -> None:
    """Answers of the reference model, then every verdict; scores the answers in between."""
    config, endpoints = spec.config.benchmark, spec.config.endpoints
    cache = run_dir / endpoints.cache_dir
    if "reference" in config.systems:
        requests = {
            qa_id: request_of(messages_for("reference", row, spec.prompts), config.max_new_tokens, spec.config.seed)
            for qa_id, row in asked.items()
        }
        reference = Endpoint(endpoints.reference, cache)
        try:
            given.answers += await answer_by_endpoint("reference", reference, requests)
        finally:
            await reference.close()
        measured = await measure_endpoint("reference", endpoints.reference, list(requests.values()), config)
        given.efficiency.append(measured)
        given.tokens |= {f"reference_{name}": count for name, count in reference.ledger.as_counts().items()}
    given.answers = in_order(scored(given.answers, asked, spec), asked, config.systems)
    answers = _by_system(given.answers)
    pairs = [pair for pair in COMPARISONS if set(pair) <= set(config.systems)]
    judging = Endpoint(endpoints.judge, cache)
    try:
        cases = cases_of(asked, answers, pairs)
        verdicts = await judge(judging, cases, spec.prompts, config, spec.config.seed)
    finally:
        await judging.close()
    given.verdicts = in_order(verdicts, asked, config.systems)
    given.tokens |= {f"judge_{name}": count for name, count in judging.ledger.as_counts().items()}


def scored(answers: Sequence[Answer], asked: Mapping[str, Asked], spec: RunSpec) -> list[Answer]:
    """Give every answer its deterministic scores; a failure has none."""
    config = spec.config.benchmark
    return [
        answer
        if answer.failure is not None
        else answer.model_copy(
            update={"scores": score_answer(answer.answer, (row := asked[answer.qa_id]).question, row.chunk, config)}
        )
        for answer in answers
    ]


def in_order(records: Sequence[Ordered], asked: Mapping[str, Asked], systems: Sequence[str]) -> list[Ordered]:
    """Sort by kind, system as configured, then question."""
    place = {qa_id: i for i, qa_id in enumerate(asked)}

    def key(record: Answer | Verdict) -> tuple[str, int, int, int]:
        kind, opponent = (record.kind, record.opponent) if isinstance(record, Verdict) else ("", None)
        against = systems.index(opponent) if opponent is not None else -1
        return kind, systems.index(record.system), against, place[record.qa_id]

    return sorted(records, key=key)


def assess(run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], given: _Answered) -> Benchmark:
    """Make benchmark.json of the answers, verdicts and measurements."""
    config = spec.config
    answers = _by_system(given.answers)
    sampling = Sampling(config.benchmark.bootstrap_samples, config.seed)
    measured = Measured(asked, answers, given.verdicts, sampling)
    systems = config.benchmark.systems
    scores, differences = all_scores(measured, systems), all_differences(measured, systems)
    summary = summaries(measured, {name: _model_of(name, run_dir, spec) for name in systems})
    primary = {score.system: score.estimate for score in scores if score.metric == PRIMARY}
    unscored = sum(verdict.unscored is not None for verdict in given.verdicts)
    gains = [d for d in differences if (d.system, d.baseline, d.metric) == ("tuned", "base", PRIMARY)]
    stand_ins = stand_in_names(config)
    return Benchmark(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=headline(stand_ins, primary.get("tuned"), gains[0] if gains else None),
        stand_ins=stand_ins,
        warnings=warnings(config, summary, len(asked), len(given.verdicts), unscored),
        test_rows=sum(row.in_test for row in asked.values()),
        pool_rows=sum(not row.in_test for row in asked.values()),
        rows_by_type={name: sum(row.question.type == name for row in asked.values()) for name in QA_TYPES},
        articles=len({row.article for row in asked.values()}),
        systems=summary,
        scores=scores,
        differences=differences,
        comparisons=all_comparisons(measured, systems),
        slices=all_slices(measured, systems),
        efficiency=tuple(
            record.model_copy(update={"correct_per_gib": _per_gib(record, primary[record.system].value)})
            for name in systems
            for record in given.efficiency
            if record.system == name
        ),
        examples=pick_examples(measured, config.benchmark.examples),
        unscored_verdicts=unscored,
        judge_model=config.endpoints.judge.model,
        judge_tokens={name: count for name, count in given.tokens.items() if name.startswith("judge_")},
        inputs={name: file_record(run_dir / name) for name in _INPUTS if (run_dir / name).exists()},
        seed=config.seed,
        bootstrap_samples=config.benchmark.bootstrap_samples,
    )


def _by_system(answers: Sequence[Answer]) -> dict[tuple[SystemName, str], Answer]:
    return {(answer.system, answer.qa_id): answer for answer in answers}


def _per_gib(record: Efficiency, value: float) -> float | None:
    return round(value / (record.weights_bytes / GIB), 4) if record.weights_bytes else None


def _model_of(system: SystemName, run_dir: Path, spec: RunSpec) -> tuple[str, bool]:
    """Name of the model behind a system, and whether it stands in for a real one."""
    if system == "reference":
        return spec.config.endpoints.reference.model, spec.config.endpoints.reference.stand_in
    name = model_name(spec.config.train.base_model)
    if system == "tuned":
        name = f"{name} + adapter {file_record(run_dir / 'adapter').sha256[:12]}"
    return name, spec.config.train.base_is_stand_in
