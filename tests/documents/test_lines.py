"""Characters are regrouped into lines with the spaces that the page shows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import parsed

from regtune.documents.characters import Run
from regtune.documents.lines import Line, LineMaker


def _run(*placed: tuple[str, float], y: float = 100.0) -> Run:
    text = "".join(character for character, _ in placed)
    return Run(text, [x for _, x in placed], [x + 10 for _, x in placed], y, 10.0)


def _lines(runs: list[Run], *, prints_blanks: bool = False) -> list[Line]:
    maker = LineMaker(0.22)
    if prints_blanks:
        maker.lines([_run(("휴", 0), (" ", 10), ("가", 20))], 1, 0)
    return [maker.decide(line) for line in maker.lines(runs, 1, 0)]


@pytest.mark.parametrize(
    ("placed", "prints_blanks", "text"),
    [
        pytest.param((("휴", 0), ("가", 10), ("는", 25)), False, "휴가 는", id="a gap is a space"),
        pytest.param((("휴", 0), ("가", 12), ("는", 24)), False, "휴가는", id="a narrow gap is none"),
        pytest.param((("휴", 0), (" ", 10), ("가", 11)), False, "휴 가", id="a blank glyph is a space"),
        pytest.param((("5", 0), ("일", 12.5)), True, "5일", id="automatic gap beside a digit"),
        pytest.param((("5", 0), ("일", 12.5)), False, "5 일", id="the same gap where spaces are gaps"),
        pytest.param((("며", 0), (",", 13)), True, "며,", id="a comma parted by justification"),
        pytest.param((("가", 10), ("휴", 0)), False, "휴가", id="drawn out of order"),
        pytest.param((("휴", 0), ("휴", 0.4), ("가", 10)), False, "휴가", id="struck twice to look bold"),
    ],
)
def test_line_text(placed: tuple[tuple[str, float], ...], prints_blanks: bool, text: str) -> None:  # noqa: FBT001
    """Order and spaces come from where the glyphs stand."""
    (line,) = _lines([_run(*placed)], prints_blanks=prints_blanks)
    assert line.text == text


def _spread(text: str, step: float, blank: float) -> Run:
    """Glyphs of 10 points; `step` points from one to the next, a blank glyph for each space of the text."""
    placed: list[tuple[str, float]] = []
    x = 0.0
    for character in text:
        placed.append((character, x))
        x += blank if character == " " else step
    return _run(*placed)


@pytest.mark.parametrize("step", [9.0, 9.5, 10.0, 11.0, 12.5, 14.0, 16.0])
def test_letter_spacing_parts_no_words(step: float) -> None:
    """Condensed, spread and justified letters (자간 -10% to +60%) keep the typed spaces and get no others."""
    text = "이 규정은 2024년 7월 1일부터 모든 직원에게 적용한다."
    (line,) = _lines([_spread(text, step, step + 3)], prints_blanks=True)
    assert line.text == text


@pytest.mark.parametrize("step", [9.0, 9.5])
def test_gaps_of_condensed_letters_are_spaces(step: float) -> None:
    """Where letters overlap (자간 -5%, -10%) and no blank is printed, narrower gaps than 0.22 em part words."""
    placed, x = [], 0.0
    for character in "모든 직원에게 이 규정을 적용한다.":
        if character != " ":
            placed.append((character, x))
        x += 3 - (10 - step) if character == " " else step
    assert [line.text for line in _lines([_run(*placed)])] == ["모든 직원에게 이 규정을 적용한다."]


def test_stretched_letters_without_blanks() -> None:
    """Letters spread over a line are words where the gaps between them are wider again."""
    words, x = [("직", 0), ("원", 14), ("에", 28), ("게", 42), ("휴", 66), ("가", 80), ("를", 94)], 0
    assert [line.text for line in _lines([_run(*((c, x + at) for c, at in words))])] == ["직원에게 휴가를"]


def test_runs_on_one_baseline_are_one_line() -> None:
    """Runs of other fonts, a little off the baseline, belong to the line; the next baseline does not."""
    runs = [_run(("제", 0), ("1", 10)), _run(("조", 20), y=101.5), _run(("목", 0), y=115.0)]
    assert [line.text for line in _lines(runs)] == ["제1조", "목"]


def test_two_pages_on_one_sheet(write_pdf: Callable[..., Path]) -> None:
    """On a landscape sheet with a white strip the left page is read before the right one."""
    left = [(40.0, 100.0 + 20 * i, f"제{i + 1}조(왼쪽) 왼쪽 면의 조문을 정한다.") for i in range(4)]
    right = [(460.0, 100.0 + 20 * i, f"제{i + 5}조(오른쪽) 오른쪽 면의 조문을 정한다.") for i in range(4)]
    provisions = parsed(write_pdf("a.pdf", [[*left, *right]], size=(842, 595))).provisions
    assert [p.number for p in provisions] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert provisions[0].text == "제1조(왼쪽) 왼쪽 면의 조문을 정한다."
