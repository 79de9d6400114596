"""Footnotes at the foot of the page, with small raised marks in the text."""

from pathlib import Path

import pytest
from documents.layouts import parsed


def _written(path: Path, note: str = "1)") -> Path:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page()
    texts = [
        "제1조(목적) 이 규정은 직원의 복무를 정한다.",
        "제2조(면적) 한 사람의 면적은 5m",
        "제3조(보고) 부서장은 그 뜻",
    ]
    for i, text in enumerate(texts):
        page.insert_text((70, 130 + 18 * i), text, fontname="korea", fontsize=10)
    page.insert_text((70 + pymupdf.get_text_length(texts[1], "korea", 10), 145), "2", fontname="korea", fontsize=6)
    end = 70 + pymupdf.get_text_length(texts[2], "korea", 10)
    page.insert_text((end, 162), "1)", fontname="korea", fontsize=6)
    page.insert_text((end + 6, 166), "을 원장에게", fontname="korea", fontsize=10)
    page.insert_text((70, 770), f"{note} 제2조에 따른 뜻을 말한다.", fontname="korea", fontsize=8)
    page.insert_text((290, 815), "- 1 -", fontname="korea", fontsize=8)
    page = document.new_page()
    page.insert_text((70, 130), "알려야 한다.", fontname="korea", fontsize=10)
    page.insert_text((70, 148), "제4조(세칙) 따로 정한다.", fontname="korea", fontsize=10)
    document.save(path)
    return path


@pytest.mark.parametrize(("note", "shown"), [("1)", "¹⁾"), ("11)", "¹ 1)")])
def test_a_note_stands_behind_its_article_and_not_in_a_sentence(tmp_path: Path, note: str, shown: str) -> None:
    """Marks are superscripts in their line; the note follows the article that goes on on the next page.

    A word processor prints the number, and an author may have typed it once more.
    """
    found = parsed(_written(tmp_path / "a.pdf", note))
    texts = [p.text for p in found.provisions]
    assert texts[1] == "제2조(면적) 한 사람의 면적은 5m²"
    first, placed = texts[2].replace("\n알려야", " 알려야").split("\n")
    assert first == "제3조(보고) 부서장은 그 뜻¹⁾을 원장에게 알려야 한다."
    assert placed == f"{shown} 제2조에 따른 뜻을 말한다."
    assert texts[3] == "제4조(세칙) 따로 정한다."
    characters = found.report.characters
    assert characters.total == characters.kept + sum(characters.removed.values())
    assert characters.removed == {"page_mark": 3}
    assert not found.report.warnings


def test_a_note_without_its_mark_is_said(tmp_path: Path) -> None:
    """It stays where the page has it, and the report names the page."""
    found = parsed(_written(tmp_path / "a.pdf", "3)"))
    assert [w.page for w in found.report.warnings if w.code == "unplaced_note"] == [1]
