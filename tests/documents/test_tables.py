"""Ruled tables become Markdown in which a cell stays with its headings."""

from collections.abc import Callable
from pathlib import Path

from documents.layouts import parsed

_BODY = [(70.0, 100.0, "제1조(목적) 별표에 따른다."), (70.0, 130.0, "[별표 1] 경조휴가")]
# Rulings of three columns (70, 170, 320, 420) and four rows (150, 180, 210, 240, 270); the cell in the first column
# spans rows 2 and 3, the last row spans all columns.
_FLAT = [(70, 150, 420, 150), (70, 180, 420, 180), (170, 210, 420, 210), (70, 240, 420, 240), (70, 270, 420, 270)]
_UPRIGHT = [(70, 150, 70, 270), (420, 150, 420, 270), (170, 150, 170, 240), (320, 150, 320, 240)]


def test_merged_cells_are_repeated_and_notes_follow(write_pdf: Callable[..., Path]) -> None:
    """A cell merged over rows stands in each of them; a note in the last row comes after the table."""
    cells = [
        (100.0, 170.0, "구 분"),
        (220.0, 170.0, "대상"),
        (350.0, 170.0, "일수"),
        (100.0, 215.0, "결혼"),
        (220.0, 200.0, "본인"),
        (350.0, 200.0, "7일"),
        (220.0, 230.0, "자녀"),
        (350.0, 230.0, "2일"),
        (75.0, 260.0, "비고: 휴일은 세지 아니한다."),
    ]
    annex = parsed(write_pdf("a.pdf", [[*_BODY, *cells]], [*_FLAT, *_UPRIGHT])).provisions[-1]
    assert (annex.part, annex.number, annex.title) == ("annex", "1", "경조휴가")
    assert annex.text.split("\n")[1:] == [
        "| 구분 | 대상 | 일수 |",
        "| --- | --- | --- |",
        "| 결혼 | 본인 | 7일 |",
        "| 결혼 | 자녀 | 2일 |",
        "비고: 휴일은 세지 아니한다.",
    ]


def test_a_frame_around_prose_is_no_table(write_pdf: Callable[..., Path]) -> None:
    """A box with one column leaves its lines as they are."""
    box = [(60, 80, 500, 80), (60, 200, 500, 200), (60, 80, 60, 200), (500, 80, 500, 200), (60, 140, 500, 140)]
    provisions = parsed(
        write_pdf("a.pdf", [[(70.0, 100.0, "제1조(목적) 정한다."), (70.0, 160.0, "제2조(정의) 정한다.")]], box)
    )
    assert [p.text for p in provisions.provisions] == ["제1조(목적) 정한다.", "제2조(정의) 정한다."]


def test_a_rule_printed_in_a_table_is_read_as_a_rule(write_pdf: Callable[..., Path]) -> None:
    """Articles beside a column of remarks are articles and not cells."""
    rulings = [(60, 80, 500, 80), (60, 120, 500, 120), (60, 160, 500, 160)]
    rulings += [(60, 80, 60, 160), (400, 80, 400, 160), (500, 80, 500, 160)]
    texts = [(70.0, 100.0, "제1조(목적) 정한다."), (70.0, 140.0, "제2조(정의) 정한다."), (410.0, 100.0, "신설")]
    numbers = [p.number for p in parsed(write_pdf("a.pdf", [texts], rulings)).provisions]
    assert numbers == ["1", "2"]


def test_a_table_that_goes_on_does_not_repeat_its_heads(write_pdf: Callable[..., Path]) -> None:
    """Heads printed again on the next page are left out and counted."""
    heads = [(100.0, 170.0, "구분"), (220.0, 170.0, "대상"), (350.0, 170.0, "일수")]
    rulings = [*_FLAT[:2], _FLAT[3], *((x0, 150, x1, 240) for x0, _, x1, _ in _UPRIGHT)]
    first = [*_BODY, *heads, (100.0, 200.0, "결혼"), (220.0, 200.0, "본인"), (350.0, 200.0, "7일")]
    second = [*heads, (100.0, 200.0, "사망"), (220.0, 200.0, "자녀"), (350.0, 200.0, "5일")]
    found = parsed(write_pdf("a.pdf", [first, second], rulings))
    assert found.provisions[-1].text.split("\n")[1:] == [
        "| 구분 | 대상 | 일수 |",
        "| --- | --- | --- |",
        "| 결혼 | 본인 | 7일 |",
        "| 사망 | 자녀 | 5일 |",
    ]
    assert found.report.characters.removed == {"repeated_table_head": 6}


def test_merged_heads_of_a_table_without_rulings(write_pdf: Callable[..., Path]) -> None:
    """A head that stands in the middle over two columns is repeated above each; one over its own goes down a row."""
    rows = [
        (160.0, "일비", "20", "15", "30", "25"),
        (180.0, "숙박비", "70", "60", "90", "80"),
        (200.0, "식비", *"2313"),
    ]
    texts = [
        (70.0, 90.0, "[별표 1] 여비 지급표"),
        (75.0, 120.0, "구분"),
        (205.0, 120.0, "국내"),
        (385.0, 120.0, "국외"),
    ]
    texts += [(x, 140.0, text) for x, text in zip((160.0, 250.0, 340.0, 430.0), ("1급", "2급") * 2, strict=True)]
    texts += [(75.0 if not i else 70.0 + 90 * i, y, text) for y, *row in rows for i, text in enumerate(row)]
    rule = [(70.0, 90.0, "제1조(목적) 여비를 정한다."), (70.0, 110.0, "제2조(지급) 별표 1에 따라 지급한다.")]
    annex = parsed(write_pdf("a.pdf", [rule, texts])).provisions[-1]
    assert annex.text.split("\n")[1:4] == [
        "| 구분 | 국내 1급 | 국내 2급 | 국외 1급 | 국외 2급 |",
        "| --- | --- | --- | --- | --- |",
        "| 일비 | 20 | 15 | 30 | 25 |",
    ]
