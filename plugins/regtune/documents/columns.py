"""The columns of a page: two pages on one sheet, newspaper columns, a column of remarks beside the rule.

In: the runs of a page outside its tables, and the frames of those. Out: regions in reading order, each with its runs.
A column boundary is a white strip that hardly any line crosses, with prose on both sides: lines that fill the left
column and begin at one edge in the right one. A list of labels and values has such a strip too, but short lines.
In doubt the articles decide: columns are read one after the other where their numbers then go up.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from regtune.documents.characters import Run
from regtune.documents.gutters import (
    CROSSING_SHARE,
    FEWEST_ROWS,
    HEAD_AND_FOOT,
    Ink,
    begins_after_gaps,
    ink_of,
    prose_strip,
    sheet_strip,
)
from regtune.documents.lines import rows_of
from regtune.documents.rulings import Box

_LANDSCAPE = 1.2
SHEET_COLUMN = 2
"""From the band of a column on one of two pages of a sheet to that of the column beside it."""
_FEWEST_ROWS_GOING_ON = 3
"""Of columns that the page before had."""
_FILLED_EM = 3.0
"""From the boundary of a column that is alone on its page, the ends of its full lines."""
_WIDE, _WIDE_SHARE = 0.7, 0.3
"""A page with this share of runs wider than that (of its text's width) has no columns."""


@dataclass(frozen=True)
class Region:
    """A part of a page that is read from top to bottom before the next begins."""

    band: int
    """0 as wide as the page, else the column from 1. Of two pages on a sheet 1 and 2 are as wide as one of them, or its
    left column, 3 and 4 its right column, 5 and 6 what stands over both."""
    left: float
    top: float
    right: float
    bottom: float
    runs: tuple[Run, ...]

    def holds(self, box: Box) -> bool:
        """Whether the middle of a box lies in the region."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class Columns:
    """Finds the columns of one page after the other; a boundary once found is looked for on the next pages too."""

    def __init__(self) -> None:
        """Begin a file."""
        self._strips: dict[tuple[int, int], float] = {}
        """Where the columns of the pages of one width were parted last: of a page alone on its sheet 0, else 1 or 2."""
        self.doubtful = False
        """Whether the last page was read straight across though it may have columns."""

    def regions(self, runs: Sequence[Run], frames: Sequence[Box], width: float, height: float) -> list[Region]:
        """Cut a page into regions in reading order; together they cover the page and hold every run once."""
        self.doubtful = False
        landscape = width > _LANDSCAPE * height
        if not landscape and (round(width), 0) not in self._strips and _mostly_wide(runs):
            return self._whole(runs)
        inks = [ink for ink in map(ink_of, runs) if ink is not None]
        strip = sheet_strip(inks, frames, width) if landscape and inks else None
        if strip is None:
            return self._columns(runs, inks, frames, width, (round(width), 0))
        return [
            *self._page(runs, frames, width, (1, -math.inf, strip)),
            *self._page(runs, frames, width, (2, strip, math.inf)),
        ]

    def _page(
        self, runs: Sequence[Run], frames: Sequence[Box], width: float, place: tuple[int, float, float]
    ) -> list[Region]:
        """The regions of one of two pages on a sheet: its number from 1, and where it begins and ends."""
        number, left, right = place
        own = _between(runs, left, right)
        inks = [ink for ink in map(ink_of, own) if ink is not None]
        beside = [frame for frame in frames if left <= (frame[0] + frame[2]) / 2 < right]
        regions = self._columns(own, inks, beside, width, (round(width), number))
        shift = {0: 0, 1: 0, 2: SHEET_COLUMN} if len(regions) == 1 else {0: 2 * SHEET_COLUMN, 1: 0, 2: SHEET_COLUMN}
        return [
            replace(
                region, band=number + shift[region.band], left=max(region.left, left), right=min(region.right, right)
            )
            for region in regions
        ]

    def _columns(
        self,
        runs: Sequence[Run],
        inks: Sequence[Ink],
        frames: Sequence[Box],
        width: float,
        page: tuple[int, int],
    ) -> list[Region]:
        known = self._strips.get(page)
        strip, may_part = prose_strip(inks, frames, width)
        if strip is None and known is not None and _still_parts(inks, known):
            strip = known
        if strip is None and known is not None and (end := _parted_until(inks, known)) is not None:
            above = _zones([run for run in runs if run.y <= end], known, frames)
            below = tuple(run for run in runs if run.y > end)
            parted = [replace(region, bottom=min(region.bottom, end)) for region in above if region.top < end]
            return [*parted, Region(0, -math.inf, end, math.inf, math.inf, below)]
        if strip is None:
            return self._whole(runs, may_part=may_part)
        self._strips[page] = strip
        return _zones(runs, strip, frames)

    def _whole(self, runs: Sequence[Run], *, may_part: bool = False) -> list[Region]:
        self.doubtful = self.doubtful or may_part or begins_after_gaps(runs)
        return [Region(0, -math.inf, -math.inf, math.inf, math.inf, tuple(runs))]


def _still_parts(inks: Sequence[Ink], x: float) -> bool:
    """Whether a strip of the page before is white here too, but for titles; a last page may fill one column alone."""
    before, after = sum(ink.right <= x for ink in inks), sum(ink.left >= x for ink in inks)
    if not after:
        filled = [ink for ink in inks if x - _FILLED_EM * ink.run.size < ink.right <= x]
        return len(filled) > 1 and before + HEAD_AND_FOOT >= len(inks)
    return before > 0 and len(inks) - before - after <= CROSSING_SHARE * (before + after)


def _parted_until(inks: Sequence[Ink], x: float) -> float | None:
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
    if len(runs) < 2 * FEWEST_ROWS:
        return True
    left, right = min([run.starts[0] for run in runs]), max([run.ends[-1] for run in runs])
    return sum([run.ends[-1] - run.starts[0] > _WIDE * (right - left) for run in runs]) > _WIDE_SHARE * len(runs)


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


def _zones(runs: Sequence[Run], x: float, frames: Sequence[Box]) -> list[Region]:
    """Regions around the lines and frames that cross the strip at `x`: full width, left, right, full width again."""
    cuts: list[tuple[float, float]] = [(frame[1], frame[3]) for frame in frames if frame[0] < x < frame[2]]
    for row in rows_of(runs):
        if any(ink.left < x < ink.right for ink in map(ink_of, row) if ink is not None):
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
