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
