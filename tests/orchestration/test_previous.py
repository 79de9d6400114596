"""Which run a new one is compared with."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from opened_run import REGISTER

from regtune.artifacts import file_record, write_json
from regtune.benchmark.results import Benchmark
from regtune.compare import read_previous
from regtune.config import PipelineConfig
from regtune.contracts import Manifest, RunSpec
from regtune.open_run import PREVIOUS_FILES, RunRequest, open_run, plan_run
from regtune.orchestration.previous import bring_champion, bring_history, bring_previous, previous_runs
from regtune.orchestration.retention import housekeeping
from regtune.orchestration.store import Store
from regtune.publish import Publication


@pytest.fixture
def published(store: Store, config: PipelineConfig, tmp_path: Path) -> Any:
    """Give a function that puts a published run into the store."""

    def put(day: str, decision: str = "champion", **asked: Any) -> RunSpec:
        spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date.fromisoformat(day), **asked))
        write_json(tmp_path / "run.json", spec)
        outputs = {}
        publication = {"run_name": spec.run_name, "as_of": day, "headline": "", "decision": decision, "reason": ""}
        nothing = {"figures": {}, "stand_ins": (), "warnings": ()}
        write_json(tmp_path / "publish.json", Publication.model_validate({**publication, **nothing}))
        for name in PREVIOUS_FILES:
            if name not in ("run.json", "publish.json"):
                (tmp_path / name).write_text("")
            store.put(spec.run_name, name, tmp_path / name)
            outputs[name] = file_record(tmp_path / name)
        facts = {"stage": "publish", "run_name": spec.run_name, "spec_sha256": spec.spec_sha256, "inputs": {}}
        more = {"tokens": {}, "seconds": 1.0, "started_at": "2026-01-01T00:00:00+00:00", "versions": {}}
        manifest = Manifest.model_validate({**facts, **more, "outputs": outputs, "counts": {"decision": decision}})
        write_json(tmp_path / "m", manifest)
        store.put(spec.run_name, "publish.manifest.json", tmp_path / "m")
        return spec

    return put


def benchmark_of(spec: RunSpec) -> Benchmark:
    """A benchmark that measured nothing."""
    facts = {"run_name": spec.run_name, "as_of": spec.as_of, "headline": "", "test_rows": 30, "pool_rows": 90}
    counts = {"articles": 80, "unscored_verdicts": 0, "judge_model": "j", "seed": 1, "bootstrap_samples": 200}
    lists = ("stand_ins", "warnings", "systems", "scores", "differences", "comparisons", "slices", "efficiency")
    empty = {"examples": (), "rows_by_type": {}, "judge_tokens": {}, "inputs": {}, **dict.fromkeys(lists, ())}
    return Benchmark.model_validate({**facts, **counts, **empty})


def test_the_last_accepted_run_of_an_earlier_date_is_chosen(
    store: Store, config: PipelineConfig, published: Any
) -> None:
    """Never a later date's, never a run that was cut short; a run of a few regulations only for want of another."""
    first, whole = published("2024-01-01"), published("2024-07-01")
    part = published("2025-01-01", regulation_ids=["travel"])
    published("2025-01-01", decision="unchanged", force="x")
    published("2025-07-01")
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    assert previous_runs(store, spec) == [whole.run_name, first.run_name, part.run_name]


def test_scores_of_earlier_runs_come_along(
    store: Store, config: PipelineConfig, published: Any, tmp_path: Path
) -> None:
    """history.json names each earlier benchmarked run and whether it became champion; a broken one is left out."""
    first, second, later = published("2024-01-01"), published("2024-07-01", "not_champion"), published("2025-07-01")
    broken = published("2024-07-01", force="broken")
    for spec in (first, second, later):
        write_json(tmp_path / "benchmark.json", benchmark_of(spec))
        store.put(spec.run_name, "benchmark.json", tmp_path / "benchmark.json")
    (tmp_path / "benchmark.json").write_text("{}")
    store.put(broken.run_name, "benchmark.json", tmp_path / "benchmark.json")
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    assert bring_history(store, spec, tmp_path) == 2
    runs = json.loads((tmp_path / "history.json").read_text(encoding="utf-8"))["runs"]
    assert [(run["run_name"], run["champion"]) for run in runs] == [(first.run_name, True), (second.run_name, False)]


@pytest.mark.parametrize(
    ("harm", "brought"),
    [
        pytest.param(None, ["answers.jsonl", "benchmark.json", "champion.json"], id="all there"),
        pytest.param("removed", ["champion.json"], id="removed"),
        pytest.param("changed", ["champion.json"], id="changed since it was made"),
    ],
)
def test_the_champion_comes_along_with_what_is_known_of_it(
    store: Store, config: PipelineConfig, published: Any, tmp_path: Path, harm: str | None, brought: list[str]
) -> None:
    """Its pointer always; results that cannot be vouched for stay behind, and publish does not fail over them."""
    best = published("2024-01-01")
    write_json(tmp_path / "benchmark.json", benchmark_of(best))
    (tmp_path / "answers.jsonl").write_text("")
    outputs = {name: file_record(tmp_path / name) for name in ("benchmark.json", "answers.jsonl")}
    manifest = store.manifest(best.run_name, "publish")
    assert manifest is not None
    write_json(tmp_path / "m", manifest.model_copy(update={"stage": "benchmark", "outputs": outputs}))
    store.put(best.run_name, "benchmark.manifest.json", tmp_path / "m")
    for name in outputs:
        store.put(best.run_name, name, tmp_path / name)
    if harm == "removed":
        Path(store.location(best.run_name, "benchmark.json")).unlink()
    elif harm == "changed":
        Path(store.location(best.run_name, "benchmark.json")).write_text("{}")
    store.point("champion.json", {"run_name": best.run_name, "as_of": "2024-01-01"})
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    bring_champion(store, spec.run_name)
    folder = Path(store.location(spec.run_name, "champion"))
    assert sorted(path.name for path in folder.iterdir()) == brought


def test_a_first_run_has_none(store: Store, config: PipelineConfig) -> None:
    """An empty store, and one that holds nothing but the run itself."""
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    assert previous_runs(store, spec) == []


def test_a_run_that_was_tampered_with_is_passed_over(
    store: Store, config: PipelineConfig, published: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A changed file is a line in the log and the run before it is taken; the new run does not fail over it."""
    first, second = published("2024-01-01"), published("2024-07-01")
    Path(store.location(second.run_name, "publish.json")).write_text("{}")
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    open_run(tmp_path / "new", spec, REGISTER.parent)
    assert bring_previous(store, spec, tmp_path / "new") == first.run_name
    assert "was changed after publish made it" in caplog.text
    assert sorted(path.name for path in (tmp_path / "new" / "previous").iterdir()) == sorted(PREVIOUS_FILES)


def of_another_version(store: Store, spec: RunSpec) -> None:
    """Give run.json a setting more and one less, and the manifest a field that this code does not know."""
    path = Path(store.location(spec.run_name, "run.json"))
    recipe = json.loads(path.read_text(encoding="utf-8"))
    recipe["config"]["train"]["next_setting"] = recipe["config"]["train"].pop("epochs")
    path.write_text(json.dumps({**recipe, "next_field": 1}), encoding="utf-8")
    path = Path(store.location(spec.run_name, "publish.manifest.json"))
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "next_field": 1}), encoding="utf-8")


def test_a_run_that_another_version_opened_is_still_compared_with(
    store: Store, config: PipelineConfig, published: Any, tmp_path: Path
) -> None:
    """After an upgrade the store's runs are read by their heads; only whether the recipes are equal is not known."""
    earlier = published("2024-01-01")
    of_another_version(store, earlier)
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    open_run(tmp_path / "new", spec, REGISTER.parent)
    assert store.spec(earlier.run_name).code_sha256 == earlier.code_sha256
    assert bring_previous(store, spec, tmp_path / "new") == earlier.run_name
    assert read_previous(tmp_path / "new" / "previous").recipe is None
    assert not (tmp_path / "new" / "previous_gate_report.json").exists()


@pytest.mark.parametrize("name", ["qa_pairs.jsonl", "run.json", "publish.manifest.json"])
def test_a_run_whose_files_this_version_cannot_read_is_passed_over(
    store: Store, config: PipelineConfig, published: Any, tmp_path: Path, name: str
) -> None:
    """Neither another version's rows nor a broken file of an old run keep a new one from being opened."""
    older, broken = published("2024-01-01"), published("2024-07-01")
    Path(store.location(broken.run_name, name)).write_text('{"next_field": 1}')
    spec = plan_run(REGISTER, config, {}, RunRequest(as_of=date(2025, 1, 1)))
    open_run(tmp_path / "new", spec, REGISTER.parent)
    assert bring_previous(store, spec, tmp_path / "new") == older.run_name
    assert housekeeping(store, config.publish, spec.run_name, spec.code_sha256).kept_code
