"""parse as a command: what it writes, what it refuses, and how it says so."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import SAMPLES, parsed

from regtune.artifacts import read_json, read_jsonl
from regtune.cli import main
from regtune.contracts import Provision
from regtune.documents.report import ParseReport
from regtune.errors import UnusableInputError

_SAMPLE = SAMPLES / "travel-2024-01-01.pdf"


def _regtune(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    plugins = str(SAMPLES.parents[1] / "plugins")
    command = [sys.executable, "-m", "regtune", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": plugins}
    )


def test_command_writes_provisions_and_report(tmp_path: Path) -> None:
    """`parse --pdf FILE --out DIR` exits 0 and leaves provisions and a report, under names with blanks and Hangul."""
    pdf = tmp_path / "여비 규정 (개정).pdf"
    shutil.copyfile(_SAMPLE, pdf)
    out = tmp_path / "결과 폴더"
    done = _regtune("parse", "--pdf", pdf, "--out", out)
    assert done.returncode == 0, done.stderr
    provisions = read_jsonl(out / "provisions.jsonl", Provision)
    assert sum(p.part == "body" and p.kind == "article" for p in provisions) == 24
    assert {(p.regulation_id, p.regulation_title) for p in provisions} == {("여비 규정 (개정)", "여비규정")}
    (file,) = read_json(out / "parse_report.json", ParseReport).files
    assert (file.pages, file.counts["articles"], file.counts["annexes"]) == (9, 24, 2)
    assert "이 규정은" not in done.stdout


def test_unusable_files_are_told_together_and_leave_nothing(tmp_path: Path) -> None:
    """Each file that cannot be used gets one line that says why; exit 4; the good one beside them is parsed."""
    import pymupdf

    whole = _SAMPLE.read_bytes()
    (tmp_path / "notpdf.pdf").write_text("no PDF", encoding="utf-8")
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "random.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    with pymupdf.open(_SAMPLE) as document:
        document.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
    with pymupdf.open() as document:
        document.new_page().draw_line((0, 0), (100, 100))
        document.save(tmp_path / "scanned.pdf")
    bad = ["notpdf.pdf", "empty.pdf", "cut.pdf", "random.pdf", "locked.pdf", "scanned.pdf"]
    out = tmp_path / "out"
    done = _regtune("parse", "--pdf", *(tmp_path / name for name in bad), _SAMPLE, "--out", out)
    assert done.returncode == 4
    lines = done.stderr.strip().split("\n")
    assert [line.split(": ")[1] for line in lines] == bad
    assert "encrypted" in lines[4]
    assert "give a PDF with text" in lines[5]
    assert [path.parent.name for path in out.rglob("provisions.jsonl")] == [_SAMPLE.stem]


def _open_run(out: Path) -> None:
    register = ["--register", str(SAMPLES / "register.yaml"), "--as-of", "2025-01-01"]
    assert main(["open_run", *register, "--regulation", "travel", "--regulation", "service", "--out", str(out)]) == 0


def test_one_bad_file_of_a_run_stops_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run with a broken source writes no provisions at all, not those of the good file."""
    _open_run(tmp_path)
    (tmp_path / "sources" / "service-2025-01-01.pdf").write_bytes(b"%PDF-1.7 broken")
    assert main(["parse", str(tmp_path)]) == 4
    assert [line.split(": ")[1] for line in capsys.readouterr().err.strip().split("\n")] == ["service-2025-01-01.pdf"]
    assert not (tmp_path / "provisions.jsonl").exists()


def test_a_run_keeps_the_order_of_its_sources(tmp_path: Path) -> None:
    """Regulations stand in the order of run.json under the register's ids; the same run gives the same bytes."""
    written = []
    for name in ("a", "b"):
        _open_run(tmp_path / name)
        assert main(["parse", str(tmp_path / name)]) == 0
        written.append((tmp_path / name / "provisions.jsonl").read_bytes())
    assert written[0] == written[1]
    ids = [json.loads(line)["regulation_id"] for line in written[0].decode().splitlines()]
    assert list(dict.fromkeys(ids)) == ["service", "travel"]


def test_missing_text_is_reported(tmp_path: Path) -> None:
    """A page without text is a warning with its page, never silence."""
    import pymupdf

    with pymupdf.open(_SAMPLE) as document:
        document.new_page()
        document.save(tmp_path / "a.pdf")
    assert [(w.message, w.page) for w in parsed(tmp_path / "a.pdf").report.warnings] == [("글자가 없습니다: 10쪽.", 10)]


@pytest.mark.parametrize("flips", range(5))
def test_flipped_bytes_end_in_a_result_or_a_clear_error(tmp_path: Path, flips: int) -> None:
    """Damage anywhere in a real PDF never crashes parse, and what is lost is said."""
    draw = random.Random(flips)
    content = bytearray(_SAMPLE.read_bytes())
    for _ in range(30):
        content[draw.randrange(len(content))] = draw.randrange(256)
    (tmp_path / "a.pdf").write_bytes(content)
    try:
        found = parsed(tmp_path / "a.pdf")
    except UnusableInputError as error:
        assert str(error).startswith("a.pdf: ")  # noqa: PT017 - the error is one of two good ends
        return
    whole = found.report.counts.get("articles") == 24 and len(found.provisions) == 30
    assert whole or found.report.warnings


def test_rotated_text_is_left_out_and_said(tmp_path: Path, write_pdf: Callable[..., Path]) -> None:
    """A watermark across the page is no text of the rule."""
    import pymupdf

    path = write_pdf("a.pdf", [[(70.0, 100.0, "제1조(목적) 휴가를 정한다.")]])
    with pymupdf.open(path) as document:
        document[0].insert_text((300, 500), "대외비", fontname="korea", rotate=90)
        document.save(tmp_path / "b.pdf")
    found = parsed(tmp_path / "b.pdf")
    assert [p.text for p in found.provisions] == ["제1조(목적) 휴가를 정한다."]
    assert found.report.characters.removed == {"rotated": 3}


def test_where_each_page_begins_in_a_provision(write_pdf: Callable[..., Path]) -> None:
    """Characters of the text before a page are counted without the revision tags that were taken out of it."""
    first = [(70, 200, "제1조(목적) 정한다. <개정 2024. 1. 1.>"), (70, 220, "① 하나를 정한다.")]
    found = parsed(write_pdf("a.pdf", [first, [(70, 200, "② 둘을 정한다.")]]))
    (provision,) = found.provisions
    before = "".join(provision.text.split("② ")[0].split())
    assert provision.page_starts == ((2, len(before)),)
