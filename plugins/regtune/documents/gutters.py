"""The white strip between two columns of a page, told by its lines and by the articles that begin beside it.

In: the runs of a page outside its tables, and the frames of those. Out: where the strip is, and whether there may be
one where nothing proves it.
"""

import itertools
import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from regtune.documents import headings
from regtune.documents.characters import Run
from regtune.documents.lines import rows_of
from regtune.documents.rulings import Box

_BINS = 200
_SHEET_STRIP = 4
"""Bins of white between two pages on one sheet: 2% of its width."""
_STRIP_EM = 1.0
FEWEST_ROWS = 6
CROSSING_SHARE = 0.2
"""Of the rows beside a strip: titles, heads and feet over both columns."""
HEAD_AND_FOOT = 2
_NARROWEST = 0.17
"""Of the width of the text."""
_FILLED_SHARE = 0.45
"""Of the rows of a column of prose, those that come near its right edge."""
_FILLED_SHARE_IN_DOUBT = 0.2
"""Items and 부칙 are short lines: so few full ones do where the numbers of the articles go up from left to right."""
_FILLED = 0.8
_FEWEST_ARTICLES = 4
_FLUSH_SHARE, _FLUSH_STRIP_EM = 0.9, 0.5
_FIRST = (1, 0)
_BEGINS = ("제", "第", "해", *"【[〔<〈(")
_ALIGNED_SHARE = 0.5
_FEWEST_CHARACTERS = 8
"""On a line of a column of prose."""


class Ink(NamedTuple):
    """Where a run prints."""

    left: float
    right: float
    run: Run


def ink_of(run: Run) -> Ink | None:
    """Where a run prints, blanks at its ends aside; None for one of blanks."""
    stripped = run.text.strip()
    if not stripped:
        return None
    first = run.text.index(stripped[0])
    return Ink(run.starts[first], run.ends[first + len(stripped) - 1], run)


def _coverage(inks: Sequence[Ink], width: float) -> list[int]:
    """How many runs print over each of `_BINS` strips of the page."""
    changes = [0] * (_BINS + 1)
    for ink in inks:
        changes[min(_BINS, max(0, int(ink.left / width * _BINS)))] += 1
        changes[min(_BINS, max(0, int(ink.right / width * _BINS) + 1))] -= 1
    return list(accumulate(changes))[:_BINS]


def sheet_strip(inks: Sequence[Ink], frames: Sequence[Box], width: float) -> float | None:
    """The middle of the white strip between two pages on one landscape sheet."""
    coverage = _coverage(inks, width)
    free = [i for i in range(int(0.4 * _BINS), int(0.6 * _BINS) + 1) if not coverage[i]]
    widest = max(_runs_of(free), key=len, default=[])
    if len(widest) < _SHEET_STRIP:
        return None
    middle = (widest[0] + widest[-1] + 1) / 2 * width / _BINS
    printed = sum(len(ink.run.text) for ink in inks)
    left = sum(len(ink.run.text) for ink in inks if ink.right < middle)
    if not 0.2 <= left / printed <= 0.8:  # noqa: PLR2004 - the other side is a margin note
        return None
    return None if any(frame[0] < middle < frame[2] for frame in frames) else middle


def _runs_of(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def prose_strip(inks: Sequence[Ink], frames: Sequence[Box], width: float) -> tuple[float | None, bool]:
    """The middle of the white strip between two columns of prose, or whether there may be one."""
    if len(inks) < 2 * FEWEST_ROWS:
        return None, False
    left, right = min(ink.left for ink in inks), max(ink.right for ink in inks)
    coverage = _coverage(inks, width)
    low, high = left + _NARROWEST * (right - left), right - _NARROWEST * (right - left)
    inner = range(max(0, int(low / width * _BINS)), min(_BINS, int(high / width * _BINS) + 1))
    few = min((coverage[i] for i in inner), default=0)
    most = few + max(1.0, CROSSING_SHARE * max(coverage) / 4)  # a title over short columns at the least
    free = [i for i in inner if coverage[i] <= most]
    doubtful = False
    for strip in sorted(_runs_of(free), key=len, reverse=True):
        middle = (strip[0] + strip[-1] + 1) / 2 * width / _BINS
        if any(f[0] < middle < f[2] for f in frames):
            continue
        before, after = [ink for ink in inks if ink.right <= middle], [ink for ink in inks if ink.left >= middle]
        share = _prose_share(before, after, len(inks), right - left)
        if share >= _FILLED_SHARE or (share >= _FILLED_SHARE_IN_DOUBT and _in_sequence(before, after)):
            return middle, False
        doubtful = doubtful or share >= _FILLED_SHARE_IN_DOUBT
    return _flush_strip(inks, frames, low, high), doubtful


def _flush_strip(inks: Sequence[Ink], frames: Sequence[Box], low: float, high: float) -> float | None:
    """Just left of an edge at which remarks begin, row after row, however near the rule beside them comes.

    All articles begin left of it, and where a row stands on both sides the strip is wider than a space.
    """
    edges = Counter(round(ink.left) for ink in inks if low < ink.left < high)
    edge, count = max(edges.items(), key=lambda counted: counted[1], default=(0, 0))
    if count < FEWEST_ROWS or any(frame[0] < edge < frame[2] for frame in frames):
        return None
    x = edge - 1.0
    before, after = [ink for ink in inks if ink.right <= x], [ink for ink in inks if ink.left >= x]
    over = len(inks) - len(before) - len(after)
    if over > HEAD_AND_FOOT or count < _FLUSH_SHARE * len(after) or _articles(after):
        return None
    rows = [_row_extents(side) for side in (before, after)]
    far = sorted(ink.right for ink in before)[-1 - HEAD_AND_FOOT :][:1]
    em = statistics.median([ink.run.size for ink in inks])
    if not far or x - far[0] < _FLUSH_STRIP_EM * em or min(map(_filled_share, rows)) < _FILLED_SHARE:
        return None
    return x if len(_articles(before)) >= _FEWEST_ARTICLES else None


def _prose_share(before: Sequence[Ink], after: Sequence[Ink], printed: int, width: float) -> float:
    """Of the rows on the side where they are fewer, how many are full lines; 0 where the sides are no columns.

    Columns have hardly a line over both (of the `printed` inks), a strip between them, and one left edge.
    """
    over = printed - len(before) - len(after)
    if min(len(before), len(after)) < FEWEST_ROWS or over > CROSSING_SHARE * (len(before) + len(after)):
        return 0.0  # before the rows are made: they are no more than the runs
    em = statistics.median([ink.run.size for ink in (*before, *after)])
    begin = min([ink.left for ink in after])
    if begin - max([ink.right for ink in before]) < _STRIP_EM * em:
        return 0.0
    rows = [_row_extents(side) for side in (before, after)]
    if min(len(side) for side in rows) < FEWEST_ROWS or over > CROSSING_SHARE * (len(rows[0]) + len(rows[1])):
        return 0.0
    widths = [max(row[1] for row in side) - min(row[0] for row in side) for side in rows]
    if min(widths) <= max(_NARROWEST * width, _FEWEST_CHARACTERS * em):
        return 0.0
    aligned = sum(row[0] - begin < 2 * em for row in rows[1])
    shared = min(max(r[2] for r in side) for side in rows) - max(min(r[2] for r in side) for side in rows)
    if aligned < _ALIGNED_SHARE * len(rows[1]) or shared <= FEWEST_ROWS * em:
        return 0.0
    return min(_filled_share(side) for side in rows)


def _row_extents(inks: Sequence[Ink]) -> list[tuple[float, float, float]]:
    """Left edge, right edge and baseline of each row of one side."""
    extents: list[tuple[float, float, float]] = []
    edges = {id(ink.run): ink for ink in inks}
    for row in rows_of([ink.run for ink in inks]):
        found = [edges[id(run)] for run in row]
        extents.append((min(ink.left for ink in found), max(ink.right for ink in found), row[0].y))
    return extents


def _in_sequence(before: Sequence[Ink], after: Sequence[Ink]) -> bool:
    """Whether the numbers of the articles go up from the foot of one column to the top of the next, and in each.

    Within a column they may fall to 1: those of a 부칙 or of a second rule.
    """
    left, right = _articles(before), _articles(after)
    if not left or not right or len(left) + len(right) < _FEWEST_ARTICLES or right[0] <= left[-1]:
        return False
    pairs = [pair for side in (left, right) for pair in itertools.pairwise(side)]
    return all(second >= first or second == _FIRST for first, second in pairs)


def _articles(inks: Sequence[Ink]) -> list[headings.Number]:
    """The numbers of the articles that begin with a row."""
    found = (headings.article("".join(run.text for run in row)) for row in rows_of([ink.run for ink in inks]))
    return [article.number for article in found if article and article.form != "bare" and not article.cited]


def begins_after_gaps(runs: Sequence[Run]) -> bool:
    """Whether an article, or a remark on one, begins in the midst of a row, behind a gap as between columns."""
    return any(
        (headings.explains(ink.run.text.lstrip()) or _articles([ink])) and _far_behind(ink, runs)
        for ink in (ink_of(run) for run in runs if run.text.lstrip()[:1] in _BEGINS)
        if ink is not None
    )


def _far_behind(ink: Ink, runs: Sequence[Run]) -> bool:
    beside = (ink_of(run) for run in runs if run.y == ink.run.y and run.starts[0] < ink.left)
    before = [other.right for other in beside if other is not None]
    return bool(before) and ink.left - max(before) > _STRIP_EM * ink.run.size


def _filled_share(rows: Sequence[tuple[float, float, float]]) -> float:
    """Of the lines of a column, how many come near its right edge."""
    left, right = min(row[0] for row in rows), max(row[1] for row in rows)
    return sum(row[1] > left + _FILLED * (right - left) for row in rows) / len(rows)
