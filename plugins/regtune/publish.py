"""publish: the run's headline, its figures, and whether its adapter becomes champion.

In: changes.json; gate_report.json where the run made a dataset; benchmark.json and answers.jsonl where it trained, and
those of the champion's run in champion/. Out: publish.json. It decides and tells; it does not touch the store:
orchestration uploads the run and moves the champion pointer.
"""

import logging
from datetime import date
from pathlib import Path
from typing import Literal

from regtune.artifacts import read_json, read_jsonl, write_json
from regtune.benchmark.promotion import Results, Ruling, rule
from regtune.benchmark.results import PRIMARY, Answer, Benchmark
from regtune.contracts import Changes, Contract, GateReport, RunSpec, StageResult

_log = logging.getLogger(__name__)
CHAMPION = "champion"
"""Folder with `RESULT_FILES` of the run whose adapter is champion."""
RESULT_FILES = ("benchmark.json", "answers.jsonl")


class Publication(Contract):
    """publish.json."""

    run_name: str
    as_of: date
    headline: str
    """One Korean sentence, for the run's note and the asset event."""
    decision: Literal["champion", "not_champion", "not_trained", "not_compared", "unchanged"]
    """Only `champion` moves the pointer."""
    reason: str
    """Korean."""
    figures: dict[str, float | int | None]
    """Of the primary metric and the gate, for the asset event."""
    stand_ins: tuple[str, ...]
    warnings: tuple[str, ...]


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Write publish.json.

    Raises:
        PrerequisiteMissingError: gate_report.json, or benchmark.json of a run that trains, is not there.
    """
    changes = read_json(run_dir / "changes.json", Changes)
    if changes.short_cut:
        publication = _unchanged(spec, changes)
    else:
        gate = read_json(run_dir / "gate_report.json", GateReport)
        results = None if spec.skip_training else _results(run_dir)
        champion = _results(run_dir / CHAMPION) if (run_dir / CHAMPION).is_dir() else None
        publication = publish(spec, gate, results, champion)
        if changes.previous_run is not None:
            told = f"{publication.headline} {changes.summary}"
            publication = publication.model_copy(update={"headline": told})
    write_json(run_dir / "publish.json", publication)
    _log.info("publish: %s: %s", publication.decision, publication.reason)
    return StageResult(counts={"decision": publication.decision, "headline": publication.headline})


def _unchanged(spec: RunSpec, changes: Changes) -> Publication:
    return Publication(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=f"{changes.summary} {changes.previous_run}의 결과가 그대로 유효합니다.",
        decision="unchanged",
        reason="바뀐 조문이 없어 앞선 실행의 데이터셋과 어댑터를 그대로 씁니다.",
        figures={},
        stand_ins=(),
        warnings=(),
    )


def _results(folder: Path) -> Results:
    benchmark, answers = RESULT_FILES
    return Results(read_json(folder / benchmark, Benchmark), read_jsonl(folder / answers, Answer))


def publish(spec: RunSpec, gate: GateReport, results: Results | None, champion: Results | None) -> Publication:
    """Decide on the adapter of a run by promotion.rule.

    Args:
        spec: recipe of the run.
        gate: of the run.
        results: None for a run that skipped training.
        champion: None where there is no champion yet.
    """
    figures: dict[str, float | int | None] = {"gate_rows": gate.rows, "gate_pool_rows": gate.pool_rows}
    if results is None:
        rows = f"질문·답변 {gate.rows}건이 품질 검사를 통과했습니다"
        return Publication(
            run_name=spec.run_name,
            as_of=spec.as_of,
            headline=f"{rows}. 이번 실행은 학습을 하지 않았습니다.",
            decision="not_trained",
            reason="학습을 건너뛴 실행이어서 승격 대상이 없습니다.",
            figures=figures,
            stand_ins=(),
            warnings=(),
        )
    benchmark, settings = results.benchmark, spec.config.publish
    ruling = rule(results, champion, settings.min_gain_over_base, settings.champion_margin)
    if not gate.passed:
        reason = "데이터셋이 품질 검사를 통과하지 못했으므로 승격하지 않습니다."
        ruling = Ruling("not_champion", reason, ruling.over_base, ruling.over_champion, ruling.paired)
    return Publication(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=benchmark.headline,
        decision=ruling.decision,
        reason=ruling.reason,
        figures={**figures, **_figures(benchmark), **ruling.figures()},
        stand_ins=benchmark.stand_ins,
        warnings=benchmark.warnings,
    )


def _figures(benchmark: Benchmark) -> dict[str, float | int | None]:
    figures: dict[str, float | int | None] = {
        "rows": benchmark.test_rows + benchmark.pool_rows,
        "unscored_verdicts": benchmark.unscored_verdicts,
    }
    for system in benchmark.systems:
        score = benchmark.score(system.name, PRIMARY)
        figures[f"{PRIMARY}_{system.name}"] = score.value if score else None
    return figures
