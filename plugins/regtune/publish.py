"""publish: the run's headline, its figures, and whether its adapter becomes champion.

In: changes.json; gate_report.json where the run made a dataset; benchmark.json and answers.jsonl where it trained;
champion/ with the champion's pointer and what is known of its results. Out: publish.json. It decides and tells; it does
not touch the store: orchestration uploads the run and moves the champion pointer.
"""

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from regtune import champion
from regtune.artifacts import read_json, read_jsonl, write_json
from regtune.benchmark.metrics import PRIMARY
from regtune.benchmark.promotion import Results, rule
from regtune.benchmark.results import Benchmark
from regtune.benchmark.rows import Answer
from regtune.contracts import Changes, Contract, GateReport, RunSpec, StageResult
from regtune.errors import UnusableInputError

_log = logging.getLogger(__name__)
CHAMPION = "champion"
"""Folder with the pointer to the run whose adapter is champion, and with its `RESULT_FILES`."""
RESULT_FILES = ("benchmark.json", "answers.jsonl")

Decision = Literal["champion", "not_champion", "not_trained", "not_compared", "older", "unchanged"]


class Pointer(Contract):
    """What is read of champion.json."""

    model_config = ConfigDict(extra="ignore")

    run_name: str
    as_of: date


@dataclass(frozen=True)
class Rival:
    """The champion as publish knows it."""

    pointer: Pointer
    results: Results | None
    """None where they are not at hand, or of another version of regtune."""


class Publication(Contract):
    """publish.json."""

    run_name: str
    as_of: date
    headline: str
    """One Korean sentence, for the run's note and the asset event."""
    decision: Decision
    """Only `champion` moves the pointer; `older`: the champion was trained on a later corpus, as after a backfill."""
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
        publication = publish(spec, gate, results, _rival(run_dir / CHAMPION))
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


def _rival(folder: Path) -> Rival | None:
    """Read champion/; results that cannot be read are a line in the log, and the champion stays what it is."""
    if not (folder / champion.FILE).is_file():
        return None
    pointer = read_json(folder / champion.FILE, Pointer)
    if not all((folder / name).is_file() for name in RESULT_FILES):
        return Rival(pointer, None)
    try:
        return Rival(pointer, _results(folder))
    except UnusableInputError as error:
        _log.warning("the champion's results cannot be read: %s", error)
        return Rival(pointer, None)


def publish(spec: RunSpec, gate: GateReport, results: Results | None, rival: Rival | None) -> Publication:
    """Decide on the adapter of a run by promotion.rule, unless the champion is of a later corpus or of unknown results.

    Args:
        spec: recipe of the run.
        gate: of the run.
        results: None for a run that skipped training.
        rival: None where there is no champion yet; the run itself is no rival.
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
    rival = None if rival is not None and rival.pointer.run_name == spec.run_name else rival
    ruling = rule(results, rival.results if rival else None, settings.min_gain_over_base, settings.champion_margin)
    decision: Decision = ruling.decision
    reason, headline = ruling.reason, benchmark.headline
    if not gate.passed:
        decision, reason = "not_champion", "데이터셋이 품질 검사를 통과하지 못했으므로 승격하지 않습니다."
    elif rival is not None and rival.pointer.as_of > spec.as_of:
        decision = "older"
        reason = f"현재 챔피언 {_named(rival)}의 규정이 더 새로우므로 이 실행의 점수와 관계없이 승격하지 않습니다."
        headline += f" 현재 챔피언(기준일 {rival.pointer.as_of})의 규정이 더 새로워 승격 대상이 아닙니다."
    elif rival is not None and rival.results is None:
        decision = "not_compared"
        reason = (
            f"현재 챔피언 {_named(rival)}의 평가 결과가 없거나 다른 버전이 만든 것이어서 견주지 못했습니다. "
            f"챔피언은 그대로이며, 보고서를 보고 바꾸려면 regtune champion set {spec.run_name}"
        )
    return Publication(
        run_name=spec.run_name,
        as_of=spec.as_of,
        headline=headline,
        decision=decision,
        reason=reason,
        figures={**figures, **_figures(benchmark), **ruling.figures()},
        stand_ins=benchmark.stand_ins,
        warnings=benchmark.warnings,
    )


def _named(rival: Rival) -> str:
    return f"{rival.pointer.run_name}(기준일 {rival.pointer.as_of})"


def _figures(benchmark: Benchmark) -> dict[str, float | int | None]:
    figures: dict[str, float | int | None] = {
        "rows": benchmark.test_rows + benchmark.pool_rows,
        "unscored_verdicts": benchmark.unscored_verdicts,
    }
    for system in benchmark.systems:
        score = benchmark.score(system.name, PRIMARY)
        figures[f"{PRIMARY}_{system.name}"] = score.value if score else None
    return figures
