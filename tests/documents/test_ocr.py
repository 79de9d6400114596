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
    assert found.report.warnings[0].message.startswith("read by OCR")


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
        ("an image without text; its content is missing", 2)
    ]
