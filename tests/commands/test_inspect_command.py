"""regtune inspect: a page for a person who checks a regulation by eye."""

from pathlib import Path

import pytest

from regtune.cli import main

_SAMPLE = Path(__file__).resolve().parents[2] / "include" / "regulations" / "travel-2025-07-01.pdf"


def test_every_page_stands_beside_its_provisions(tmp_path: Path) -> None:
    """One file holds an image a page and each kind of provision under its own colour, under any name."""
    out = tmp_path / "결과 폴더" / "여비 규정.html"
    assert main(["inspect", str(_SAMPLE), "--out", str(out)]) == 0
    page = out.read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 9
    for head in (
        "본칙 · 제1장 총칙 &gt; 제1조(목적)",
        "부칙 · ",
        "별표 · [별표 1] 국내 여비 지급 기준",
        "별지·서식 · ",
    ):
        assert head in page
    assert "본칙의 조 " in page
    assert '<table class="read"><tr><td>' in page
    assert "| ---" not in page
    assert "<script" not in page


def test_what_a_document_says_is_escaped(tmp_path: Path) -> None:
    """Markup in a regulation is shown and not run."""
    import pymupdf

    with pymupdf.open() as document:
        document.new_page().insert_text((70, 200), "제1조(목적) <script>alert(1)</script>", fontname="korea")
        document.save(tmp_path / "a.pdf")
    assert main(["inspect", str(tmp_path / "a.pdf"), "--out", str(tmp_path / "a.html")]) == 0
    assert "<script" not in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_file_that_is_no_pdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing or broken file exits 4 with one line and leaves nothing."""
    (tmp_path / "a.pdf").write_text("no PDF", encoding="utf-8")
    for name in ("a.pdf", "b.pdf"):
        assert main(["inspect", str(tmp_path / name), "--out", str(tmp_path / "a.html")]) == 4
    assert len(capsys.readouterr().err.strip().split("\n")) == 2
    assert not (tmp_path / "a.html").exists()
