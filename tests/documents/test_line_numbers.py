"""Line numbers in the margin."""

from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import parsed

Write = Callable[..., Path]

_TEXTS = [
    *(f"제{n}조(제목{n}) 직원은 맡은 일을 {n}일 안에 한다." for n in range(1, 10)),
    "제10조(항목) 다음 각 호와 같다.",
    *(f"{n}. 일의 {n}단계" for n in range(1, 9)),
]


@pytest.mark.parametrize("x", [pytest.param(40.0, id="left"), pytest.param(540.0, id="right")])
@pytest.mark.parametrize("step", [1, 2])
def test_line_numbers_are_in_no_provision(write_pdf: Write, x: float, step: int) -> None:
    """Numbers beside each line, or each second one, go; those of 호 and in sentences stay."""
    lines = [(70.0, 130.0 + 16 * i, text) for i, text in enumerate(_TEXTS)]
    numbers = [(x, y, str(i)) for i, (_, y, _) in enumerate(lines, 1) if i % step == 0]
    found = parsed(write_pdf("a.pdf", [[*lines, *numbers], [(70.0, 130.0, "제11조(끝) 끝이다."), (x, 130.0, "19")]]))
    assert "\n".join(p.text for p in found.provisions) == "\n".join([*_TEXTS, "제11조(끝) 끝이다."])
    assert found.report.characters.removed == {"line_number": sum(len(text) for _, _, text in numbers) + 2}


def test_numbers_of_a_list_beside_its_entries_stay(write_pdf: Write) -> None:
    """A first column of serial numbers below its head is no strip of line numbers."""
    rows = [((50.0, 180.0 + 16 * i, str(i)), (90.0, 180.0 + 16 * i, f"물품{i}")) for i in range(1, 12)]
    texts = [(50.0, 130.0, "제1조(물품) 물품은 다음과 같다."), (50.0, 180.0, "번호"), (90.0, 180.0, "물품 이름")]
    found = parsed(write_pdf("a.pdf", [[*texts, *(text for row in rows for text in row)]]))
    assert "11 물품11" in found.provisions[0].text
    assert not found.report.characters.removed


def test_heads_and_notes_numbered_apart_leave_the_text_without_numbers(tmp_path: Path) -> None:
    """The count begins anew in the running head and at the notes, and the mark of a note is a digit too."""
    import pymupdf

    document = pymupdf.open()
    page = document.new_page()
    head, notes = [(70.0, 60.0, "복무규정")], [(70.0, 760.0, "비고란은 비워 둔다."), (70.0, 775.0, "이상과 같다.")]
    for part in (head, [(70.0, 130.0 + 16 * i, text) for i, text in enumerate(_TEXTS)], notes):
        for i, (x, y, text) in enumerate(part, 1):
            page.insert_text((x, y), text, fontname="korea", fontsize=10)
            page.insert_text((40, y), str(i), fontname="korea", fontsize=10)
    page.insert_text((520, 141), "1", fontname="korea", fontsize=6)
    document.save(tmp_path / "a.pdf")
    found = parsed(tmp_path / "a.pdf")
    assert [p.number for p in found.provisions if p.part == "body"] == [str(n) for n in range(1, 11)]
    assert found.report.characters.removed["line_number"] == 1 + 9 + 2 * (len(_TEXTS) - 9) + 2
