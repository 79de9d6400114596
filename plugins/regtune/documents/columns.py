"""The columns of a page: two pages on one sheet, newspaper columns, a column of remarks beside the rule.

In: the runs of a page outside its tables, and the frames of those. Out: regions in reading order, each with its runs.
A column boundary is a white strip that hardly any line crosses, with prose on both sides: lines that fill the left
column and begin at one edge in the right one. A list of labels and values has such a strip too, but short lines.
"""

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from regtune.documents import headings
from regtune.documents.characters import Run
from regtune.documents.lines import rows_of
from regtune.documents.rulings import Box

_BINS = 200
_LANDSCAPE = 1.2
_SHEET_STRIP = 4
"""Bins of white between two pages on one sheet: 2% of its width."""
_STRIP_EM = 1.0
_FEWEST_ROWS = 6
_FEWEST_ROWS_GOING_ON = 3
"""Of columns that the page before had."""
_CROSSING_SHARE = 0.2
"""Of the rows beside a strip: titles, heads and feet over both columns."""
_HEAD_AND_FOOT = 2
_FILLED_EM = 3.0
"""From the boundary of a column that is alone on its page, the ends of its full lines."""
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
_WIDE, _WIDE_SHARE = 0.7, 0.3
"""A page with this share of runs wider than that (of its text's width) has no columns."""


@dataclass(frozen=True)
class Region:
    """A part of a page that is read from top to bottom before the next begins."""

    band: int
    """0 as wide as the page, else the column from 1."""
    left: float
    top: float
    right: float
    bottom: float
    runs: tuple[Run, ...]

    def holds(self, box: Box) -> bool:
        """Whether the middle of a box lies in the region."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class _Ink(NamedTuple):
    """Where a run prints."""

    left: float
    right: float
    run: Run


class Columns:
    """Finds the columns of one page after the other; a boundary once found is looked for on the next pages too."""

    def __init__(self) -> None:
        """Begin a file."""
        self._strips: dict[int, float] = {}
        """Where the columns of the pages of one width were parted last."""
        self.doubtful = False
        """Whether the last page was read straight across though it may have columns."""

    def regions(self, runs: Sequence[Run], frames: Sequence[Box], width: float, height: float) -> list[Region]:
        """Cut a page into regions in reading order; together they cover the page and hold every run once."""
        self.doubtful = False
        landscape = width > _LANDSCAPE * height
        known = self._strips.get(round(width))
        if not landscape and known is None and _mostly_wide(runs):
            return self._whole(runs)
        inks = [ink for ink in map(_ink, runs) if ink is not None]
        strip = _sheet_strip(inks, frames, width) if landscape and inks else None
        if strip is not None:
            pages = ((1, -math.inf, strip), (2, strip, math.inf))
            return [
                Region(band, left, -math.inf, right, math.inf, _between(runs, left, right))
                for band, left, right in pages
            ]
        strip, may_part = _prose_strip(inks, frames, width)
        if strip is None and known is not None and _still_parts(inks, known):
            strip = known
        if strip is None and known is not None and (end := _parted_until(inks, known)) is not None:
            above = _zones([run for run in runs if run.y <= end], known, frames)
            below = tuple(run for run in runs if run.y > end)
            parted = [replace(region, bottom=min(region.bottom, end)) for region in above if region.top < end]
            return [*parted, Region(0, -math.inf, end, math.inf, math.inf, below)]
        if strip is None:
            return self._whole(runs, may_part=may_part)
        self._strips[round(width)] = strip
        return _zones(runs, strip, frames)

    def _whole(self, runs: Sequence[Run], *, may_part: bool = False) -> list[Region]:
        self.doubtful = may_part or _begins_after_gaps(runs)
        return [Region(0, -math.inf, -math.inf, math.inf, math.inf, tuple(runs))]


def _still_parts(inks: Sequence[_Ink], x: float) -> bool:
    """Whether a strip of the page before is white here too, but for titles; a last page may fill one column alone."""
    before, after = sum(ink.right <= x for ink in inks), sum(ink.left >= x for ink in inks)
    if not after:
        filled = [ink for ink in inks if x - _FILLED_EM * ink.run.size < ink.right <= x]
        return len(filled) > 1 and before + _HEAD_AND_FOOT >= len(inks)
    return before > 0 and len(inks) - before - after <= _CROSSING_SHARE * (before + after)


def _parted_until(inks: Sequence[_Ink], x: float) -> float | None:
    """The baseline at which columns end that go on from the page before, above lines as wide as the page."""
    ordered = sorted(inks, key=lambda ink: ink.run.y)
    first = next((i for i, ink in enumerate(ordered) if ink.left >= x), len(ordered))
    end = next((i for i in range(first, len(ordered)) if ordered[i].left < x < ordered[i].right), len(ordered))
    above = ordered[first:end]
    edges = Counter(round(ink.left) for ink in above if ink.left >= x)
    if max(edges.values(), default=0) < _FEWEST_ROWS_GOING_ON or not any(ink.right <= x for ink in above):
        return None
    return max(ink.run.y for ink in above)


def _mostly_wide(runs: Sequence[Run]) -> bool:
    """Whether so many runs are nearly as wide as the text that no strip can part it."""
    if len(runs) < 2 * _FEWEST_ROWS:
        return True
    left, right = min([run.starts[0] for run in runs]), max([run.ends[-1] for run in runs])
    return sum([run.ends[-1] - run.starts[0] > _WIDE * (right - left) for run in runs]) > _WIDE_SHARE * len(runs)


def _ink(run: Run) -> _Ink | None:
    stripped = run.text.strip()
    if not stripped:
        return None
    first = run.text.index(stripped[0])
    return _Ink(run.starts[first], run.ends[first + len(stripped) - 1], run)


def _between(runs: Sequence[Run], left: float, right: float) -> tuple[Run, ...]:
    """The runs, or parts of runs, that begin between two edges."""
    parts: list[Run] = []
    for run in runs:
        chosen = [i for i, x in enumerate(run.starts) if left <= x < right]
        if len(chosen) == len(run.starts):
            parts.append(run)
        elif chosen:
            parts.append(run.part(chosen))
    return tuple(parts)


def _coverage(inks: Sequence[_Ink], width: float) -> list[int]:
    """How many runs print over each of `_BINS` strips of the page."""
    changes = [0] * (_BINS + 1)
    for ink in inks:
        changes[min(_BINS, max(0, int(ink.left / width * _BINS)))] += 1
        changes[min(_BINS, max(0, int(ink.right / width * _BINS) + 1))] -= 1
    return list(accumulate(changes))[:_BINS]


def _sheet_strip(inks: Sequence[_Ink], frames: Sequence[Box], width: float) -> float | None:
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


def _prose_strip(inks: Sequence[_Ink], frames: Sequence[Box], width: float) -> tuple[float | None, bool]:
    """The middle of the white strip between two columns of prose, or whether there may be one."""
    if len(inks) < 2 * _FEWEST_ROWS:
        return None, False
    left, right = min(ink.left for ink in inks), max(ink.right for ink in inks)
    coverage = _coverage(inks, width)
    low, high = left + _NARROWEST * (right - left), right - _NARROWEST * (right - left)
    inner = range(max(0, int(low / width * _BINS)), min(_BINS, int(high / width * _BINS) + 1))
    few = min((coverage[i] for i in inner), default=0)
    most = few + _CROSSING_SHARE * max(coverage) / 4
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


def _flush_strip(inks: Sequence[_Ink], frames: Sequence[Box], low: float, high: float) -> float | None:
    """Just left of an edge at which remarks begin, row after row, however near the rule beside them comes.

    All articles begin left of it, and where a row stands on both sides the strip is wider than a space.
    """
    edges = Counter(round(ink.left) for ink in inks if low < ink.left < high)
    edge, count = max(edges.items(), key=lambda counted: counted[1], default=(0, 0))
    if count < _FEWEST_ROWS or any(frame[0] < edge < frame[2] for frame in frames):
        return None
    x = edge - 1.0
    before, after = [ink for ink in inks if ink.right <= x], [ink for ink in inks if ink.left >= x]
    over = len(inks) - len(before) - len(after)
    if over > _HEAD_AND_FOOT or count < _FLUSH_SHARE * len(after) or _articles(after):
        return None
    rows = [_row_extents(side) for side in (before, after)]
    far = sorted(ink.right for ink in before)[-1 - _HEAD_AND_FOOT :][:1]
    em = statistics.median([ink.run.size for ink in inks])
    if not far or x - far[0] < _FLUSH_STRIP_EM * em or min(map(_filled_share, rows)) < _FILLED_SHARE:
        return None
    return x if len(_articles(before)) >= _FEWEST_ARTICLES else None


def _prose_share(before: Sequence[_Ink], after: Sequence[_Ink], printed: int, width: float) -> float:
    """Of the rows on the side where they are fewer, how many are full lines; 0 where the sides are no columns.

    Columns have hardly a line over both (of the `printed` inks), a strip between them, and one left edge.
    """
    over = printed - len(before) - len(after)
    if min(len(before), len(after)) < _FEWEST_ROWS or over > _CROSSING_SHARE * (len(before) + len(after)):
        return 0.0  # before the rows are made: they are no more than the runs
    em = statistics.median([ink.run.size for ink in (*before, *after)])
    begin = min([ink.left for ink in after])
    if begin - max([ink.right for ink in before]) < _STRIP_EM * em:
        return 0.0
    rows = [_row_extents(side) for side in (before, after)]
    if min(len(side) for side in rows) < _FEWEST_ROWS or over > _CROSSING_SHARE * (len(rows[0]) + len(rows[1])):
        return 0.0
    widths = [max(row[1] for row in side) - min(row[0] for row in side) for side in rows]
    if min(widths) <= max(_NARROWEST * width, _FEWEST_CHARACTERS * em):
        return 0.0
    aligned = sum(row[0] - begin < 2 * em for row in rows[1])
    shared = min(max(r[2] for r in side) for side in rows) - max(min(r[2] for r in side) for side in rows)
    if aligned < _ALIGNED_SHARE * len(rows[1]) or shared <= _FEWEST_ROWS * em:
        return 0.0
    return min(_filled_share(side) for side in rows)


def _row_extents(inks: Sequence[_Ink]) -> list[tuple[float, float, float]]:
    """Left edge, right edge and baseline of each row of one side."""
    extents: list[tuple[float, float, float]] = []
    edges = {id(ink.run): ink for ink in inks}
    for row in rows_of([ink.run for ink in inks]):
        found = [edges[id(run)] for run in row]
        extents.append((min(ink.left for ink in found), max(ink.right for ink in found), row[0].y))
    return extents


def _in_sequence(before: Sequence[_Ink], after: Sequence[_Ink]) -> bool:
    """Whether the numbers of the articles go up from the foot of one column to the top of the next, and in each.

    Within a column they may fall to 1: those of a 부칙 or of a second rule.
    """
    left, right = _articles(before), _articles(after)
    if not left or not right or len(left) + len(right) < _FEWEST_ARTICLES or right[0] <= left[-1]:
        return False
    pairs = [pair for side in (left, right) for pair in itertools.pairwise(side)]
    return all(second >= first or second == _FIRST for first, second in pairs)


def _articles(inks: Sequence[_Ink]) -> list[headings.Number]:
    """The numbers of the articles that begin with a row."""
    found = (headings.article("".join(run.text for run in row)) for row in rows_of([ink.run for ink in inks]))
    return [article.number for article in found if article and article.form != "bare" and not article.cited]


def _begins_after_gaps(runs: Sequence[Run]) -> bool:
    """Whether an article, or a remark on one, begins in the midst of a row, behind a gap as between columns."""
    return any(
        (headings.explains(ink.run.text.lstrip()) or _articles([ink])) and _far_behind(ink, runs)
        for ink in (_ink(run) for run in runs if run.text.lstrip()[:1] in _BEGINS)
        if ink is not None
    )


def _far_behind(ink: _Ink, runs: Sequence[Run]) -> bool:
    beside = (_ink(run) for run in runs if run.y == ink.run.y and run.starts[0] < ink.left)
    before = [other.right for other in beside if other is not None]
    return bool(before) and ink.left - max(before) > _STRIP_EM * ink.run.size


def _filled_share(rows: Sequence[tuple[float, float, float]]) -> float:
    """Of the lines of a column, how many come near its right edge."""
    left, right = min(row[0] for row in rows), max(row[1] for row in rows)
    return sum(row[1] > left + _FILLED * (right - left) for row in rows) / len(rows)


def _zones(runs: Sequence[Run], x: float, frames: Sequence[Box]) -> list[Region]:
    """Regions around the lines and frames that cross the strip at `x`: full width, left, right, full width again."""
    cuts: list[tuple[float, float]] = [(frame[1], frame[3]) for frame in frames if frame[0] < x < frame[2]]
    for row in rows_of(runs):
        if any(ink.left < x < ink.right for ink in map(_ink, row) if ink is not None):
            size = max(run.size for run in row)
            cuts.append((row[0].y - size / 2, max(run.y for run in row)))
    regions: list[Region] = []
    top = -math.inf
    for start, end in [*sorted(cuts), (math.inf, math.inf)]:
        beside = [run for run in runs if top < run.y <= start]
        if start > top:
            regions.append(Region(1, -math.inf, top, x, start, _between(beside, -math.inf, x)))
            regions.append(Region(2, x, top, math.inf, start, _between(beside, x, math.inf)))
        crossing = tuple(run for run in runs if max(top, start) < run.y <= end)
        if end > max(top, start):
            regions.append(Region(0, -math.inf, max(top, start), math.inf, end, crossing))
        top = max(top, end)
    return regions
