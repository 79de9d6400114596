"""Text with a line drawn through it is deleted; underlines and rulings delete nothing."""

from pathlib import Path

import pytest
from documents.layouts import parsed


def _page(path: Path, word: str, height: float, *, longer: float = 0.0, thick: bool = False) -> Path:
    """A rule whose `word` has a line at `height` em above its baseline, `longer` points to each side."""
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page()
        for row, text in enumerate(("제1조(목적) 이 규정은 휴가를 정한다.", "제2조(휴가) 휴가는 연 15일 20일로 한다.")):
            page.insert_text((72, 100 + 30 * row), text, fontname="korea", fontsize=11)
        (box,) = page.search_for(word)
        y = 130 - 11 * height
        if thick:
            page.draw_rect((box.x0, y - 0.4, box.x1, y + 0.4), fill=(0, 0, 0), color=None)
        else:
            page.draw_line((box.x0 - longer, y), (box.x1 + longer, y), width=0.6)
        document.save(path)
    return path


@pytest.mark.parametrize("thick", [False, True], ids=["stroked", "painted as a thin shape"])
def test_struck_out_words_are_not_in_force(tmp_path: Path, *, thick: bool) -> None:
    """They are in no provision, and the report names them with their page."""
    found = parsed(_page(tmp_path / "a.pdf", "15일", 0.36, thick=thick))
    assert found.provisions[1].text == "제2조(휴가) 휴가는 연 20일로 한다."
    assert found.report.characters.removed["struck_out"] == 3
    (warning,) = found.report.warnings
    assert (warning.code, warning.page) == ("struck_out_left_out", 1)
    assert "“15일”" in warning.message


@pytest.mark.parametrize(
    ("height", "longer"),
    [pytest.param(-0.15, 0.0, id="underline"), pytest.param(0.36, 200.0, id="a ruling that goes on beyond the words")],
)
def test_other_lines_delete_nothing(tmp_path: Path, height: float, longer: float) -> None:
    """An underlined word, and one that a longer line passes, stay."""
    found = parsed(_page(tmp_path / "a.pdf", "20일로", height, longer=longer))
    assert found.provisions[1].text == "제2조(휴가) 휴가는 연 15일 20일로 한다."
