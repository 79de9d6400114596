"""publish: the run's headline, its figures, and whether its adapter becomes champion.

In: changes.json; gate_report.json where the run made a dataset, benchmark.json where it trained. Out: publish.json. It
decides and tells; it does not touch the store: orchestration uploads the run and moves the champion pointer.
"""

import logging
from datetime import date
from pathlib import Path
from typing import Literal

from regtune.artifacts import read_json, write_json
from regtune.benchmark.results import METRICS, PRIMARY, Benchmark
from regtune.benchmark.wording import gain
from regtune.contracts import Changes, Contract, GateReport, RunSpec, StageResult

_log = logging.getLogger(__name__)


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
        benchmark = None if spec.skip_training else read_json(run_dir / "benchmark.json", Benchmark)
        publication = publish(spec, gate, benchmark)
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


def publish(spec: RunSpec, gate: GateReport, benchmark: Benchmark | None) -> Publication:
    """Decide on the adapter of a run.

    The rule: champion when the lower end of the 95% interval of tuned minus base, on the primary metric, is above
    publish.min_gain_over_base.
    """
    figures: dict[str, float | int | None] = {"gate_rows": gate.rows, "gate_pool_rows": gate.pool_rows}
    if benchmark is None:
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
    decision, reason = _decide(spec, gate, benchmark)
    return Publication(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=benchmark.headline,
        decision=decision,
        reason=reason,
        figures={**figures, **_figures(benchmark)},
        stand_ins=benchmark.stand_ins,
        warnings=benchmark.warnings,
    )


def _decide(
    spec: RunSpec, gate: GateReport, benchmark: Benchmark
) -> tuple[Literal["champion", "not_champion", "not_compared"], str]:
    if not gate.passed:
        return "not_champion", "데이터셋이 품질 검사를 통과하지 못했으므로 승격하지 않습니다."
    difference = benchmark.difference("tuned", "base", PRIMARY)
    if difference is None:
        return "not_compared", "튜닝한 모델과 튜닝 전 모델을 함께 평가하지 않아 승격을 판단하지 않았습니다."
    floor = spec.config.publish.min_gain_over_base
    rule = f"기준: 95% 구간의 아래 끝이 {floor * 100:+.1f}%p보다 클 것"
    found = f"{METRICS[PRIMARY].title} 향상 {gain(difference)}"
    if difference.estimate.low > floor:
        mark = " 대역 모델의 수치이므로 실제 모델에는 뜻이 없습니다." if benchmark.stand_ins else ""
        return "champion", f"{found}. {rule}. 승격합니다.{mark}"
    return "not_champion", f"{found}. {rule}. 기준에 미치지 못해 승격하지 않습니다."


def _figures(benchmark: Benchmark) -> dict[str, float | int | None]:
    figures: dict[str, float | int | None] = {
        "rows": benchmark.test_rows + benchmark.pool_rows,
        "unscored_verdicts": benchmark.unscored_verdicts,
    }
    for system in benchmark.systems:
        score = benchmark.score(system.name, PRIMARY)
        figures[f"{PRIMARY}_{system.name}"] = score.value if score else None
    difference = benchmark.difference("tuned", "base", PRIMARY)
    if difference is not None:
        figures["gain_over_base"] = difference.estimate.value
        figures["gain_over_base_low"] = difference.estimate.low
        figures["gain_over_base_high"] = difference.estimate.high
    return figures
