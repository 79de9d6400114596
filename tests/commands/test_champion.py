"""Claims about `regtune champion`, on a store in a folder and on one behind fsspec."""

import itertools
import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from regtune.champion import moved, rolled_back
from regtune.cli import main
from regtune.errors import ConfigurationError

RUNS = ("2024-01-01-aaaaaaaaaaaa", "2024-07-01-bbbbbbbbbbbb", "2025-07-01-cccccccccccc")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three trained runs and one that skipped training."""
    for name in RUNS:
        folder = tmp_path / "runs" / name
        (folder / "adapter").mkdir(parents=True)
        for part in ("adapter_config.json", "adapter_model.safetensors"):
            (folder / "adapter" / part).write_text("{}", encoding="utf-8")
        (folder / "run.json").write_text(json.dumps({"as_of": name[:10]}), encoding="utf-8")
        (folder / "benchmark.json").write_text("{}", encoding="utf-8")
        decision = "not_champion" if name == RUNS[2] else "champion"
        (folder / "publish.json").write_text(json.dumps({"decision": decision, "headline": name}), encoding="utf-8")
    (tmp_path / "runs" / "2023-01-01-dddddddddddd").mkdir()
    hollow = tmp_path / "runs" / "2023-07-01-ffffffffffff"
    (hollow / "adapter").mkdir(parents=True)
    for part in ("run.json", "benchmark.json"):
        (hollow / part).write_text("{}", encoding="utf-8")
    return tmp_path


def champion(store: Path) -> str:
    """Name of the run that champion.json points to."""
    return str(json.loads((store / "champion.json").read_text(encoding="utf-8"))["run_name"])


def test_set_twice_and_roll_back_twice(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rollback goes one champion further back; past the first one it is refused and nothing changes."""
    for name in RUNS:
        assert main(["champion", "set", name, "--store", str(store)]) == 0
    assert "승격 기준을 통과하지 않았습니다" in capsys.readouterr().out
    for name in (RUNS[1], RUNS[0]):
        assert main(["champion", "rollback", "--store", str(store)]) == 0
        assert champion(store) == name
    assert main(["champion", "rollback", "--store", str(store)]) == 2
    assert champion(store) == RUNS[0]
    moves = json.loads((store / "champion.json").read_text(encoding="utf-8"))["moves"]
    assert [move["action"] for move in moves] == ["set", "set", "set", "rollback", "rollback"]


def test_show_names_the_champion_and_those_before(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is changed by looking; an empty store says so."""
    assert main(["champion", "show", "--store", str(store)]) == 0
    assert "아직 챔피언이 없습니다" in capsys.readouterr().out
    assert not (store / "champion.json").exists()
    for name in RUNS[:2]:
        main(["champion", "set", name, "--store", f"file://{store}"])
    capsys.readouterr()
    assert main(["champion", "show", "--store", str(store)]) == 0
    shown = capsys.readouterr().out
    assert f"챔피언: {RUNS[1]}" in shown
    assert f"이전: {RUNS[0]}" in shown


@pytest.mark.parametrize(
    ("run", "code"),
    [
        pytest.param("2023-01-01-dddddddddddd", 4, id="a run without an adapter"),
        pytest.param("2023-07-01-ffffffffffff", 4, id="an empty adapter folder"),
        pytest.param("2020-01-01-eeeeeeeeeeee", 4, id="no such run"),
        pytest.param("../runs", 2, id="a path"),
    ],
)
def test_a_run_that_cannot_be_champion_is_refused(store: Path, run: str, code: int) -> None:
    """The pointer stays as it was."""
    main(["champion", "set", RUNS[0], "--store", str(store)])
    assert main(["champion", "set", run, "--store", str(store)]) == code
    assert champion(store) == RUNS[0]


@pytest.mark.parametrize("lost", [pytest.param("", id="all of it"), "adapter", "benchmark.json", "run.json"])
def test_a_champion_that_is_gone_is_not_gone_back_to(
    store: Path, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rollback to a run that the store lost, or lost a needed part of, is refused, with what to do instead."""
    for name in RUNS[:2]:
        main(["champion", "set", name, "--store", str(store)])
    (store / "runs" / RUNS[0] / lost).rename(store / "elsewhere")
    assert main(["champion", "rollback", "--store", str(store)]) == 4
    assert "champion set RUN" in capsys.readouterr().err
    assert champion(store) == RUNS[1]


def test_a_rollback_goes_past_a_champion_that_is_gone(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one before the lost one is champion again, the lost one is named, and one move is noted."""
    for name in RUNS:
        main(["champion", "set", name, "--store", str(store)])
    (store / "runs" / RUNS[1] / "adapter").rename(store / "elsewhere")
    assert main(["champion", "rollback", "--store", str(store)]) == 0
    assert champion(store) == RUNS[0]
    assert f"건너뜀: {RUNS[1]}" in capsys.readouterr().out
    moves = json.loads((store / "champion.json").read_text(encoding="utf-8"))["moves"]
    assert [(move["action"], move["from"], move["to"]) for move in moves[3:]] == [("rollback", RUNS[2], RUNS[0])]


def test_show_of_a_store_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong address is no store without a champion."""
    assert main(["champion", "show", "--store", str(tmp_path / "nowhere")]) == 4
    assert "there is no such store" in capsys.readouterr().err


def test_moves_at_the_same_time_lose_none_of_each_other(store: Path) -> None:
    """Four processes set the champion ten times each: forty moves, each from where the one before went."""
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=ten_moves, args=(store, RUNS[i % 2 : i % 2 + 2])) for i in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * 4
    moves = json.loads((store / "champion.json").read_text(encoding="utf-8"))["moves"]
    assert len(moves) == 40
    assert all(after["from"] == before["to"] for before, after in itertools.pairwise(moves))


def test_a_move_that_is_killed_leaves_the_pointer_whole(store: Path) -> None:
    """SIGKILL at thirty random points: champion.json names one of the runs, its moves go on, and no lock stays."""
    draw, context = random.Random(3), multiprocessing.get_context("fork")
    main(["champion", "set", RUNS[0], "--store", str(store)])
    for _ in range(30):
        mover = context.Process(target=move_for_ever, args=(store,))
        mover.start()
        began, seen = time.monotonic(), (store / "champion.json").stat().st_mtime_ns
        while time.monotonic() < began + 10 and (store / "champion.json").stat().st_mtime_ns == seen:
            time.sleep(0.001)
        time.sleep(draw.random() * 0.02)
        os.kill(mover.pid or 0, signal.SIGKILL)
        mover.join()
        content = json.loads((store / "champion.json").read_text(encoding="utf-8"))
        assert content["run_name"] in RUNS
        assert content["moves"][-1]["to"] == content["run_name"]
    assert len(content["moves"]) > 1, "no mover came to move anything"
    assert main(["champion", "set", RUNS[1], "--store", str(store)]) == 0
    assert champion(store) == RUNS[1]


def ten_moves(store: Path, names: tuple[str, ...]) -> None:
    """What each of the processes does that run at the same time."""
    for i in range(10):
        main(["champion", "set", names[i % 2], "--store", str(store)])


def move_for_ever(store: Path) -> None:
    """What the process does that is killed."""
    for name in itertools.cycle(RUNS):
        main(["champion", "set", name, "--store", str(store)])


ODD_BEFORE = {"run_name": RUNS[0], "as_of": "2024-01-01", "previous": [{"nope": 1}]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="cut"),
        pytest.param("[]", id="no object"),
        pytest.param(json.dumps({"run_name": RUNS[0], "as_of": None}), id="no date"),
        pytest.param(json.dumps(ODD_BEFORE), id="an earlier champion without a name"),
        pytest.param(json.dumps({**ODD_BEFORE, "previous": 5}), id="no list of earlier champions"),
    ],
)
@pytest.mark.parametrize("action", [["show"], ["set", RUNS[0]], ["rollback"]], ids=lambda action: action[0])
def test_a_damaged_pointer_is_not_overwritten(
    store: Path, content: str, action: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A champion.json that cannot be read back stops every action in one line."""
    (store / "champion.json").write_text(content, encoding="utf-8")
    assert main(["champion", *action, "--store", str(store)]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert (store / "champion.json").read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("part", "content"),
    [
        pytest.param("benchmark.json", "garbage", id="a benchmark that is no JSON"),
        pytest.param("adapter/adapter_model.safetensors", None, id="a folder in the weights' place"),
        pytest.param("run.json", '{"x": 1}', id="a run without its effective date"),
    ],
)
def test_a_damaged_run_does_not_become_champion(
    store: Path, part: str, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pointer to it would be one that the next publish cannot read; one line says what is wrong."""
    main(["champion", "set", RUNS[0], "--store", str(store)])
    path = store / "runs" / RUNS[1] / part
    if content is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_text(content, encoding="utf-8")
    capsys.readouterr()
    assert main(["champion", "set", RUNS[1], "--store", str(store)]) == 4
    assert part in capsys.readouterr().err
    assert champion(store) == RUNS[0]


def test_a_store_behind_fsspec(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same commands work on any file system that fsspec knows; an unknown one is a wrong setting."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(store / "runs"), "/store/runs", recursive=True)
    assert main(["champion", "set", RUNS[0], "--store", "memory://store"]) == 0
    assert json.loads(memory.cat_file("/store/champion.json"))["run_name"] == RUNS[0]
    assert main(["champion", "show", "--store", "nowhere://store"]) == 2
    assert "no such store" in capsys.readouterr().err


def test_the_same_run_again_is_no_earlier_champion() -> None:
    """Publishing one run twice does not make it its own predecessor."""
    once = moved(None, {"run_name": "a", "as_of": None}, "t1", "publish")
    twice = moved(once, {"run_name": "a", "as_of": None}, "t2", "publish")
    assert twice["previous"] == []
    with pytest.raises(ConfigurationError):
        rolled_back(twice, "t3")
