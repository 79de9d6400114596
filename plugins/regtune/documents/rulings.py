"""The cells of ruled tables, from the lines drawn on a page.

In: a page's vector drawings. Out: for each table the boxes of its cells, a merged cell as one box. Text plays no
part. PyMuPDF's find_tables is not used: it missed merged cells and joined neighbouring tables in forms that
LibreOffice prints, and took ten times as long as all the rest of parse. The outlines that come with a page's text say
where its straight lines are; where they leave a doubt `get_cdrawings` tells, at the price of reading the page again.
"""

import bisect
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, y downwards."""

SNAP = 2.5
"""Edges closer than this are one ruling (double lines, strokes beside a fill)."""
_THIN = 3.0
"""A filled rectangle thinner than this is a line."""
_DASH_GAP = 4.0
_SHORTEST_FLAT, _SHORTEST_UPRIGHT = 30.0, 7.0
"""Rulings shorter than this, pieces joined, are strokes of something else: letters drawn as paths, underlines."""
_FLAT_RULES = 16
"""More flat pieces than this may be the dots of upright lines."""
_LARGEST_LETTER = 30.0
_MOST_RULINGS = 250
"""On one page of a scan; more are a photograph."""
_SMALLEST_TABLE = 60.0
_THICKEST_STROKE = 6.0
"""MuPDF's outline of a straight stroke is twice as thick as its line."""


class _Ruling(NamedTuple):
    """A straight line: `at` its place across, `start` to `end` along it."""

    at: float
    start: float
    end: float


def may_hold_grids(shapes: Sequence[Any]) -> bool:
    """Whether drawings can be a table: not when they are a few flat rules, as of heads and feet, or drawn letters.

    Args:
        shapes: the vector blocks of a page's `rawdict`, letters aside.
    """
    for count, shape in enumerate(shapes, 1):
        box = shape["bbox"]
        if box[3] - box[1] > _SHORTEST_UPRIGHT or count > _FLAT_RULES:
            return True
    return False


def without_letters(shapes: Sequence[Any]) -> Iterator[Any]:
    """The shapes that are no letters drawn as paths: filled, in one or more pieces, and stroked to look bold.

    The outline of a stroke with sharp corners is far larger than the letter.

    Args:
        shapes: the vector blocks of a page's `rawdict`.
    """
    letter: Box | None = None
    for shape in shapes:
        box, goes_on = shape["bbox"], shape["continues"]
        small = max(box[2] - box[0], box[3] - box[1]) < _LARGEST_LETTER
        if shape["stroked"]:
            if letter and (_encloses(box, letter) or (goes_on and small and _touch(box, letter))):
                letter = letter if goes_on else None
                continue
            letter = None
        else:
            thin = min(box[2] - box[0], box[3] - box[1]) < _THIN
            letter = box if small and (goes_on or thin or not shape["isrect"]) else None
            if letter and (goes_on or not shape["isrect"]):
                continue
        yield shape


def _encloses(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _touch(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def find_grids(shapes: Sequence[Any], drawings: Callable[[], Sequence[Any]]) -> Iterator[tuple[Box, ...]]:
    """Yield the cells of each ruled table that has at least two columns, from top to bottom.

    Args:
        shapes: the vector blocks of a page's `rawdict`, letters aside.
        drawings: gives the page's `get_cdrawings()`; asked when the shapes do not tell where the lines are.
    """
    yield from _grids(*(_straight(shapes) or _rulings(drawings())))


def grids_of(lines: Sequence[Box]) -> Iterator[tuple[Box, ...]]:
    """Yield the cells of each table whose lines, or pieces of them, are these thin boxes."""
    flat: list[_Ruling] = []
    upright: list[_Ruling] = []
    for line in lines:
        _add(flat, upright, line)
    flat, upright = _joined(flat, _SHORTEST_FLAT), _joined(upright, _SHORTEST_UPRIGHT)
    if len(flat) + len(upright) <= _MOST_RULINGS:
        yield from _grids(flat, upright)


def _grids(flat: Sequence[_Ruling], upright: Sequence[_Ruling]) -> Iterator[tuple[Box, ...]]:
    tables = [_cells(*component) for component in _components(flat, upright)]
    for cells in sorted(tables, key=lambda cells: (min(cell[1] for cell in cells), min(cell[0] for cell in cells))):
        if len({cell[0] for cell in cells}) > 1:
            yield tuple(sorted(cells, key=lambda cell: (cell[1], cell[0])))


def _straight(shapes: Sequence[Any]) -> tuple[list[_Ruling], list[_Ruling]] | None:
    """The lines of shapes that are all straight and thin; None when one is stroked in another form."""
    flat: list[_Ruling] = []
    upright: list[_Ruling] = []
    for shape in shapes:
        x0, y0, x1, y1 = shape["bbox"]
        thickness = min(x1 - x0, y1 - y0)
        if not shape["stroked"]:
            if thickness < _THIN:
                _add(flat, upright, (x0, y0, x1, y1))
        elif not shape["isrect"] or thickness >= _THICKEST_STROKE:
            if not _is_no_table(shape, shapes):
                return None
        elif x1 - x0 > y1 - y0:
            flat.append(_Ruling((y0 + y1) / 2, x0 + thickness / 2, x1 - thickness / 2))
        else:
            upright.append(_Ruling((x0 + x1) / 2, y0 + thickness / 2, y1 - thickness / 2))
    return _joined(flat, _SHORTEST_FLAT), _joined(upright, _SHORTEST_UPRIGHT)


def _is_no_table(shape: Any, shapes: Sequence[Any]) -> bool:  # noqa: ANN401 - PyMuPDF has no types
    """Whether a shape that nothing touches holds no table: one box, or a small drawing."""
    x0, y0, x1, y1 = box = shape["bbox"]
    if not shape["isrect"] and max(x1 - x0, y1 - y0) >= _SMALLEST_TABLE:
        return False
    return not any(other is not shape and _touch(box, other["bbox"]) for other in shapes)


def _rulings(drawings: Sequence[Any]) -> tuple[list[_Ruling], list[_Ruling]]:
    """Horizontal and vertical lines of a page's drawings, pieces of one line joined."""
    flat: list[_Ruling] = []
    upright: list[_Ruling] = []
    for drawing in drawings:
        stroked = "s" in drawing["type"]
        if not stroked:
            _add(flat, upright, drawing["rect"])  # a line painted as a thin shape; outlines of letters are none
        for item in drawing["items"]:
            if item[0] == "l" and stroked:
                (x0, y0), (x1, y1) = item[1], item[2]
                _add(flat, upright, (x0, y0, x1, y1))
            elif item[0] == "re":
                x0, y0, x1, y1 = item[1]
                if min(x1 - x0, y1 - y0) < _THIN:
                    _add(flat, upright, (x0, y0, x1, y1))
                elif stroked:
                    for edge in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                        _add(flat, upright, edge)
    return _joined(flat, _SHORTEST_FLAT), _joined(upright, _SHORTEST_UPRIGHT)


def _add(flat: list[_Ruling], upright: list[_Ruling], line: Box) -> None:
    x0, y0, x1, y1 = line
    if abs(y1 - y0) < _THIN and abs(y1 - y0) <= abs(x1 - x0):
        flat.append(_Ruling((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif abs(x1 - x0) < _THIN:
        upright.append(_Ruling((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _joined(rulings: Sequence[_Ruling], shortest: float) -> list[_Ruling]:
    """Rulings at one place that touch or overlap become one; short ones are left out."""
    rows: list[list[_Ruling]] = []
    for ruling in sorted(rulings, key=lambda r: r.at):
        if rows and ruling.at - rows[-1][0].at <= SNAP:
            rows[-1].append(ruling)
        else:
            rows.append([ruling])
    joined: list[_Ruling] = []
    for row in rows:
        pieces = sorted(row, key=lambda r: r.start)
        start, end = pieces[0].start, pieces[0].end
        for piece in pieces[1:]:
            if piece.start > end + _DASH_GAP:
                joined.append(_Ruling(row[0].at, start, end))
                start, end = piece.start, piece.end
            else:
                end = max(end, piece.end)
        joined.append(_Ruling(row[0].at, start, end))
    return [ruling for ruling in joined if ruling.end - ruling.start >= shortest]


def _components(flat: Sequence[_Ruling], upright: Sequence[_Ruling]) -> Iterator[tuple[list[_Ruling], list[_Ruling]]]:
    """Rulings that cross or touch, directly or through others, belong to one table."""
    groups = _Groups(len(flat) + len(upright))
    for i, across in enumerate(flat):
        for j, down in enumerate(upright):
            if (
                across.start - SNAP <= down.at <= across.end + SNAP
                and down.start - SNAP <= across.at <= down.end + SNAP
            ):
                groups.unite(i, len(flat) + j)
    for members in groups.members():
        rows = [flat[i] for i in members if i < len(flat)]
        columns = [upright[i - len(flat)] for i in members if i >= len(flat)]
        if len(rows) > 1 and columns:
            yield rows, columns


def _cells(rows: Sequence[_Ruling], columns: Sequence[_Ruling]) -> list[Box]:
    """Boxes between the rulings; neighbours without a ruling between them are one merged cell."""
    xs = _edges([r.at for r in columns] + [min(r.start for r in rows), max(r.end for r in rows)])
    ys = _edges([r.at for r in rows] + [min(r.start for r in columns), max(r.end for r in columns)])
    across, down = len(xs) - 1, len(ys) - 1
    middles_x, middles_y = ([(a + b) / 2 for a, b in itertools.pairwise(edges)] for edges in (xs, ys))
    walls = [_ruled([r for r in columns if abs(r.at - x) <= SNAP], middles_y) for x in xs]
    floors = [_ruled([r for r in rows if abs(r.at - y) <= SNAP], middles_x) for y in ys]
    groups = _Groups(across * down)
    for row in range(down):
        for column in range(across):
            cell = row * across + column
            if column + 1 < across and row not in walls[column + 1]:
                groups.unite(cell, cell + 1)
            if row + 1 < down and column not in floors[row + 1]:
                groups.unite(cell, cell + across)
    cells: list[Box] = []
    for members in groups.members():
        top, bottom = members[0] // across, members[-1] // across
        held = [member % across for member in members]
        left, right = min(held), max(held)
        if len(members) == (bottom - top + 1) * (right - left + 1):
            cells.append((xs[left], ys[top], xs[right + 1], ys[bottom + 1]))
        else:  # no rectangle: a drawing inside a cell, or an open side
            cells += [(xs[m % across], ys[m // across], xs[m % across + 1], ys[m // across + 1]) for m in members]
    return cells


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _ruled(rulings: Sequence[_Ruling], middles: Sequence[float]) -> set[int]:
    """Indices of the middles beside which one of the rulings runs."""
    beside: set[int] = set()
    for ruling in rulings:
        first = bisect.bisect_left(middles, ruling.start - SNAP)
        beside.update(range(first, bisect.bisect_right(middles, ruling.end + SNAP)))
    return beside


class _Groups:
    """Disjoint sets of numbers from 0."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def unite(self, a: int, b: int) -> None:
        self._parent[self._root(a)] = self._root(b)

    def members(self) -> list[list[int]]:
        """The sets, each sorted, in the order of their smallest member."""
        sets: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            sets.setdefault(self._root(i), []).append(i)
        return list(sets.values())

    def _root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i
