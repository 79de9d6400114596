"""The store as the page reads it."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from page_samples import RUN, files_of_a_run, put_run

from regtune.artifacts import write_text
from regtune.benchmark import report_links
from regtune.orchestration.page import view
from regtune.orchestration.page.answers import TYPES
from regtune.orchestration.page.archive import OPEN_TO_PEOPLE, Archive, may_be_opened


def test_runs_come_latest_corpus_first_and_of_one_date_the_latest_work(tmp_path: Path) -> None:
    """The order is by date of the corpus, then by when the folder changed; what is no run is passed over."""
    for age, name in enumerate(["2024-01-01-bbbbbbbbbbbb", "2025-07-01-cccccccccccc", "2025-07-01-bbbbbbbbbbbb"]):
        os.utime(put_run(tmp_path, name, {}), (1000.0 - age, 1000.0 - age))
    (tmp_path / "runs" / ".2025-07-01.part").mkdir()
    (tmp_path / "runs" / "notes.txt").touch()
    names = [run.run_name for run in Archive(str(tmp_path)).runs()]
    assert names == ["2025-07-01-cccccccccccc", "2025-07-01-bbbbbbbbbbbb", "2024-01-01-bbbbbbbbbbbb"]


def test_an_empty_store_has_no_runs(tmp_path: Path) -> None:
    """A store in which nothing was opened yet is no error."""
    archive = Archive(str(tmp_path / "nothing"))
    assert archive.runs() == []
    assert archive.summary(RUN) is None


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    """An unchanged run is read once; a stage that ends later, or a file written anew, is seen by the next look."""
    files = files_of_a_run()
    publication = files.pop("publish.json")
    home = put_run(tmp_path, files=files)
    archive = Archive(str(tmp_path))
    first = archive.summary(RUN)
    assert first is not None
    assert first.decision is None
    assert archive.summary(RUN) is first
    (home / "publish.json").write_text(json.dumps(publication))
    second = archive.summary(RUN)
    assert second is not None
    assert second.decision == "champion"
    (home / "publish.json").write_text(json.dumps({**publication, "decision": "not_champion"}))
    third = archive.summary(RUN)
    assert third is not None
    assert third.decision == "not_champion"


def test_a_folder_at_rest_is_not_read_again(tmp_path: Path) -> None:
    """With the folder's time the list reads no file of an unchanged run, and sees what a stage renames into place."""
    home = put_run(tmp_path)
    archive = Archive(str(tmp_path))
    for age in (100.0, 50.0):
        write_text(home / "publish.json", json.dumps({**files_of_a_run()["publish.json"], "headline": str(age)}))
        os.utime(home, (1e9 - age, 1e9 - age))
        [run] = archive.summaries(archive.runs())
        assert run.headline == str(age)
        assert archive.summaries(archive.runs()) == [run]
    (home / "publish.json").unlink()
    os.utime(home, (1e9 - 50.0, 1e9 - 50.0))
    assert archive.summaries(archive.runs())[0] is run  # nothing was listed or read


def test_the_trend_shows_of_each_date_the_latest_work_with_a_score(tmp_path: Path) -> None:
    """A later try that the gate refused hides no score; a date without any is there without one."""
    names = ["2025-07-01-cccccccccccc", "2025-07-01-bbbbbbbbbbbb", "2024-01-01-bbbbbbbbbbbb"]
    spec = {"run.json": files_of_a_run()["run.json"]}
    for age, (name, files) in enumerate(zip(names, [spec, files_of_a_run(), spec], strict=True)):
        os.utime(put_run(tmp_path, name, files), (1000.0 - age, 1000.0 - age))
    archive = Archive(str(tmp_path))
    assert [run.run_name for run in archive.trend(archive.runs(), 9)] == [names[2], names[1]]
    assert [run.run_name for run in archive.trend(archive.runs(), 1)] == [names[1]]


@pytest.mark.parametrize("content", ["", "{", "[]", "\ufeff{}", "null"])
def test_a_broken_file_is_an_absent_one(tmp_path: Path, content: str) -> None:
    """Half a file, or something else under its name, hides its own figures only."""
    home = put_run(tmp_path)
    (home / "benchmark.json").write_text(content, encoding="utf-8")
    run = Archive(str(tmp_path)).summary(RUN)
    assert run is not None
    assert (run.score("tuned"), run.decision) == (None, "champion")


def test_the_advice_gets_the_corpus_of_the_days_that_it_asks_for(tmp_path: Path) -> None:
    """Only runs of these days are read; one that was just opened has not come to its end."""
    put_run(tmp_path)
    put_run(tmp_path, "2024-01-01-bbbbbbbbbbbb", {"run.json": files_of_a_run()["run.json"]})
    put_run(tmp_path, "2024-01-01-cccccccccccc", {})
    archive = Archive(str(tmp_path))
    [known] = archive.known_among(archive.runs(), [date(2024, 1, 1)])
    assert (known.as_of, known.sources, known.published) == (date(2024, 1, 1), {"travel": "ab"}, False)
    (tmp_path / "runs" / "2024-01-01-bbbbbbbbbbbb" / "publish.json").write_text("{}")
    [known] = archive.known_among(archive.runs(), [date(2024, 1, 1)])
    assert known.published


def test_a_link_in_the_store_is_not_followed_out_of_its_run(tmp_path: Path) -> None:
    """No linked file, folder or run shows what lies elsewhere; a store that lies behind a link opens."""
    home = put_run(tmp_path / "store")
    (tmp_path / "secret.html").write_text("secret")
    (home / "report.html").symlink_to(tmp_path / "secret.html")
    (home / "data_docs").symlink_to(tmp_path)
    (tmp_path / "store" / "runs" / "2025-07-01-cccccccccccc").symlink_to(tmp_path)
    (tmp_path / "report.html").write_text("secret")
    archive = Archive(str(tmp_path / "store"))
    assert archive.open_to_people(RUN, "report.html") is None
    assert archive.open_to_people(RUN, "data_docs/secret.html") is None
    assert archive.open_to_people("2025-07-01-cccccccccccc", "report.html") is None
    (home / "gate_report.json").write_bytes(b"{}")
    (tmp_path / "linked").symlink_to(tmp_path / "store")
    assert Archive(str(tmp_path / "linked")).open_to_people(RUN, "gate_report.json") == b"{}"


@pytest.mark.parametrize(
    "path",
    [
        "", "run.json", "qa_pairs.jsonl", "review.xlsx", "adapter/adapter_model.safetensors", "report.html/",
        "./report.html", "../report.html", "data_docs", "data_docs/", "data_docs/..", "data_docs/../run.html",
        "data_docs//x.html",
        "data_docs/.hidden.html", "data_docs/x.js", "data_docs/x.json", "data_docs/x", "/etc/passwd",
        "data_docs\\x.html", "data_docs/x.html\n", "data_docs/x\0.html", "data_docs/가.html", "DATA_DOCS/x.html",
        "report.html\n",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_stays_closed(path: str) -> None:
    """Recipes, datasets, weights, scripts, hidden files and every odd path."""
    assert not may_be_opened(path)


@pytest.mark.parametrize(
    "path", ["report.html", "changes.json", "data_docs/static/a-b_c+d.css", "data_docs/v/2025T0.0Z/x.html"]
)
def test_what_is_on_the_list_opens(path: str) -> None:
    """Reports and Data Docs as Great Expectations names them."""
    assert may_be_opened(path)


def test_every_file_that_the_report_links_to_is_open() -> None:
    """On the page a relative link of report.html leads to the file, as it does beside the run folder."""
    assert [name for name in report_links.TITLES if not may_be_opened(name)] == []
    assert {Path(name).suffix for name in OPEN_TO_PEOPLE} <= set(TYPES)


def test_one_broken_run_leaves_the_others_on_the_page(tmp_path: Path) -> None:
    """A folder of a day that there is not, a manifest of NaN seconds and bytes that are no text: told, not raised."""
    put_run(tmp_path)
    put_run(tmp_path, "2024-13-45-aaaaaaaaaaaa")
    home = put_run(tmp_path, "2024-01-01-bbbbbbbbbbbb")
    (home / "train.manifest.json").write_text('{"seconds": NaN}')
    (home / "run.json").write_bytes(b"\xff\xfe{}")
    archive = Archive(str(tmp_path))
    whole, broken = archive.summaries(archive.runs())
    assert (whole.unreadable, broken.unreadable) == ((), ("run.json", "train.manifest.json"))
    page = view.Overview([whole, broken], [broken, whole], whole, (), None, 2, 1, 1, champion_told=False)
    text = view.overview(page, view.Visitor("v", may_act=False))
    assert text.count("읽을 수 없음") == 2
    assert "승격 기준을 넘은 어댑터가 아직" not in text
    [known] = archive.known_among(archive.runs(), [date(2024, 1, 1)])
    assert (known.sources, known.published) == ({}, True)
