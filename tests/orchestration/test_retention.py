"""Which runs leave the store, and which never do."""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from opened_run import REGISTER

from regtune.artifacts import write_json
from regtune.config import PipelineConfig
from regtune.contracts import RunSpec
from regtune.open_run import RunRequest, new_spec, plan_run
from regtune.orchestration.code_bundle import bundle_name
from regtune.orchestration.retention import clear_store, housekeeping, outdated
from regtune.orchestration.store import Store

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def opened(*days_ago: int) -> dict[str, datetime]:
    """Runs by age, named by it."""
    return {f"r{days}": NOW - timedelta(days=days) for days in days_ago}


@pytest.mark.parametrize(
    ("ages", "protected", "keep_runs", "keep_days", "gone"),
    [
        pytest.param((400, 30, 5), (), 1, 365, ["r400"], id="old"),
        pytest.param((400, 399, 5), (), 3, 365, [], id="among the last"),
        pytest.param((400, 399, 5), (), 2, 365, ["r400"], id="old, and not among the last two"),
        pytest.param((400, 399), ("r400",), 1, 365, [], id="the champion stays, however old"),
        pytest.param((3, 2, 1), (), 1, 365, [], id="young ones stay, however many"),
        pytest.param((), (), 1, 1, [], id="an empty store"),
    ],
)
def test_a_run_goes_when_it_is_old_and_not_among_the_last(
    ages: tuple[int, ...], protected: tuple[str, ...], keep_runs: int, keep_days: int, gone: list[str],
    config: PipelineConfig,
) -> None:  # fmt: skip
    """Either rule alone keeps a run; a pointer keeps its own whatever the rules say."""
    rule = config.publish.model_copy(update={"keep_runs": keep_runs, "keep_days": keep_days})
    assert outdated(opened(*ages), protected, rule, NOW) == gone


@pytest.fixture
def filled(store: Store, config: PipelineConfig, tmp_path: Path) -> list[str]:
    """A store with five old runs, the second of them the champion's; gives their names, the oldest first."""
    specs = [
        new_spec(RunRequest(as_of=NOW.date(), force=str(n)), [], config, {}).model_copy(
            update={"code_sha256": str(n) * 64}
        )
        for n in range(5)
    ]
    for age, spec in zip(range(900, 400, -100), specs, strict=True):
        write_json(tmp_path / "run.json", spec)
        store.put(spec.run_name, "run.json", tmp_path / "run.json")
        store.put(spec.run_name, "data_docs/index.html", tmp_path / "run.json")
        stamp = (datetime.now(timezone.utc) - timedelta(days=age)).timestamp()
        os.utime(Path(store.location(spec.run_name, "run.json")), (stamp, stamp))
        store.put_code(tmp_path / "run.json", spec.code_sha256)
    names = [spec.run_name for spec in specs]
    store.point("champion.json", {"run_name": names[1], "as_of": "2026-01-01"})
    return names


def test_old_runs_leave_the_store_with_their_code(store: Store, filled: list[str], config: PipelineConfig) -> None:
    """The champion's run, the last two and the one that asks stay; of the code only what they ran."""
    rule = config.publish.model_copy(update={"keep_runs": 2, "keep_days": 365})
    assert clear_store(store, rule, filled[4]) == [filled[0], filled[2]]
    assert store.run_names() == sorted([filled[1], filled[3], filled[4]])
    assert store.code_names() == sorted(bundle_name(str(n) * 64) for n in (1, 3, 4))
    assert clear_store(store, rule, filled[4]) == []


def test_hosts_are_told_what_stays(store: Store, filled: list[str], config: PipelineConfig) -> None:
    """The list names what the store will keep and the run that is being opened, with their code and the locks' pins."""
    spec: RunSpec = plan_run(REGISTER, config, {}, RunRequest(as_of=datetime(2024, 7, 1, tzinfo=timezone.utc).date()))
    rule = config.publish.model_copy(update={"keep_runs": 1, "keep_days": 365})
    keep = housekeeping(store, rule, spec.run_name, spec.code_sha256)
    assert keep.kept_runs == tuple(sorted([filled[1], filled[4], spec.run_name]))
    assert bundle_name(spec.code_sha256) in keep.kept_code
    assert bundle_name("0" * 64) not in keep.kept_code
    assert keep.pins["48"]["torch"]


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_nothing_is_removed_while_the_champion_is_unknown(
    store: Store, filled: list[str], config: PipelineConfig, content: str
) -> None:
    """A broken champion.json neither fails the run that publishes nor lets the champion's run go."""
    Path(store.url, "champion.json").write_text(content, encoding="utf-8")
    rule = config.publish.model_copy(update={"keep_runs": 1, "keep_days": 365})
    assert clear_store(store, rule, filled[4]) == []
    assert set(housekeeping(store, rule, filled[4], "4" * 64).kept_runs) == set(filled)


def test_a_rollback_finds_the_run_that_it_goes_back_to(store: Store, filled: list[str], config: PipelineConfig) -> None:
    """The champions before the present one stay, however old."""
    before = {"run_name": filled[0], "as_of": "2026-01-01"}
    store.point("champion.json", {"run_name": filled[1], "as_of": "2026-01-01", "previous": [before]})
    rule = config.publish.model_copy(update={"keep_runs": 1, "keep_days": 365})
    assert clear_store(store, rule, filled[4]) == [filled[2], filled[3]]
