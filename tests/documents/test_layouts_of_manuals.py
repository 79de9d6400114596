"""Rules printed as manuals and forms print them: remarks on both pages of a sheet, boxes, Roman chapters."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from documents.conftest import Ruling, Text
from documents.layouts import parsed
from documents.test_layouts import pages_of

Write = Callable[..., Path]
_SENTENCE = "이 조문은 직원의 복무에 관하여 필요한 사항을 정하며 모든 직원에게 적용한다."
_REMARK = "【해설】 실무에서 자주 문의되는 사항을 적은 것이다."


def _lines(x: float, y: float, width: int, text: str, step: float = 14) -> list[Text]:
    return [(x, y + step * i, text[at : at + width]) for i, at in enumerate(range(0, len(text), width))]


def _article(number: int) -> str:
    return f"제{number}조(제목{number}) {_SENTENCE}"


def test_remarks_on_both_pages_of_a_sheet_are_left_out(write_pdf: Write) -> None:
    """Each of two pages on a sheet has a column of remarks of its own; neither runs into the rule."""
    sheets = [
        [
            text
            for side in (0, 1)
            for i in range(4)
            for text in (
                *_lines(30 + 421 * side, 80 + 70 * i, 20, _article(1 + 8 * sheet + 4 * side + i)),
                *_lines(270 + 421 * side, 80 + 70 * i, 12, _REMARK, step=12),
            )
        ]
        for sheet in range(2)
    ]
    found = parsed(write_pdf("a.pdf", sheets, size=(842, 595)))
    assert [p.text for p in found.provisions] == [_article(n) for n in range(1, 17)]
    assert found.report.characters.removed == {"commentary": 16 * len("".join(_REMARK.split()))}


def test_columns_on_both_pages_of_a_sheet_are_read_in_turn(write_pdf: Write) -> None:
    """Two pages on a sheet with two columns each are read column by column."""
    column = [0.0, 200.0, 421.0, 621.0]
    sheet = [
        text
        for at, x in enumerate(column)
        for i in range(4)
        for text in _lines(25 + x, 90 + 80 * i, 17, _article(1 + 4 * at + i))
    ]
    found = parsed(write_pdf("a.pdf", [sheet], size=(842, 595)))
    assert [p.text for p in found.provisions] == [_article(n) for n in range(1, 17)]


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Ruling]:
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def test_an_article_in_a_box_of_its_own(write_pdf: Write) -> None:
    """A box with the heading in its left cell and the words in its right one is an article, not a table."""
    texts = [(70.0, 90.0, "복무규정")]
    rulings: list[Ruling] = []
    for n in range(1, 6):
        y = 60.0 + 70 * n
        texts += [(75.0, y, f"제{n}조(제목{n})"), *_lines(180, y, 32, _SENTENCE * 2)]
        rulings += [*_box(65, y - 15, 170, y + 40), *_box(170, y - 15, 530, y + 40)]
    found = parsed(write_pdf("a.pdf", [texts], rulings))
    assert [(p.number, p.title) for p in found.provisions[1:]] == [(str(n), f"제목{n}") for n in range(1, 6)]
    assert {p.text.split("\n", 1)[1] for p in found.provisions[1:]} == {_SENTENCE * 2}


@pytest.mark.parametrize(
    ("chapters", "paths"),
    [
        pytest.param(("Ⅰ. 총칙", "Ⅱ. 여비"), ("Ⅰ. 총칙", "Ⅱ. 여비"), id="alone"),
        pytest.param(("제Ⅰ장 총칙", "제Ⅱ장 여비"), ("제1장 총칙", "제2장 여비"), id="with 제 and 장"),
    ],
)
def test_chapters_with_roman_numbers(write_pdf: Write, chapters: Sequence[str], paths: Sequence[str]) -> None:
    """A Roman chapter above an article heads it and those after it, and is in no text."""
    texts = ["^여비규정", "^" + chapters[0], _article(1), _article(2), "^" + chapters[1], _article(3)]
    found = parsed(write_pdf("a.pdf", pages_of([text[:60] for text in texts])))
    assert [p.path[:-1] for p in found.provisions if p.part == "body"] == [(paths[0],), (paths[0],), (paths[1],)]
    assert not any(chapter in p.text for p in found.provisions for chapter in chapters)
    assert found.report.counts["chapters"] == 2


def test_a_roman_item_is_no_chapter(write_pdf: Write) -> None:
    """`Ⅰ. 출장` inside an article stays in it: no article begins below it."""
    texts = ["^여비규정", "제1조(구분) 다음과 같다.", "Ⅰ. 국내출장", "Ⅱ. 국외출장", "제2조(적용) 모두에게 적용한다."]
    found = parsed(write_pdf("a.pdf", pages_of(texts)))
    assert next(p.path for p in found.provisions if p.part == "body") == ("제1조(구분)",)
    assert "Ⅰ. 국내출장" in found.provisions[1].text


def test_decimal_headings_from_nought(write_pdf: Write) -> None:
    """`1.0 총칙`, `1.1 (목적) …`, `2.0 보안`: a manual's chapters end in .0."""
    texts = [
        "^보안지침",
        "1.0 총칙",
        "1.1 (목적) 정한다.",
        "1.2 (적용) 모두에게 적용한다.",
        "2.0 보안",
        "2.1 (관리) 둔다.",
    ]
    found = parsed(write_pdf("a.pdf", pages_of(texts))).provisions
    assert [(p.number, p.title, p.path[0]) for p in found[1:]] == [
        ("1.1", "목적", "1.0 총칙"),
        ("1.2", "적용", "1.0 총칙"),
        ("2.1", "관리", "2.0 보안"),
    ]


def test_a_frame_with_page_and_pages_at_the_head(write_pdf: Write) -> None:
    """Company, rule and `페이지 1/2` in a ruled frame above, `- 1 -` in a box below are in no provision."""
    pages = [
        [
            (65.0, 60.0, "한빛"),
            (190.0, 60.0, "복무규정"),
            (440.0, 60.0, f"페이지 {page}/2"),
            *(text for i in range(5) for text in _lines(70, 120 + 60 * i, 40, _article(5 * page - 4 + i))),
            (290.0, 794.0, f"- {page} -"),
        ]
        for page in (1, 2)
    ]
    rulings = [
        *_box(60, 40, 530, 75),
        (180.0, 40.0, 180.0, 75.0),
        (430.0, 40.0, 430.0, 75.0),
        *_box(270, 780, 330, 800),
    ]
    found = parsed(write_pdf("a.pdf", pages, rulings))
    assert [p.text for p in found.provisions] == [_article(n) for n in range(1, 11)]
    assert set(found.report.characters.removed) == {"running_head", "page_mark"}
