"""Claims about publish: who becomes champion, and why."""

import json
from datetime import date
from pathlib import Path

import pytest

from regtune.artifacts import read_json, write_json, write_jsonl, write_text
from regtune.benchmark.promotion import Results
from regtune.benchmark.results import Benchmark, Difference, Estimate
from regtune.compare import first_run
from regtune.config import load_config
from regtune.contracts import GateReport, RunSpec
from regtune.errors import PrerequisiteMissingError
from regtune.open_run import RunRequest, new_spec
from regtune.publish import Publication, publish, run

CONFIG = load_config(Path(__file__).resolve().parents[1] / "include/config/demo.yaml")


def spec_of(min_gain: float = 0.0, *, skip_training: bool = False) -> RunSpec:
    """A recipe with a champion rule."""
    rule = CONFIG.publish.model_copy(update={"min_gain_over_base": min_gain})
    request = RunRequest(as_of=date(2024, 7, 1), skip_training=skip_training)
    return new_spec(request, [], CONFIG.model_copy(update={"publish": rule}), {})


def gate_of(*, passed: bool = True) -> GateReport:
    """What the gate said."""
    return GateReport(passed=passed, rows=300, pool_rows=90, expectations=(), reasons={})


def benchmark_of(low: float, value: float, high: float, stand_ins: tuple[str, ...] = ()) -> Benchmark:
    """A benchmark whose only figure is tuned minus base."""
    estimate = Estimate(value=value, low=low, high=high, rows=120, articles=80)
    shown = low > 0 or high < 0
    difference = Difference(
        system="tuned",
        baseline="base",
        metric="correct",
        estimate=estimate,
        shown=shown,
        better=value > 0 if shown else None,
        mcnemar_p=None,
    )
    return Benchmark(
        run_name="r",
        as_of=date(2024, 7, 1),
        headline="한 문장.",
        stand_ins=stand_ins,
        warnings=(),
        test_rows=30,
        pool_rows=90,
        rows_by_type={},
        articles=80,
        systems=(),
        scores=(),
        differences=(difference,),
        comparisons=(),
        slices=(),
        efficiency=(),
        examples=(),
        unscored_verdicts=0,
        judge_model="judge",
        judge_tokens={},
        inputs={},
        seed=1,
        bootstrap_samples=200,
    )


def results_of(low: float, value: float, high: float, stand_ins: tuple[str, ...] = ()) -> Results:
    """The same, with no answer at hand."""
    return Results(benchmark_of(low, value, high, stand_ins), ())


@pytest.mark.parametrize(
    ("interval", "min_gain", "decision"),
    [
        pytest.param((0.05, 0.2, 0.35), 0.0, "champion", id="interval above zero"),
        pytest.param((-0.01, 0.2, 0.4), 0.0, "not_champion", id="interval crosses zero"),
        pytest.param((0.0, 0.2, 0.4), 0.0, "not_champion", id="on the line is not above it"),
        pytest.param((0.05, 0.2, 0.35), 0.1, "not_champion", id="better, but not by enough"),
        pytest.param((-0.4, -0.2, -0.1), 0.0, "not_champion", id="worse"),
    ],
)
def test_the_lower_end_decides(interval: tuple[float, float, float], min_gain: float, decision: str) -> None:
    """The champion rule looks at the lower end of the interval, not at the mean."""
    found = publish(spec_of(min_gain), gate_of(), results_of(*interval), None)
    assert found.decision == decision
    assert "%p (" in found.reason
    assert found.figures["gain_over_base_low"] == interval[0]


def test_a_refused_dataset_makes_no_champion() -> None:
    """However good the scores, an adapter of a refused dataset is not promoted."""
    found = publish(spec_of(), gate_of(passed=False), results_of(0.3, 0.4, 0.5), None)
    assert (found.decision, "품질 검사" in found.reason) == ("not_champion", True)


def test_stand_ins_are_told() -> None:
    """A champion of a run on stand-ins says that its figures mean nothing."""
    found = publish(spec_of(), gate_of(), results_of(0.3, 0.4, 0.5, ("판정 모델(x)",)), None)
    assert found.stand_ins == ("판정 모델(x)",)
    assert "대역" in found.reason


def test_a_run_without_training_is_published_without_figures(tmp_path: Path) -> None:
    """A run that skips training needs no benchmark.json and promotes nothing."""
    write_json(tmp_path / "changes.json", first_run())
    write_json(tmp_path / "gate_report.json", gate_of())
    run(tmp_path, spec_of(skip_training=True))
    found = read_json(tmp_path / "publish.json", Publication)
    assert (found.decision, found.figures) == ("not_trained", {"gate_rows": 300, "gate_pool_rows": 90})


def test_a_run_that_trains_needs_its_benchmark(tmp_path: Path) -> None:
    """Without benchmark.json nothing is published, and the message names the file."""
    write_json(tmp_path / "changes.json", first_run())
    write_json(tmp_path / "gate_report.json", gate_of())
    with pytest.raises(PrerequisiteMissingError, match=r"benchmark\.json"):
        run(tmp_path, spec_of())
    write_json(tmp_path / "benchmark.json", benchmark_of(0.05, 0.2, 0.35))
    write_jsonl(tmp_path / "answers.jsonl", [])
    assert run(tmp_path, spec_of()).counts == {"decision": "champion", "headline": "한 문장."}


def test_what_changed_is_part_of_the_headline(tmp_path: Path) -> None:
    """The run's note says what the revision changed, after the result."""
    summary = "앞선 실행(2024-01-01)과 비교해 조문 1개가 바뀌었습니다(변경 1)."
    changes = first_run().model_copy(update={"previous_run": "2024-01-01-0123456789ab", "summary": summary})
    write_json(tmp_path / "changes.json", changes)
    write_json(tmp_path / "gate_report.json", gate_of())
    write_json(tmp_path / "benchmark.json", benchmark_of(0.05, 0.2, 0.35))
    write_jsonl(tmp_path / "answers.jsonl", [])
    assert run(tmp_path, spec_of()).counts["headline"] == f"한 문장. {summary}"


def trained(folder: Path, champion: dict[str, str]) -> None:
    """Lay down a run that is better than its base, and a champion's pointer and results."""
    write_json(folder / "changes.json", first_run())
    write_json(folder / "gate_report.json", gate_of())
    for place, name in ((folder, "r"), (folder / "champion", champion["run_name"])):
        write_json(place / "benchmark.json", benchmark_of(0.05, 0.2, 0.35).model_copy(update={"run_name": name}))
        write_jsonl(place / "answers.jsonl", [])
    write_text(folder / "champion" / "champion.json", json.dumps({**champion, "decision": "champion", "moves": []}))


def test_a_champion_that_cannot_be_compared_keeps_its_place(tmp_path: Path) -> None:
    """The champion's results lie in champion/; without a rate of its own in them nothing takes its place."""
    trained(tmp_path, {"run_name": "earlier", "as_of": "2024-01-01"})
    assert run(tmp_path, spec_of()).counts["decision"] == "not_champion"
    assert "챔피언" in read_json(tmp_path / "publish.json", Publication).reason


def test_an_older_date_says_that_it_takes_nobodys_place(tmp_path: Path) -> None:
    """A backfilled run, however good, neither promises nor makes a promotion: the champion knows a later corpus."""
    trained(tmp_path, {"run_name": "2025-01-01-0123456789ab", "as_of": "2025-01-01"})
    assert run(tmp_path, spec_of()).counts["decision"] == "older"
    found = read_json(tmp_path / "publish.json", Publication)
    assert "승격합니다" not in found.reason + found.headline
    assert "2025-01-01" in found.headline
    assert "2025-01-01-0123456789ab" in found.reason


@pytest.mark.parametrize(
    "content", [pytest.param('{"next_field": 1}', id="of another version"), pytest.param(None, id="removed")]
)
def test_a_champion_whose_results_cannot_be_read_is_not_compared(tmp_path: Path, content: str | None) -> None:
    """The run is published all the same, and says how a person can promote it."""
    trained(tmp_path, {"run_name": "earlier", "as_of": "2024-01-01"})
    results = tmp_path / "champion" / "benchmark.json"
    results.write_text(content) if content is not None else results.unlink()
    assert run(tmp_path, spec_of()).counts["decision"] == "not_compared"
    assert "regtune champion set" in read_json(tmp_path / "publish.json", Publication).reason


def test_a_champion_that_is_published_again_is_no_rival_of_itself(tmp_path: Path) -> None:
    """Cleared, the champion's own run comes to the same decision."""
    spec = spec_of()
    trained(tmp_path, {"run_name": spec.run_name, "as_of": str(spec.as_of)})
    (tmp_path / "champion" / "benchmark.json").unlink()
    assert run(tmp_path, spec).counts["decision"] == "champion"
