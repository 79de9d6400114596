"""Ruled tables as Markdown: a row keeps its cells together, a merged cell is repeated, notes come after.

In: a page's cell boxes and glyphs. Out: a table of rows; its Markdown, given how wrapped lines of a cell join. A box
around prose, or a whole rule printed inside a table, is not taken for one.
"""

import bisect
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regtune.documents import headings
from regtune.documents.characters import Glyph, Page
from regtune.documents.lines import Line, Spacing, frame, group_lines, inside_glyphs
from regtune.documents.paragraphs import looks_like_item
from regtune.documents.rulings import SNAP, Box
from regtune.documents.wrapping import Wraps

_ARTICLE_INSIDE = re.compile(r"제\s*\d+\s*조(?:\s*의\s*\d+)?\s*\(")
_LONG_NOTE = 60
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
    band: int
    y: float
    """Upper edge."""
    rows: int
    columns: int
    cells: tuple[Cell, ...]

    @property
    def characters(self) -> int:
        """Non-blank characters, each counted once."""
        return sum(line.characters for cell in self.cells for line in cell.lines)


def page_tables(page: Page, spacing: Spacing, dropped: Counter[str]) -> tuple[list[Table], list[Line]]:
    """Return the tables of a page, and the lines inside table frames that belong to no table."""
    tables: list[Table] = []
    loose: list[Line] = []
    taken: list[Box] = []
    for grid in page.grids:
        outer = frame(grid)
        if any(_overlap(outer, other) for other in taken):
            continue
        taken.append(outer)
        glyphs = inside_glyphs(page, outer)
        table, outside = _table(page.number, grid, glyphs, spacing, dropped)
        if table is not None:
            tables.append(table)
        loose.extend(group_lines(outside, page.number, 0, spacing, dropped))
    return tables, loose


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _table(
    page: int, grid: Sequence[Box], glyphs: Sequence[Glyph], spacing: Spacing, dropped: Counter[str]
) -> tuple[Table | None, Sequence[Glyph]]:
    """Return the table of a grid, or None when it is none, and the glyphs that are not in it."""
    xs = _edges([x for box in grid for x in (box[0], box[2])])
    ys = _edges([y for box in grid for y in (box[1], box[3])])
    places = [(_nearest(ys, b[1]), _nearest(ys, b[3]), _nearest(xs, b[0]), _nearest(xs, b[2])) for b in grid]
    owners = {
        (row, column): index
        for index, (top, bottom, left, right) in enumerate(places)
        for row in range(top, bottom)
        for column in range(left, right)
    }
    contents: list[list[Glyph]] = [[] for _ in grid]
    outside: list[Glyph] = []
    for glyph in glyphs:
        x, y = glyph.middle
        owner = owners.get((bisect.bisect(ys, y) - 1, bisect.bisect(xs, x) - 1))
        (outside if owner is None else contents[owner]).append(glyph)
    struck: Counter[str] = Counter()
    cells = tuple(
        Cell(*place, box[2] - box[0], tuple(group_lines(content, page, 0, spacing, struck)))
        for place, box, content in zip(places, grid, contents, strict=True)
    )
    lines = [line for cell in cells for line in cell.lines]
    if not lines or sum(bool(_ARTICLE_INSIDE.match(line.text)) for line in lines) > 1:
        return None, glyphs
    dropped.update(struck)
    return Table(page, 0, ys[0], len(ys) - 1, len(xs) - 1, cells), outside


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


def to_markdown(table: Table, wraps: Wraps, *, heads: bool = True, spread: bool = True) -> list[str]:
    """Return Markdown lines: heads and ruling (unless `heads` is False), rows, and the notes of the last rows.

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
    depth = _head_rows(table)
    body = [_row(row) for row in grid[depth:last] if any(row)]
    ruling = [_row(_merged_heads(grid[:depth])), _row(["---"] * table.columns)] if heads else []
    return [*ruling, *body, *notes]


def goes_on(before: Table, table: Table) -> bool:
    """Whether a table is the rest of the one before it: on the next page, under the same heads."""
    return (
        0 <= table.page - before.page <= 1
        and before.columns == table.columns
        and _head_texts(before) == _head_texts(table)
    )


def head_characters(table: Table) -> int:
    """Non-blank characters of a table's heads."""
    return sum(line.characters for cell in table.cells if cell.top < _head_rows(table) for line in cell.lines)


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
    return ["".join(line.text for line in cell.lines) for cell in table.cells if cell.top < _head_rows(table)]


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def cell_lines(table: Table) -> Iterator[Line]:
    """Every line of a table's cells."""
    for cell in table.cells:
        yield from cell.lines
