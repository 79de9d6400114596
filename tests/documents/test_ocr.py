"""Pages that are images: read by Tesseract where it is installed, refused in one line where it is not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import CONFIG, SAMPLES, parsed
from documents.test_layouts import pages_of

from regtune.documents import ocr
from regtune.documents.blocks import read_blocks
from regtune.errors import PrerequisiteMissingError, UnusableInputError

Write = Callable[..., Path]
_TEXTS = ["제1조(목적) 이 규정은 직원의 복무에 관하여 필요한 사항을 정한다.", "제2조(적용) 모든 직원에게 적용한다."]


def _scanned(path: Path) -> Path:
    """The same pages as images."""
    import pymupdf

    with pymupdf.open(path) as document, pymupdf.open() as images:
        for page in document:
            shown = images.new_page(width=page.rect.width, height=page.rect.height)
            shown.insert_image(shown.rect, pixmap=page.get_pixmap(dpi=200))
        images.save(path.with_name("scan.pdf"))
    return path.with_name("scan.pdf")


@pytest.mark.skipif(not ocr.installed(), reason="tesseract-ocr and tesseract-ocr-kor are absent")
def test_a_scan_is_read(tmp_path: Path) -> None:
    """Of a printed page as an image every article is found, with its words apart; the report says that OCR read it."""
    import pymupdf

    with pymupdf.open(SAMPLES / "travel-2024-01-01.pdf") as document:
        document.select([1])
        document.save(tmp_path / "a.pdf")
    printed = parsed(tmp_path / "a.pdf").provisions
    found = parsed(_scanned(tmp_path / "a.pdf"))
    numbers = [p.number for p in printed if p.kind == "article"]
    assert [p.number for p in found.provisions if p.kind == "article"] == numbers
    words = {word for p in printed for word in p.text.split()}
    read = {word for p in found.provisions for word in p.text.split()}
    assert len(words & read) >= 0.85 * len(words)
    assert found.report.warnings[0].code.startswith("read_by_ocr")


@pytest.mark.skipif(not ocr.installed(), reason="tesseract-ocr and tesseract-ocr-kor are absent")
def test_a_scan_of_squared_paper_is_read(write_pdf: Write) -> None:
    """A thousand cells one below the other are a picture that Tesseract refuses; the text beside them is read."""
    rulings = [(70.0, y, 500.0, y) for y in range(100, 760, 20)] + [(x, 100.0, x, 740.0) for x in range(70, 501, 14)]
    plain = write_pdf("squared.pdf", [[(70.0, 60.0, _TEXTS[0])]], rulings)
    assert parsed(_scanned(plain)).provisions[0].number == "1"


@pytest.mark.skipif(not ocr.installed(), reason="tesseract-ocr and tesseract-ocr-kor are absent")
def test_a_scanned_table_keeps_its_cells(write_pdf: Write) -> None:
    """Of a ruled table in a scan every cell of several lines is read by itself, and a value stays with its head."""
    left = [(75.0, 112.0, "직원의 구분"), (75.0, 142.0, "일반 직원"), (75.0, 202.0, "무기계약 직원")]
    right = [
        (205.0, 112.0, "지급 기준"),
        (205.0, 136.0, "운임은 실비로 지급하고"),
        (205.0, 152.0, "숙박비는 정액으로 한다"),
    ]
    below = [(205.0, 196.0, "운임과 숙박비를 모두"), (205.0, 212.0, "실비로 지급한다")]
    rulings = [(70.0, y, 400.0, y) for y in (95.0, 122.0, 180.0, 230.0)]
    rulings += [(x, 95.0, x, 230.0) for x in (70.0, 200.0, 400.0)]
    texts = [(70.0, 60.0, "제1조(여비) 여비는 다음과 같이 지급한다."), *left, *right, *below]
    found = parsed(_scanned(write_pdf("a.pdf", [texts], rulings)))
    table = [line.replace(" ", "") for line in found.provisions[0].text.split("\n") if line.startswith("|")]
    assert table == [
        "|직원의구분|지급기준|",
        "|---|---|",
        "|일반직원|운임은실비로지급하고숙박비는정액으로한다|",
        "|무기계약직원|운임과숙박비를모두실비로지급한다|",
    ]


def test_without_ocr_a_scan_is_refused(write_pdf: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a host without Tesseract one line says which page has no text and what to install."""
    scan = _scanned(write_pdf("a.pdf", pages_of(_TEXTS)))
    monkeypatch.setenv("PATH", str(tmp_path))
    ocr.installed.cache_clear()
    try:
        with pytest.raises(PrerequisiteMissingError, match=r"scan\.pdf: page 1 has no text .*tesseract-ocr-kor"):
            parsed(scan)
    finally:
        ocr.installed.cache_clear()


def test_ocr_can_be_turned_off(write_pdf: Write, tmp_path: Path) -> None:
    """With parse.ocr off a page that is an image is left out with a warning; a file of nothing else is refused."""
    import pymupdf

    text = write_pdf("a.pdf", pages_of(_TEXTS))
    scan = _scanned(text)
    off = CONFIG.model_copy(update={"ocr": "off"})
    with pytest.raises(UnusableInputError, match="no text on any of its 1 pages"):
        read_blocks(scan, off)
    with pymupdf.open(text) as document, pymupdf.open(scan) as images:
        document.insert_pdf(images)
        document.save(tmp_path / "mixed.pdf")
    assert [(w.message, w.page) for w in read_blocks(tmp_path / "mixed.pdf", off).warnings] == [
        ("글자 없이 그림만 있어 그 내용이 빠졌습니다.", 2)
    ]
