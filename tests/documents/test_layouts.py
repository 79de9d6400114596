"""How other issuers print a rule: headings of every kind, hanja, columns, turned pages."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from documents.conftest import Text
from documents.layouts import parsed

Write = Callable[..., Path]


def pages_of(*pages: Sequence[str]) -> list[list[Text]]:
    """Pages of short lines from the top; `^` before a text sets it in the middle."""
    return [
        [
            (240.0 if text.startswith("^") else 70.0, 130.0 + 18 * i, text.removeprefix("^"))
            for i, text in enumerate(page)
        ]
        for page in pages
    ]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        pytest.param(
            ["第1章 總則", "第一條(目的) 정한다.", "第二條(適用) 한다.", "附則", "第1條 시행한다.", "別表 1", "5만원"],
            [("body", "1", "目的"), ("body", "2", "適用"), ("addendum", "1", None), ("annex", "1", "5만원")],
            id="hanja",
        ),
        pytest.param(
            ["제1조【목적】 정한다.", "제2조〔적용〕 한다.", "제3조<휴가> 준다.", "제4조 <삭제 2020. 1. 1.>",
             "제5조. (휴일) 쉰다."],
            [("body", "1", "목적"), ("body", "2", "적용"), ("body", "3", "휴가"), ("body", "4", None),
             ("body", "5", "휴일")],
            id="titles in other brackets",
        ),
        pytest.param(
            ["제1조 목적", "정한다.", "제2조 적용범위", "직원에게 적용한다.", "제3조 휴가", "1. 연차", "가. 15일"],
            [("body", "1", "목적"), ("body", "2", "적용범위"), ("body", "3", "휴가")],
            id="titles without brackets",
        ),
        pytest.param(
            ["제 1 조 (목 적) 정한다.", "제 2 조의 2 (특 례) 한다.", "제 3 조 - 삭제 -"],
            [("body", "1", "목적"), ("body", "2의2", "특례"), ("body", "3", None)],
            id="spread numbers",
        ),
        pytest.param(
            ["제1조(목적) 정한다.", "부칙 2021. 3. 1.", "시행한다.", "부 칙 (규정 제12호, 2022. 1. 1.)", "시행한다.",
             "<별지 제1호의2서식> 휴가원", "성명", "■ 회사 복무규정 [별지 제2호서식] 신청서", "성명",
             "[별표 가]", "5만원"],
            [("body", "1", "목적"), ("addendum", None, None), ("addendum", None, None), ("form", "1의2", "휴가원"),
             ("form", "2", "신청서"), ("annex", "가", "5만원")],
            id="부칙, forms and annexes",
        ),
    ],
)  # fmt: skip
def test_headings_of_other_issuers(write_pdf: Write, texts: list[str], found: list[tuple[str, str | None]]) -> None:
    """Number and title of each article, 부칙, annex and form are read."""
    provisions = parsed(write_pdf("a.pdf", pages_of(["^취업규칙", *texts]))).provisions
    assert [(p.part, p.number, p.title) for p in provisions if p.part != "preamble"] == found


_SENTENCE = "이 조문은 직원의 복무에 관하여 필요한 사항을 정하며 모든 직원에게 적용한다."


def _column(x: float, width: int, y: float, texts: Sequence[str]) -> list[Text]:
    lines = [text[i : i + width] for text in texts for i in range(0, len(text), width)]
    return [(x, y + 16 * i, line) for i, line in enumerate(lines)]


def _articles(first: int, last: int) -> list[str]:
    return [f"제{n}조(제목{n}) {_SENTENCE}" for n in range(first, last)]


def test_newspaper_columns(write_pdf: Write) -> None:
    """The left column is read before the right one, a title over both before either, and lines join within each."""
    first = [(200.0, 120.0, "직원의 복무와 휴가에 관한 규정"), *_column(50, 23, 150, _articles(1, 8))]
    page = [*first, *_column(315, 23, 150, _articles(8, 14))]
    provisions = parsed(write_pdf("a.pdf", [page])).provisions
    assert [p.number for p in provisions] == [None, *map(str, range(1, 14))]
    assert {p.text.split(") ", 1)[1] for p in provisions[1:]} == {_SENTENCE}


def test_a_column_of_remarks_is_left_out_and_said(write_pdf: Write) -> None:
    """Remarks beside the rule do not run into its articles; how many characters they have is reported."""
    remarks = ["해설 이 조문은 널리 알려야 하며 지침을 참고하여 작성한다."] * 4
    pages = [[*_column(50, 31, 120, _articles(a, b)), *_column(400, 14, 120, remarks)] for a, b in ((1, 8), (8, 14))]
    found = parsed(write_pdf("a.pdf", pages))
    assert [p.number for p in found.provisions] == [*map(str, range(1, 14))]
    assert {p.text.split(") ", 1)[1] for p in found.provisions} == {_SENTENCE}
    assert found.report.characters.removed == {"commentary": 2 * sum(len("".join(r.split())) for r in remarks)}
    assert "remarks" in found.report.warnings[0].message


def test_labels_and_values_are_no_columns(write_pdf: Write) -> None:
    """A list of short labels with values beside them is read line by line."""
    rows = [
        text for i in range(12) for text in ((70.0, 200.0 + 18 * i, f"항목{i}"), (250.0, 200.0 + 18 * i, f"{i}만원"))
    ]
    text = parsed(write_pdf("a.pdf", [[(70.0, 130.0, "제1조(수당) 수당은 다음과 같다."), *rows]])).provisions[0].text
    assert [line for line in text.split("\n") if line.startswith("항목")] == [f"항목{i} {i}만원" for i in range(12)]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_printed_sideways_is_turned(tmp_path: Path, write_pdf: Write, angle: int) -> None:
    """A landscape table drawn on an upright page is read as its reader holds it."""
    import pymupdf

    texts = ["제1조(목적) 별표에 따른다.", "제2조(적용) 모두에게 적용한다."]
    path = write_pdf("a.pdf", pages_of(texts), size=(842, 595))
    with pymupdf.open(path) as document, pymupdf.open() as turned:
        page = turned.new_page(width=595, height=842)
        page.show_pdf_page(page.rect, document, 0, rotate=angle)
        turned.save(tmp_path / "b.pdf")
    assert [p.text for p in parsed(tmp_path / "b.pdf").provisions] == texts
