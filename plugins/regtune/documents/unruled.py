"""The cells of tables that are set without rulings, or with flat ones only, as many 별표 and reports are.

In: the runs of a page outside its ruled tables. Out: for each such table the boxes of its cells. A table is at least
three rows, one below the other, whose short texts leave the same white strips between at least three columns. Heads of
the first row may stand over several columns each. Two columns are left as lines: labels with values read well so.
"""

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from operator import sub

from regtune.documents.characters import Run
from regtune.documents.lines import rows_of
from regtune.documents.rulings import Box

_FEWEST_ROWS, _FEWEST_COLUMNS = 3, 3
_MOST_COLUMNS = 12
"""Below merged heads."""
_STRIP_EM = 1.2
"""Between two columns, in every row."""
_ROW_EM = 3.5
"""Rows of one table are no further apart."""
_LONGEST_CELL = 16
"""Characters of a cell on average: columns of prose have more."""
_FILLED_SHARE = 0.7
"""Of the cells."""
_MARGIN = 1.0

_Cells = list[tuple[float, float]]
"""Left and right edges of the texts of one row that wide gaps part."""


def find_unruled(runs: Sequence[Run]) -> Iterator[tuple[Box, ...]]:
    """Yield the cells of each table, from top to bottom."""
    stretch: list[tuple[Sequence[Run], _Cells]] = []
    for row in rows_of([run for run in runs if not run.text.isspace()]):
        cells = _cells(row)
        below = bool(stretch) and row[0].y - stretch[-1][0][0].y <= _ROW_EM * row[0].size
        if len(cells) > 1 and (below or not stretch):
            stretch.append((row, cells))
            continue
        yield from _table(stretch)
        stretch = [(row, cells)] if len(cells) > 1 else []
    yield from _table(stretch)


def _cells(row: Sequence[Run]) -> _Cells:
    cells: _Cells = []
    for run in row:
        strip = _STRIP_EM * run.size
        for start, end in _texts(run, strip):
            if cells and start - cells[-1][1] < strip:
                cells[-1] = (cells[-1][0], max(end, cells[-1][1]))
            else:
                cells.append((start, end))
    return cells


def _texts(run: Run, strip: float) -> Iterable[tuple[float, float]]:
    """Extents of the characters of a run, or of the whole run where nothing wide can part it."""
    starts, ends = run.starts, run.ends
    if "  " not in run.text and (len(starts) == 1 or max(map(sub, starts[1:], ends)) < strip / 2):
        return ((starts[0], ends[-1]),)
    return ((x0, x1) for character, x0, x1 in zip(run.text, starts, ends, strict=True) if character != " ")


def _table(stretch: Sequence[tuple[Sequence[Run], _Cells]]) -> Iterator[tuple[Box, ...]]:
    if len(stretch) < _FEWEST_ROWS:
        return
    size = statistics.median(row[0].size for row, _ in stretch)
    depth, columns = _columns_below_heads([cells for _, cells in stretch], _STRIP_EM * size)
    texts = [len("".join(run.text.split())) for row, _ in stretch for run in row]
    held = sum(len(cells) for _, cells in stretch[depth:])
    full = held / ((len(stretch) - depth) * len(columns))
    if len(columns) < _FEWEST_COLUMNS or full < _FILLED_SHARE or sum(texts) > _LONGEST_CELL * held:
        return
    xs = [columns[0][0] - _MARGIN, *(_middle(a, b) for a, b in itertools.pairwise(columns)), columns[-1][1] + _MARGIN]
    tops = [min(run.y - run.size for run in row) for row, _ in stretch]
    ys = [*tops, max(run.y + run.size / 2 for run in stretch[-1][0])]
    boxes: list[Box] = []
    begin = [depth] * len(columns)
    """The row in which the cells of each column begin below the merged heads."""
    if depth:
        below = stretch[depth][1]
        for first, end in _spans(stretch[0][1], columns):
            alone = end - first == 1 and not any(_overlap(cell, columns[first]) for cell in below)
            begin[first:end] = [depth + alone] * (end - first)
            boxes.append((xs[first], ys[0], xs[end], ys[depth + alone]))
    for row, (y0, y1) in enumerate(itertools.pairwise(ys)):
        boxes += [(xs[i], y0, xs[i + 1], y1) for i, start in enumerate(begin) if row >= start]
    yield tuple(boxes)


def _columns_below_heads(rows: Sequence[_Cells], strip: float) -> tuple[int, _Cells]:
    """1 where the first row holds heads over several columns each, else 0; and the columns."""
    columns = _columns([cell for cells in rows for cell in cells], strip)
    below = _columns([cell for cells in rows[1:] for cell in cells], strip)
    most = max(len(cells) for cells in rows[1:])
    merged = len(rows) > _FEWEST_ROWS and 1 < len(rows[0]) < len(below) == most <= _MOST_COLUMNS
    return (1, below) if merged else (0, columns)


def _spans(heads: _Cells, columns: _Cells) -> list[tuple[int, int]]:
    """The columns (half-open ranges) of each head: every head stands in the middle over its own."""
    middles = [(left + right) / 2 for left, right in heads]

    def off(cuts: tuple[int, ...]) -> float:
        spans = itertools.pairwise((0, *cuts, len(columns)))
        return sum(
            abs(middle - (columns[first][0] + columns[end - 1][1]) / 2)
            for middle, (first, end) in zip(middles, spans, strict=True)
        )

    cuts = min(itertools.combinations(range(1, len(columns)), len(heads) - 1), key=off)
    return list(itertools.pairwise((0, *cuts, len(columns))))


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _columns(cells: Sequence[tuple[float, float]], strip: float) -> _Cells:
    """Extents of the columns: cells that overlap, or are parted by less than a strip, share one."""
    columns: _Cells = []
    for left, right in sorted(cells):
        if columns and left - columns[-1][1] < strip:
            columns[-1] = (columns[-1][0], max(right, columns[-1][1]))
        else:
            columns.append((left, right))
    return columns


def _middle(left: tuple[float, float], right: tuple[float, float]) -> float:
    return (left[1] + right[0]) / 2
