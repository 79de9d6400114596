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
        pytest.param(
            ["■ 제1조(목적) 정한다.", "□ 제2조{적용} 한다.", "제3조 - 휴가", "준다.", "제4조", "휴일", "쉰다.",
             "제5조", "(당직)", "선다."],
            [("body", "1", "목적"), ("body", "2", "적용"), ("body", "3", "휴가"), ("body", "4", "휴일"),
             ("body", "5", "당직")],
            id="bullets, and titles on the next line",
        ),
        pytest.param(
            ["제1조(목적) 정한다.", "제1조2(특례) 한다.", "제1조-3(예외) 한다.", "제2조(적용) 제1조2의 특례도 같다.",
             "부칙 : 2024년 5월 1일", "시행한다.", "[별표 제1호의2] 수당", "5만원", "[부표 2] 등급", "1급"],
            [("body", "1", "목적"), ("body", "1의2", "특례"), ("body", "1의3", "예외"), ("body", "2", "적용"),
             ("addendum", None, None), ("annex", "1의2", "수당"), ("annex", "2", "등급")],
            id="branches without 의",
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


_ITEMS = ["1. 연차휴가", "2. 병가", "3. 경조휴가", "4. 공가", "부칙", "이 규정은 공포한 날부터 시행한다."]


def test_a_title_over_one_column_alone_does_not_hide_the_other(write_pdf: Write) -> None:
    """A title set in the middle of a page of short columns may end before the second column begins."""
    texts = [
        (240.0, 100.0, "여비규정"),
        *_column(50, 18, 130, _articles(1, 4)),
        *_column(310, 18, 130, _articles(4, 7)),
    ]
    found = parsed(write_pdf("a.pdf", [texts]))
    assert [p.number for p in found.provisions if p.part == "body"] == [str(n) for n in range(1, 7)]
    assert not found.report.warnings


def test_a_column_of_short_lines_is_not_read_across(write_pdf: Write) -> None:
    """Items and 부칙 leave most lines of the right column short; that its numbers go on from the left one tells it."""
    right = [*_articles(6, 8), f"제8조(휴가) {_SENTENCE}", *_ITEMS, *_ITEMS[4:], *_ITEMS[4:]]
    foot = (290.0, 800.0, "- 1 -")
    page = [(260.0, 80.0, "복무 규정"), *_column(50, 23, 130, _articles(1, 6)), *_column(315, 23, 137, right), foot]
    found = parsed(write_pdf("a.pdf", [page]))
    articles = [p for p in found.provisions if p.part == "body"]
    assert [p.number for p in articles] == [str(n) for n in range(1, 9)]
    assert "".join(articles[0].text.split()) == "".join(f"제1조(제목1){_SENTENCE}".split())
    assert articles[-1].text.split("\n")[1:] == _ITEMS[:4]
    assert not found.report.warnings


def test_a_page_that_may_have_columns_is_said(write_pdf: Write) -> None:
    """Too few lines to tell columns by are read across, with the page in a warning where an article begins amid one."""
    page = [
        *_column(50, 23, 130, ["제1조(목적) 정한다.", "제2조(정의) 같다."]),
        *_column(315, 23, 130, ["제3조(적용) 한다.", "제4조(세칙) 둔다."]),
    ]
    warnings = parsed(write_pdf("a.pdf", [page])).report.warnings
    assert [w.page for w in warnings if w.code == "doubtful_columns"] == [1]


def test_a_column_of_remarks_is_left_out_and_said(write_pdf: Write) -> None:
    """Remarks beside the rule do not run into its articles; how many characters they have is reported."""
    remarks = ["해설 이 조문은 널리 알려야 하며 지침을 참고하여 작성한다."] * 4
    pages = [[*_column(50, 31, 120, _articles(a, b)), *_column(400, 14, 120, remarks)] for a, b in ((1, 8), (8, 14))]
    found = parsed(write_pdf("a.pdf", pages))
    assert [p.number for p in found.provisions] == [*map(str, range(1, 14))]
    assert {p.text.split(") ", 1)[1] for p in found.provisions} == {_SENTENCE}
    assert found.report.characters.removed == {"commentary": 2 * sum(len("".join(r.split())) for r in remarks)}
    assert found.report.warnings[0].code == "commentary_left_out"


@pytest.mark.parametrize("ruled", [pytest.param(False, id="close"), pytest.param(True, id="ruled")])
def test_remarks_as_wide_as_the_rule_are_left_out(write_pdf: Write, ruled: bool) -> None:  # noqa: FBT001
    """Remarks that say what they are go, though hardly more than a space parts them from the rule beside them.

    The last page has one article, and without rulings lines of full width below it.
    """
    remark = ["【해설】 조문은 실무에서 자주 문의되는 사항이다."]
    rows = [
        [*_column(60, 24, 120 + 50 * i, [article]), *_column(306, 22, 120 + 50 * i, remark)]
        for i, article in enumerate(_articles(1, 13))
    ]
    last = [*_column(60, 24, 120, _articles(13, 14)), *_column(306, 22, 120, remark * 2)]
    wide = [] if ruled else _column(60, 44, 220, [_SENTENCE * 7])
    heads = [(70.0, 100.0, "조문"), (310.0, 100.0, "해설")]
    grid = (55.0, 302.0, 545.0), (85.0, *(106.0 + 50 * i for i in range(13)))
    pages = [[*heads, *(text for row in rows for text in row)], [*last, *wide]]
    path = _joined([_boxed(write_pdf, f"{i}.pdf", page, *(grid if ruled else ((0.0,), (0.0,))))
                    for i, page in enumerate(pages)])  # fmt: skip
    found = parsed(path)
    articles = [p for p in found.provisions if p.part == "body"]
    assert [p.number for p in articles] == [str(n) for n in range(1, 14)]
    assert {p.text for p in articles[:-1]} == {f"제{n}조(제목{n}) {_SENTENCE}" for n in range(1, 13)}
    assert "해설" not in articles[-1].text
    assert found.report.characters.removed == {"commentary": 14 * len("".join(remark[0].split())) + len("조문해설")}
    assert found.report.warnings[0].code == "commentary_left_out"


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


_FARES = (("구분", "철도", "숙박비(1박당)"), ("임원", "특실", "실비"), ("직원", "일반실", "70,000원"))


@pytest.mark.parametrize("ruled", [pytest.param(False, id="blanks only"), pytest.param(True, id="flat rulings")])
def test_a_table_without_upright_rulings(write_pdf: Write, ruled: bool) -> None:  # noqa: FBT001
    """Short texts in three columns below one another are rows of a table; the sentence below them is none."""
    cells = [(70 + 150.0 * j, 160 + 20.0 * i, text) for i, row in enumerate(_FARES) for j, text in enumerate(row)]
    texts = [(70.0, 130.0, "[별표 1] 여비 지급 기준표"), *cells, (70.0, 240.0, "비고: 임원은 따로 정한다.")]
    rulings = [(70, 165.0 + 20 * i, 500, 165.0 + 20 * i) for i in range(3)] if ruled else []
    path = write_pdf("a.pdf", [[(70.0, 130.0, f"제1조(여비) {_SENTENCE}")], texts], rulings)
    annex = parsed(path).provisions[-1]
    assert annex.text.split("\n")[1:] == [
        "| 구분 | 철도 | 숙박비(1박당) |",
        "| --- | --- | --- |",
        "| 임원 | 특실 | 실비 |",
        "| 직원 | 일반실 | 70,000원 |",
        "비고: 임원은 따로 정한다.",
    ]


def test_a_box_at_the_head_of_each_page_is_in_no_provision(write_pdf: Write) -> None:
    """Document number, title and page in a ruled box are counted as a running head."""
    head = [(70.0, 55.0, "QP-001"), (190.0, 55.0, "복무규정")]
    pages = [
        [*head, (430.0, 55.0, f"{page + 1}/2"), *_column(70, 40, 130, _articles(1 + 4 * page, 5 + 4 * page))]
        for page in range(2)
    ]
    flat = [(60.0, y, 500.0, y) for y in (40.0, 70.0)]
    found = parsed(write_pdf("a.pdf", pages, [*flat, *((x, 40.0, x, 70.0) for x in (60.0, 180.0, 420.0, 500.0))]))
    assert {p.text.split(") ", 1)[1] for p in found.provisions} == {_SENTENCE}
    assert found.report.characters.removed == {"running_head": 2 * len("QP-001복무규정1/2")}


def test_a_watermark_is_in_no_provision(tmp_path: Path) -> None:
    """Large letters that are transparent or light, over the text, are counted; a large dark title stays."""
    import pymupdf

    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((200, 100), "복무규정", fontname="korea", fontsize=24)
    for x, y, text in _column(70, 40, 130, _articles(1, 9)):
        page.insert_text((x, y), text, fontname="korea", fontsize=10)
    page.insert_text((150, 260), "대외비", fontname="korea", fontsize=80, fill_opacity=0.2)
    page.insert_text((150, 360), "사본", fontname="korea", fontsize=60, color=(0.85, 0.85, 0.85))
    document.save(tmp_path / "a.pdf")
    found = parsed(tmp_path / "a.pdf")
    assert found.provisions[0].text == "복무규정"
    assert {p.text.split(") ", 1)[1] for p in found.provisions[1:]} == {_SENTENCE}
    assert found.report.characters.removed == {"watermark": 5}


def test_an_annex_with_a_point_after_its_number(write_pdf: Write) -> None:
    """`별표 2. 직급표` opens an annex as `별표 2 직급표` does."""
    texts = ["^보수규정", "제1조(목적) 정한다.", "별표 1. 봉급표", "5만원", "별표 2. 직급표", "1급"]
    annexes = [p for p in parsed(write_pdf("a.pdf", pages_of(texts))).provisions if p.part == "annex"]
    assert [(p.number, p.title) for p in annexes] == [("1", "봉급표"), ("2", "직급표")]


def test_marks_of_every_kind_stand_on_lines_of_their_own(write_pdf: Write) -> None:
    """`⑴`, `㉮`, `ⅰ)` and `a)` open an item as ① does."""
    items = ["⑴ 첫째 일을 한다.", "⑵ 둘째 일을 한다.", "㉮ 셋째", "㉯ 넷째", "ⅰ) 다섯째", "a) 여섯째", "(b) 일곱째"]
    text = parsed(write_pdf("a.pdf", [pages_of(["제1조(일) 다음과 같다.", *items])[0]])).provisions[0].text
    assert text.split("\n")[1:] == items


def test_feet_that_count_the_pages_are_in_no_provision(write_pdf: Write) -> None:
    """A foot with document number and `Page 1 of 2` goes though it stands once on each side; `끝` goes too."""
    feet = ["문서번호 A-1 Page 1 of 2", "2 / 2 무단복제금지"]
    texts = [_articles(1, 3), [*_articles(3, 5), "- 끝 -"]]
    pages = [[*_column(70, 40, 130, text), (70.0, 800.0, foot)] for text, foot in zip(texts, feet, strict=True)]
    found = parsed(write_pdf("a.pdf", pages))
    assert {p.text.split(") ", 1)[1] for p in found.provisions} == {_SENTENCE}
    assert set(found.report.characters.removed) == {"running_head", "end_mark"}


def test_a_table_goes_on_on_the_next_page(write_pdf: Write) -> None:
    """Rows without heads at the top of a page belong to the table above; a row that the page's end parts is one."""
    xs = (70.0, 200.0, 400.0, 540.0)
    first = [("구분", "일비", "식비"), ("임원", "5만원", "실비"), ("직원으로서 근속이", "3만원", "2만원")]
    second = [("10년 이상인 사람", "", ""), ("수습", "2만원", "1만원")]

    def page(rows: Sequence[Sequence[str]], top: float) -> list[Text]:
        return [(x + 5, top + 20 * i, text) for i, row in enumerate(rows) for x, text in zip(xs, row, strict=False)]

    texts = [[(70.0, 660.0, "[별표 1] 여비"), *page(first, 700.0)], page(second, 115.0)]
    boxes = [(685.0, 705.0, 725.0, 745.0), (100.0, 120.0, 140.0)]
    document = [
        _boxed(write_pdf, f"{i}.pdf", text, xs, ys) for i, (text, ys) in enumerate(zip(texts, boxes, strict=True))
    ]
    annex = parsed(_joined(document)).provisions[-1]
    assert annex.text.split("\n")[1:] == [
        "| 구분 | 일비 | 식비 |",
        "| --- | --- | --- |",
        "| 임원 | 5만원 | 실비 |",
        "| 직원으로서 근속이 10년 이상인 사람 | 3만원 | 2만원 |",
        "| 수습 | 2만원 | 1만원 |",
    ]


def _boxed(write: Write, name: str, texts: Sequence[Text], xs: Sequence[float], ys: Sequence[float]) -> Path:
    rulings = [*((xs[0], y, xs[-1], y) for y in ys), *((x, ys[0], x, ys[-1]) for x in xs)]
    return write(name, [texts], rulings)


def _joined(files: Sequence[Path]) -> Path:
    import pymupdf

    with pymupdf.open() as document:
        for file in files:
            with pymupdf.open(file) as part:
                document.insert_pdf(part)
        document.save(files[0].with_name("joined.pdf"))
    return files[0].with_name("joined.pdf")
