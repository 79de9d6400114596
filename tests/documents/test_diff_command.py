"""`regtune diff` as a user runs it."""

import json
from pathlib import Path

import pytest
from documents.layouts import SAMPLES
from documents.provision_samples import provision

from regtune.artifacts import write_jsonl
from regtune.cli import main

_OLD, _NEW = SAMPLES / "work-rules-2024-01-01.pdf", SAMPLES / "work-rules-2024-07-01.pdf"


def test_two_pdfs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two PDFs go through parse; the summary is Korean, the tables and changes.json lie in --out."""
    assert main(["diff", str(_OLD), str(_NEW), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "취업규칙: 개정 1, 신설 2, 삭제 0, 번호 변경 0, 위치 이동 0" in printed
    assert "개정  제26조(연차유급휴가의 이월)" in printed
    assert "신설  부칙 <2024. 7. 1.> 제2조(적용례)" in printed
    changes = json.loads((tmp_path / "out" / "changes.json").read_text(encoding="utf-8"))
    assert [change["kind"] for change in changes["changes"]] == ["changed", "added", "added"]
    assert changes["counts"]["changed"] == 1
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "<del>5일</del>" in page
    assert "<ins>8일</ins>" in page
    assert "~~5일~~" in (tmp_path / "out" / "comparison.md").read_text(encoding="utf-8")


def test_run_folder_and_provisions_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder's provisions, a file of somebody's own with the least fields, and a corpus against one regulation."""
    corpus = [
        provision("제1조(목적) 정한다."),
        provision("제2조(휴가) 15일", regulation_id="leave", regulation_title="휴가규정"),
    ]
    (tmp_path / "run").mkdir()
    write_jsonl(tmp_path / "run" / "provisions.jsonl", corpus)
    own = {"regulation_id": "x", "regulation_title": "휴가규정", "text": "제2조(휴가) 20일", "number": "2"}
    (tmp_path / "own.jsonl").write_text(json.dumps(own, ensure_ascii=False) + "\n", encoding="utf-8")
    assert main(["diff", str(tmp_path / "run"), str(tmp_path / "own.jsonl")]) == 0
    assert "휴가규정: 개정 1, 신설 0, 삭제 0" in capsys.readouterr().out
    assert main(["diff", str(tmp_path / "run"), str(tmp_path / "run")]) == 0
    assert "실제로 바뀐 조문이 없습니다." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        pytest.param("absent.pdf", 4, "no such file", id="no file"),
        pytest.param("empty", 4, "holds no provisions.jsonl; run parse", id="folder without provisions"),
        pytest.param("broken.pdf", 4, "broken.pdf", id="broken PDF"),
        pytest.param("text.txt", 4, "neither a PDF nor a provisions file", id="neither PDF nor provisions"),
        pytest.param("other.jsonl", 2, "has no 여비규정, but 취업규칙, 휴가규정", id="another regulation"),
    ],
)
def test_sides_that_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, message: str
) -> None:
    """One line says what is wrong with which side."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "text.txt").write_text("제1조", encoding="utf-8")
    write_jsonl(tmp_path / "other.jsonl", [provision("제1조", regulation_id="t", regulation_title="여비규정")])
    leave = provision("제1조", regulation_id="leave", regulation_title="휴가규정")
    write_jsonl(tmp_path / "corpus.jsonl", [provision("제1조"), leave])
    assert main(["diff", str(tmp_path / "corpus.jsonl"), str(tmp_path / name)]) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_a_run_folder_is_no_place_for_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run folder has a changes.json of its own; diff does not write over it."""
    write_jsonl(tmp_path / "a.jsonl", [provision("제1조")])
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    command = ["diff", str(tmp_path / "a.jsonl"), str(tmp_path / "a.jsonl"), "--out", str(tmp_path)]
    assert main(command) == 2
    assert "is a run folder" in capsys.readouterr().err
    assert not (tmp_path / "changes.json").exists()
