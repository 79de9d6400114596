"""The tables of a page: which cell holds which lines.

In: a page's cell boxes and runs. Out: tables, and what is none: a box around prose, or a whole rule printed inside a
table.
"""

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from regtune.documents import headings
from regtune.documents.characters import Run
from regtune.documents.lines import Line, LineMaker, rows_of
from regtune.documents.pages import Page
from regtune.documents.rulings import SNAP, Box
from regtune.documents.unruled import find_unruled

_ARTICLE_INSIDE = re.compile(r"제\s*\d+\s*조(?:\s*의\s*\d+)?\s*\(")
FIRST_CELL_BAND = 10
"""Lines of cells are columns of their own, apart from those of the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One box; rows and columns are half-open ranges of the grid."""

    top: int
    bottom: int
    left: int
    right: int
    width: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table on one page."""

    page: int
    frame: Box
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    xs: tuple[float, ...] = ()
    """Edges of the columns, in points."""

    @property
    def y(self) -> float:
        """Upper edge."""
        return self.frame[1]

    @property
    def characters(self) -> int:
        """Non-blank characters, each counted once."""
        return sum(line.characters for cell in self.cells for line in cell.lines)


@dataclass
class PageTables:
    """What the ruled boxes of one page hold."""

    tables: list[Table] = field(default_factory=list)
    prose: list[tuple[float, Line]] = field(default_factory=list)
    """Lines of a rule printed in a table, cell by cell, with the upper edge of their row."""
    loose: list[Run] = field(default_factory=list)
    """Everything else on the page."""


def page_tables(page: Page, maker: LineMaker) -> PageTables:
    """Tell the tables of a page from its other runs."""
    found = PageTables(loose=list(page.runs))
    taken: list[Box] = []
    for i, grid in enumerate(itertools.chain(page.grids, find_unruled(_outside(page)))):
        outer = frame(grid)
        if any(_overlap(outer, other) for other in taken):
            continue
        taken.append(outer)
        inside, outside = _parted(found.loose, outer)
        grid_cells = _GridCells(grid, inside)
        if grid_cells.hold_a_rule():
            if i >= len(page.grids):
                continue  # columns of a rule, not cells
            found.prose += grid_cells.prose(page.number, maker)
        elif grid_cells.filled():
            found.tables.append(grid_cells.table(page.number, maker))
        else:
            continue
        found.loose = [*outside, *grid_cells.outside]
    return found


def _outside(page: Page) -> Sequence[Run]:
    """The runs of a page that no ruled table can hold."""
    if not page.grids:
        return page.runs
    frames = [frame(grid) for grid in page.grids]
    return [
        run
        for run in page.runs
        if not any(f[1] <= run.middle_y <= f[3] and run.starts[0] < f[2] and run.ends[-1] > f[0] for f in frames)
    ]


def frame(grid: Sequence[Box]) -> Box:
    """The box around a table's cells."""
    return min(c[0] for c in grid), min(c[1] for c in grid), max(c[2] for c in grid), max(c[3] for c in grid)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _parted(runs: Iterable[Run], box: Box) -> tuple[list[Run], list[Run]]:
    """Runs, or parts of runs, inside a box, and the others."""
    inside: list[Run] = []
    outside: list[Run] = []
    for run in runs:
        if not box[1] <= run.middle_y <= box[3]:
            outside.append(run)
            continue
        if box[0] <= min(run.starts) and max(run.ends) <= box[2]:
            inside.append(run)
            continue
        within = [
            i for i, (x0, x1) in enumerate(zip(run.starts, run.ends, strict=True)) if box[0] <= (x0 + x1) / 2 <= box[2]
        ]
        if len(within) == len(run.text):
            inside.append(run)
        elif not within:
            outside.append(run)
        else:
            inside.append(run.part(within))
            outside.append(run.part(sorted(set(range(len(run.text))) - set(within))))
    return inside, outside


class _GridCells:
    """The runs of each box of a grid."""

    def __init__(self, grid: Sequence[Box], runs: Sequence[Run]) -> None:
        self._xs = _edges([x for box in grid for x in (box[0], box[2])])
        self._ys = _edges([y for box in grid for y in (box[1], box[3])])
        xs, ys = self._xs, self._ys
        columns = {x: _nearest(xs, x) for x in {x for box in grid for x in (box[0], box[2])}}
        rows = {y: _nearest(ys, y) for y in {y for box in grid for y in (box[1], box[3])}}
        self._places = [(rows[top], rows[bottom], columns[left], columns[right]) for left, top, right, bottom in grid]
        owners = {
            (row, column): index
            for index, (top, bottom, left, right) in enumerate(self._places)
            for row in range(top, bottom)
            for column in range(left, right)
        }
        self._widths = [box[2] - box[0] for box in grid]
        self._contents: list[list[Run]] = [[] for _ in grid]
        self.outside: list[Run] = []
        for run in runs:
            row = bisect.bisect(ys, run.middle_y) - 1
            first, last = (bisect.bisect(xs, x) - 1 for x in (min(run.starts), max(run.ends)))
            if first == last:
                owner = owners.get((row, first))
                (self.outside if owner is None else self._contents[owner]).append(run)
                continue
            held: dict[int | None, list[int]] = defaultdict(list)
            for i, (x0, x1) in enumerate(zip(run.starts, run.ends, strict=True)):
                held[owners.get((row, bisect.bisect(xs, (x0 + x1) / 2) - 1))].append(i)
            for owner, chosen in held.items():
                part = run if len(held) == 1 else run.part(chosen)
                (self.outside if owner is None else self._contents[owner]).append(part)

    def filled(self) -> bool:
        return any(not run.text.isspace() for content in self._contents for run in content)

    def hold_a_rule(self) -> bool:
        """Whether more than one line begins an article, or one beside its text, or beside remarks that explain it."""
        named = sum(run.text.count("조") for content in self._contents for run in content)
        if named == 0:
            return False
        if self._is_one_article():
            return True
        if named == 1:
            return False
        rows = [row for content in self._contents for row in rows_of(content)]
        texts = ["".join(run.text for run in row).lstrip() for row in rows]
        articles = sum(bool(_ARTICLE_INSIDE.match(text)) for text in texts)
        return articles > 1 or (articles == 1 and any(map(headings.explains, texts)))

    def _is_one_article(self) -> bool:
        """Whether the only row holds the heading of an article in its first cell and its words in the second."""
        if len(self._places) != 2 or len(self._ys) != 2:  # noqa: PLR2004 - two cells side by side
            return False
        texts = ["".join(run.text for row in rows_of(content) for run in row) for content in self._contents]
        return headings.is_heading_alone(texts[0]) and len(texts[1].strip()) > len(texts[0])

    def prose(self, page: int, maker: LineMaker) -> list[tuple[float, Line]]:
        """Lines cell by cell, row after row."""
        order = sorted(range(len(self._places)), key=lambda i: (self._places[i][0], self._places[i][2]))
        return [
            (self._ys[self._places[i][0]], line)
            for i in order
            for line in maker.lines(self._contents[i], page, FIRST_CELL_BAND + self._places[i][2])
        ]

    def table(self, page: int, maker: LineMaker) -> Table:
        cells = tuple(
            Cell(*place, width, tuple(maker.lines(content, page, 0)))
            for place, width, content in zip(self._places, self._widths, self._contents, strict=True)
        )
        xs, ys = self._xs, self._ys
        return Table(page, (xs[0], ys[0], xs[-1], ys[-1]), len(ys) - 1, len(xs) - 1, cells, tuple(xs))


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _nearest(edges: Sequence[float], value: float) -> int:
    after = bisect.bisect(edges, value)
    if after == 0:
        return 0
    return after - 1 if after == len(edges) or value - edges[after - 1] <= edges[after] - value else after


def decided(table: Table, maker: LineMaker) -> Table:
    """The table with every gap of its lines settled."""
    if all(line is maker.decide(line) for line in cell_lines(table)):
        return table
    return replace(
        table,
        cells=tuple(replace(cell, lines=tuple(maker.decide(line) for line in cell.lines)) for cell in table.cells),
    )


def cell_lines(table: Table) -> Iterator[Line]:
    """Every line of a table's cells."""
    for cell in table.cells:
        yield from cell.lines
