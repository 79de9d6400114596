"""Which drawings of a page are tables, and where their cells are."""

from typing import Any

import pytest

from regtune.documents.rulings import Box, find_grids, grids_of, may_hold_grids, without_letters


def _shape(box: Box, *, stroked: bool = False, isrect: bool = False) -> dict[str, Any]:
    return {"bbox": box, "stroked": stroked, "isrect": isrect, "continues": False}


_LETTERS = [
    shape
    for i in range(40)
    for shape in (_shape((10.0 * i, 100, 10.0 * i + 9, 112)), _shape((0, 0, 10.0 * i + 60, 400), stroked=True))
]
"""Bold letters as Hancom draws them: filled, then stroked, with boxes far too large for the strokes."""
_HEAD = _shape((70, 60, 520, 61), stroked=True, isrect=True)
_CELL = _shape((70, 200, 300, 240), stroked=True, isrect=True)


_IN_PIECES = [
    _shape((109, 100, 114, 102), isrect=True) | {"continues": True},
    _shape((107, 98, 116, 106)),
    _shape((108, 99, 115, 103), stroked=True, isrect=True) | {"continues": True},
    _shape((85, 76, 138, 128), stroked=True),
]
"""A bold letter of which one piece is a rectangle."""
_DASH = [
    _shape((323, 657.6, 327, 657.9), isrect=True),
    _shape((303, 638, 347, 678), stroked=True, isrect=True),
]
"""A bold hyphen."""


@pytest.mark.parametrize(
    ("shapes", "may"),
    [
        pytest.param([], False, id="nothing drawn"),
        pytest.param([_HEAD, *_LETTERS], False, id="a rule and bold letters"),
        pytest.param([*_IN_PIECES, *_DASH], False, id="bold letters that are rectangles in part"),
        pytest.param([*_LETTERS, _CELL], True, id="a cell among bold letters"),
        pytest.param([_shape((70, 200, 300, 240), stroked=True)], True, id="many lines drawn as one"),
        pytest.param([_HEAD] * 17, True, id="many flat pieces"),
    ],
)
def test_may_hold_grids(shapes: list[dict[str, Any]], may: bool) -> None:  # noqa: FBT001
    """Letters drawn as shapes and a few flat rules hold no table; whatever else has height may."""
    assert may_hold_grids(list(without_letters(shapes))) == may


_TABLE = [
    *((70.0, y, 370.0, y) for y in (100.0, 130.0, 160.0)),
    *((x, 100.0, x, 160.0) for x in (70.0, 170.0, 370.0)),
]


@pytest.mark.parametrize(
    ("width", "diagonal"),
    [
        pytest.param(0.5, False, id="thin lines"),
        pytest.param(2.0, False, id="thick lines"),
        pytest.param(0.5, True, id="a diagonal through a cell"),
    ],
)
def test_cells_lie_between_the_lines(width: float, diagonal: bool) -> None:  # noqa: FBT001
    """A table of two rows and two columns has its four cells, however thick; only a diagonal needs the drawings."""
    import pymupdf

    page = pymupdf.open().new_page()
    for x0, y0, x1, y1 in _TABLE:
        page.draw_line((x0, y0), (x1, y1), width=width)
    if diagonal:
        page.draw_line((70, 100), (170, 130), width=width)
    asked: list[bool] = []
    flags = pymupdf.TEXT_COLLECT_VECTORS
    shapes = [block for block in page.get_text("rawdict", flags=flags)["blocks"] if block["type"] == 3]
    shapes = list(without_letters(shapes))
    (cells,) = find_grids(shapes, lambda: asked.append(True) or page.get_cdrawings())
    corners = [(70, 100, 170, 130), (170, 100, 370, 130), (70, 130, 170, 160), (170, 130, 370, 160)]
    assert [tuple(round(at) for at in cell) for cell in cells] == corners
    assert bool(asked) == diagonal


def test_a_photograph_is_no_table() -> None:
    """Hundreds of lines across one another, as a scanned photograph has, are given up at once."""
    flat = [(10.0, 10.0 + 3 * i, 500.0, 10.2 + 3 * i) for i in range(200)]
    upright = [(10.0 + 3 * i, 10.0, 10.2 + 3 * i, 600.0) for i in range(160)]
    assert list(grids_of([*flat, *upright])) == []
    assert [len(cells) for cells in grids_of([*flat[::90], *upright[::70]])] == [3 * 3]
