"""Tables as Markdown: a row keeps its cells together, a merged cell is repeated, notes come after.

In: a page's cell boxes and runs. Out: a table of rows; its Markdown, given how wrapped lines of a cell join. A box
around prose, or a whole rule printed inside a table, is not taken for one.
"""

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from regtune.documents import headings
from regtune.documents.characters import Run
from regtune.documents.lines import Line, LineMaker, rows_of
from regtune.documents.pages import Page
from regtune.documents.paragraphs import looks_like_item
from regtune.documents.rulings import SNAP, Box
from regtune.documents.unruled import find_unruled
from regtune.documents.wrapping import Wraps

_ARTICLE_INSIDE = re.compile(r"제\s*\d+\s*조(?:\s*의\s*\d+)?\s*\(")
_LONG_NOTE = 60
_TOP_SHARE = 0.35
"""Of the place where a table ends: its rest begins above this on the next page."""
FIRST_CELL_BAND = 10
"""Lines of cells are columns of their own, apart from those of the page."""
_BAR = re.compile(r"(?<!\\)\|")
_NOTE = re.compile(r"(?:※|\*|주\s*[):]|비\s*고|\[?참고)")


@dataclass(frozen=True)
class Cell:
    """One box; rows and columns are half-open ranges of the grid."""

    top: int
    bottom: int
    left: int
    right: int
    width: float
    lines: tuple[Line, ...]


@dataclass(frozen=True)
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
    for grid in itertools.chain(page.grids, find_unruled(_outside(page))):
        outer = frame(grid)
        if any(_overlap(outer, other) for other in taken):
            continue
        taken.append(outer)
        inside, outside = _parted(found.loose, outer)
        grid_cells = _GridCells(grid, inside)
        if grid_cells.hold_a_rule():
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
        self._places = [(_nearest(ys, b[1]), _nearest(ys, b[3]), _nearest(xs, b[0]), _nearest(xs, b[2])) for b in grid]
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
        """Whether more than one line begins an article, or one beside remarks that explain it."""
        if sum(run.text.count("조") for content in self._contents for run in content) <= 1:
            return False
        rows = [row for content in self._contents for row in rows_of(content)]
        texts = ["".join(run.text for run in row).lstrip() for row in rows]
        articles = sum(bool(_ARTICLE_INSIDE.match(text)) for text in texts)
        return articles > 1 or (articles == 1 and any(map(headings.explains, texts)))

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


def to_markdown(
    table: Table, wraps: Wraps, *, heads: Literal["shown", "repeated", "none"] = "shown", spread: bool = True
) -> list[str]:
    """Return Markdown lines: heads and ruling (unless `repeated` from the page before), rows, notes of the last rows.

    A cell merged over rows is repeated in each, and one merged over columns too when `spread` is set (in a form it
    is a place to write in); one that spans the whole width stands once.
    """
    grid = [["" for _ in range(table.columns)] for _ in range(table.rows)]
    wide: dict[int, str] = {}
    for cell in table.cells:
        text = _cell_text(cell, wraps)
        if cell.left == 0 and cell.right == table.columns:
            wide[cell.top] = text
            continue
        for row in range(cell.top, cell.bottom):
            for column in range(cell.left, cell.right if spread else cell.left + 1):
                grid[row][column] = text
    notes: list[str] = []
    last = table.rows
    while last > 1 and last - 1 in wide and (_NOTE.match(wide[last - 1]) or len(wide[last - 1]) > _LONG_NOTE):
        last -= 1
        notes.insert(0, wide[last])
    for row, text in wide.items():
        grid[row][0] = text
    depth = 0 if heads == "none" else _head_rows(table)
    body = [_row(row) for row in grid[depth:last] if any(row)]
    ruling = [_row(_merged_heads(grid[:depth])), _row(["---"] * table.columns)] if heads == "shown" else []
    return [*ruling, *body, *notes]


def goes_on(before: Table, table: Table) -> bool:
    """Whether a table is the rest of the one before it: on the next page, under the same heads."""
    return (
        0 <= table.page - before.page <= 1
        and before.columns == table.columns
        and _head_texts(before) == _head_texts(table)
    )


def is_rest(before: Table, table: Table) -> bool:
    """Whether a table at the top of a page is the rest of the one before it, without its heads printed again."""
    return (
        table.page == before.page + 1
        and table.y < _TOP_SHARE * before.frame[3]
        and len(table.xs) == len(before.xs) > 0
        and all(abs(a - b) <= SNAP for a, b in zip(table.xs, before.xs, strict=True))
    )


def join_split_row(rows: list[str], rest: list[str]) -> list[str]:
    """Put the rest of a row that the end of a page parted into the last of `rows`; return what follows it.

    The row goes on where the one above was full and at least half the cells of the first one below are empty.
    """
    above = _cells_of(rows[-1]) if rows else []
    below = _cells_of(rest[0]) if rest else []
    empty = sum(not text for text in below)
    if len(above) != len(below) or not all(above) or set(above) == {"---"} or not len(below) / 2 <= empty < len(below):
        return rest
    rows[-1] = _row([" ".join(filter(None, pair)) for pair in zip(above, below, strict=True)])
    return rest[1:]


def _cells_of(row: str) -> list[str]:
    """The texts of a Markdown row; nothing of another line."""
    return [text.strip() for text in _BAR.split(row)[1:-1]] if row.startswith("| ") else []


def head_characters(table: Table) -> int:
    """Non-blank characters of a table's heads."""
    depth = _head_rows(table)
    return sum(line.characters for cell in table.cells if cell.top < depth for line in cell.lines)


def _cell_text(cell: Cell, wraps: Wraps) -> str:
    lines = cell.lines
    if len(lines) > 1 and all(len(line.text) == 1 for line in lines):
        return "".join(line.text for line in lines)  # one syllable a line
    parts: list[str] = []
    for left, right in zip((None, *lines), lines, strict=False):
        if left is not None:
            apart = looks_like_item(right.text) or _broken_on_purpose(left, right, cell)
            parts.append(" " if apart else wraps.between(left, right))
        parts.append(right.text)
    return headings.gathered("".join(parts)).replace("|", "\\|")


def _broken_on_purpose(left: Line, right: Line, cell: Cell) -> bool:
    """Whether the next line's first word would still have fitted: then its author broke the line."""
    word = right.text.split(" ", 1)[0]
    needed = (right.x1 - right.x0) * len(word) / len(right.text) + 0.3 * right.size
    padding = 1.2 * left.size
    return (left.x1 - left.x0) + needed < cell.width - padding


def _head_rows(table: Table) -> int:
    """Rows of heads: more than one when a head of the first row is parted into columns below it.

    A head is never empty, but for the corner: forms, whose first rows have cells to write in, have one row.
    """
    first = [cell for cell in table.cells if cell.top == 0]
    parted = any(1 < cell.right - cell.left < table.columns for cell in first)
    depth = max((cell.bottom for cell in first), default=1)
    filled = all(cell.lines for cell in table.cells if cell.top < depth and (cell.top, cell.left) != (0, 0))
    return depth if parted and filled and depth < table.rows else 1


def _merged_heads(rows: Sequence[Sequence[str]]) -> list[str]:
    """One head a column: the distinct texts above it, outermost first."""
    return [" ".join(dict.fromkeys(text for text in column if text)) for column in zip(*rows, strict=True)]


def _head_texts(table: Table) -> list[str]:
    depth = _head_rows(table)
    return ["".join(line.text for line in cell.lines) for cell in table.cells if cell.top < depth]


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"


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
