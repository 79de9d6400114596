"""Running heads, page marks and contents are told from the regulation's own lines."""

from regtune.documents.furniture import find_furniture, find_head_tables
from regtune.documents.lines import Line
from regtune.documents.tables import Cell, Table

_HEIGHT = 842.0


def _line(page: int, y: float, text: str) -> Line:
    return Line(page=page, band=0, text=text, x0=70, x1=500, y=y, size=10, ends_blank=False)


def _reasons(lines: list[Line], pages: int) -> list[str | None]:
    found = find_furniture(lines, dict.fromkeys(range(1, pages + 1), _HEIGHT), 0.5)
    return [found.get(i) for i in range(len(lines))]


def test_heads_that_alternate_on_facing_pages() -> None:
    """A head on the odd pages only, with a page number in it, is a running head; the first page's title is none."""
    lines = [_line(page, 60, f"복무규정 2-1-1~{page}") for page in (1, 3, 5)] + [_line(1, 90, "복무규정")]
    assert _reasons(lines, 6) == ["running_head"] * 3 + [None]


def test_page_marks() -> None:
    """Page marks of every kind are removed at the foot; the same digits in the text are not."""
    marks = [_line(i + 1, 800, mark) for i, mark in enumerate(("- 1 -", "•2", "3 / 12", "4", "5•"))]
    assert _reasons([*marks, _line(6, 400, "- 1 -")], 6) == ["page_mark"] * 5 + [None]


def test_contents() -> None:
    """Entries with dot leaders go, with their title and with entries that only end in a page number."""
    lines = [
        _line(1, 100, "목 차"),
        _line(1, 120, "제1장 총칙 ······················ 1"),
        _line(1, 140, "제2장 복무 3"),
        _line(2, 100, "제1장 총칙"),
    ]
    assert _reasons(lines, 2) == ["contents", "contents", "contents", None]


def test_a_repeated_line_in_the_text_stays() -> None:
    """What repeats in the middle of the page is the regulation's own."""
    lines = [_line(page, 400, "부칙") for page in range(1, 7)]
    assert _reasons([line._replace() for line in lines], 6) == [None] * 6


def _box(page: int, y: float, *texts: str) -> Table:
    cells = [Cell(0, 1, i, i + 1, 100, (_line(page, y + 10, text),)) for i, text in enumerate(texts)]
    return Table(page, (70, y, 500, y + 20), 1, len(texts), tuple(cells))


def test_a_box_with_number_and_page_is_a_running_head() -> None:
    """A ruled box at the head of every page is furniture; a table in the text, or one that differs, is none."""
    heads = [_box(page, 40, "문서번호 QP-01", f"{page}/3") for page in (1, 2, 3)]
    rows = [_box(page, 400, "직급", "금액") for page in (1, 2, 3)]
    others = [_box(page, 60, text, "금액") for page, text in ((1, "임원"), (2, "직원"), (3, "고문"))]
    heights = dict.fromkeys((1, 2, 3), _HEIGHT)
    assert find_head_tables([*heads, *rows, *others], [], heights, 0.5) == [0, 1, 2]


def test_forms_alike_on_pages_of_their_own_are_no_furniture() -> None:
    """Headings, titles and boxes of forms that differ in their number alone stay; the head above them goes."""
    pages = (1, 2, 3)
    forms = [_line(page, 70, f"[별지 제{page}호서식]") for page in pages] + [_line(p, 95, "휴가신청서") for p in pages]
    lines = [*forms, *(_line(page, 800, "위원장 귀하") for page in pages)]
    assert _reasons([*lines, *(_line(page, 50, "복무규정") for page in pages)], 3) == [None] * 9 + ["running_head"] * 3
    heights = dict.fromkeys(pages, _HEIGHT)
    assert find_head_tables([_box(page, 90, "소속", "성명") for page in pages], forms, heights, 0.5) == []
