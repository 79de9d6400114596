"""Tables as Markdown: a row keeps its cells together, a merged cell is repeated, notes come after.

In: a table, and how wrapped lines of a cell join. Out: its rows; whether it goes on with the one before it.
"""

import re
from collections.abc import Sequence
from typing import Literal

from regtune.documents import headings
from regtune.documents.lines import Line
from regtune.documents.paragraphs import looks_like_item
from regtune.documents.rulings import SNAP
from regtune.documents.tables import Cell, Table
from regtune.documents.wrapping import Wraps

_LONG_NOTE = 60
_TOP_SHARE = 0.35
"""Of the place where a table ends: its rest begins above this on the next page."""
_BAR = re.compile(r"(?<!\\)\|")
_NOTE = re.compile(r"(?:※|\*|주\s*[):]|비\s*고|\[?참고)")


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
