"""Fixtures of the parse tests."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from documents.layouts import EM, SAMPLES

Text = tuple[float, float, str]
"""x, baseline and text of one line, in points."""
Ruling = tuple[float, float, float, float]


@pytest.fixture(name="write_pdf")
def _write_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Write a PDF from pages of texts, with the same rulings on each page."""
    import pymupdf

    def write(
        name: str,
        pages: Sequence[Sequence[Text]],
        rulings: Sequence[Ruling] = (),
        size: tuple[float, float] = (595, 842),
    ) -> Path:
        document = pymupdf.open()
        for texts in pages:
            page = document.new_page(width=size[0], height=size[1])
            for x, y, text in texts:
                page.insert_text((x, y), text, fontname="korea", fontsize=EM)
            for x0, y0, x1, y1 in rulings:
                page.draw_line((x0, y0), (x1, y1))
        document.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture(scope="session", name="sample_sources")
def _sample_sources() -> ModuleType:
    """The module that reads the text sources of the sample PDFs."""
    sys.path.insert(0, str(SAMPLES / "sources"))
    try:
        import revisions
    finally:
        sys.path.pop(0)
    module: ModuleType = revisions
    return module
