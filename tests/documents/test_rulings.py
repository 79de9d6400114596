"""Whether the drawings of a page are worth a look for tables."""

from typing import Any

import pytest

from regtune.documents.rulings import Box, may_hold_grids


def _shape(box: Box, *, stroked: bool = False, isrect: bool = False) -> dict[str, Any]:
    return {"bbox": box, "stroked": stroked, "isrect": isrect}


_LETTERS = [
    shape
    for i in range(40)
    for shape in (_shape((10.0 * i, 100, 10.0 * i + 9, 112)), _shape((0, 0, 10.0 * i + 60, 400), stroked=True))
]
"""Bold letters as Hancom draws them: filled, then stroked, with boxes far too large for the strokes."""
_HEAD = _shape((70, 60, 520, 61), stroked=True, isrect=True)
_CELL = _shape((70, 200, 300, 240), stroked=True, isrect=True)


@pytest.mark.parametrize(
    ("shapes", "may"),
    [
        pytest.param([], False, id="nothing drawn"),
        pytest.param([_HEAD, *_LETTERS], False, id="a rule and bold letters"),
        pytest.param([*_LETTERS, _CELL], True, id="a cell among bold letters"),
        pytest.param([_shape((70, 200, 300, 240), stroked=True)], True, id="many lines drawn as one"),
        pytest.param([_HEAD] * 17, True, id="many flat pieces"),
    ],
)
def test_may_hold_grids(shapes: list[dict[str, Any]], may: bool) -> None:  # noqa: FBT001
    """Letters drawn as shapes and a few flat rules hold no table; whatever else has height may."""
    assert may_hold_grids(shapes) == may
