"""The picture that OCR reads: a page without its ruled tables, and below it their cells, one under the other.

In: the grey picture of a page. Out: its long straight lines, from which `rulings.py` makes cells, and the new picture
with the way back from a place on it to one on the page. Tesseract takes rulings for letters and reads across cells.
"""

import bisect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from regtune.documents.rulings import Box

_DARK = 0x90
"""Of 255: a thin line is grey where it lies between two rows of pixels."""
_SHORTEST_FLAT, _SHORTEST_UPRIGHT = 20.0, 15.0
"""Points; the strokes of letters are shorter."""
_THICKEST = 3.0
"""Points; what is thicker is a picture or a dark ground."""
_INSET, _APART = 5, 25
"""Pixels: of a cell inside its lines, and between two cells."""
_LOOKED_AT = (0.31, 0.5, 0.73)
"""Of a stretch: rows of one height have their lines at the half and the quarters."""
_TALLEST = 32_000
"""Pixels; Tesseract refuses 32,768."""
_WHITE = 255


def find_lines(picture: Any, dpi: int) -> list[Box]:  # noqa: ANN401 - PyMuPDF has no types
    """Return the straight lines of a grey `Pixmap` in points, as stretches one pixel thick.

    A line of a scan that is a little askew comes out as several stretches side by side.
    """
    width, height, scale = picture.width, picture.height, 72 / dpi
    rows = bytes(picture.samples)
    columns = b"".join(rows[x::width] for x in range(width))
    thin = round(_THICKEST / scale)
    lines: list[Box] = []
    for y, start, end in _stretches(rows, width, round(_SHORTEST_FLAT / scale)):
        if not _filled(columns, height, (start, end), y, thin):
            lines.append((start * scale, y * scale, end * scale, (y + 1) * scale))
    for x, start, end in _stretches(columns, height, round(_SHORTEST_UPRIGHT / scale)):
        if not _filled(rows, width, (start, end), x, thin):
            lines.append((x * scale, start * scale, (x + 1) * scale, end * scale))
    return lines


def _stretches(pixels: bytes, length: int, shortest: int) -> Iterator[tuple[int, int, int]]:
    """Row, start and end of each dark stretch of at least so many pixels."""
    dark = re.compile(rb"[\x00-\x%02x]{%d,}" % (_DARK, shortest))
    for row in range(len(pixels) // length):
        for match in dark.finditer(pixels, row * length, (row + 1) * length):
            yield row, match.start() - row * length, match.end() - row * length


def _filled(across: bytes, length: int, stretch: tuple[int, int], at: int, thin: int) -> bool:
    """Whether the pixels across a stretch are dark further than a line is thick, not just where a line crosses it."""
    begin, end = max(0, at - thin), min(length, at + thin + 1)
    rows = [round(stretch[0] + place * (stretch[1] - stretch[0])) for place in _LOOKED_AT]
    return all(max(across[row * length + begin : row * length + end]) <= _DARK for row in rows)


def fits(page: Any, cells: Sequence[Box], dpi: int) -> bool:  # noqa: ANN401
    """Whether the sheet of a page and its cells, which are in points, is no taller than Tesseract takes."""
    height = page.height + sum((cell[3] - cell[1]) * dpi / 72 + _APART for cell in cells)
    return bool(height < _TALLEST)


class Sheet:
    """The picture to read, and the way back."""

    def __init__(self, page: Any, cells: Sequence[Box], dpi: int) -> None:  # noqa: ANN401
        """Lay out the grey picture of a page and the cells in it, which are in points."""
        import pymupdf

        self._scale = dpi / 72
        boxes = [_inside(cell, self._scale) for cell in cells]
        height = page.height + sum(y1 - y0 + _APART for _, y0, _, y1 in boxes)
        self.picture = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, page.width, height))
        self.picture.clear_with(_WHITE)
        self.picture.copy(page, page.irect)
        blank = pymupdf.Pixmap(pymupdf.csGRAY, page.irect)
        blank.clear_with(_WHITE)
        self._tops: list[int] = []
        self._moves: list[tuple[int, int]] = []
        top = page.height
        for x0, y0, x1, y1 in boxes:
            self.picture.copy(blank, (x0 - 2 * _INSET, y0 - 2 * _INSET, x1 + 2 * _INSET, y1 + 2 * _INSET))
            page.set_origin(_APART - x0, top - y0)
            self.picture.copy(page, (_APART, top, _APART + x1 - x0, top + y1 - y0))
            self._tops.append(top)
            self._moves.append((x0 - _APART, y0 - top))
            top += y1 - y0 + _APART

    def shift(self, y: float) -> tuple[float, float]:
        """How far what stands at a height of the sheet has to be moved to its place on the page, all in points."""
        cell = bisect.bisect(self._tops, y * self._scale) - 1
        if cell < 0:
            return 0.0, 0.0
        right, down = self._moves[cell]
        return right / self._scale, down / self._scale


def _inside(cell: Box, scale: float) -> tuple[int, int, int, int]:
    """Pixels of a cell inside its lines; one that is too small for that is one pixel."""
    x0, y0, x1, y1 = (round(at * scale) for at in cell)
    return x0 + _INSET, y0 + _INSET, max(x0 + _INSET + 1, x1 - _INSET), max(y0 + _INSET + 1, y1 - _INSET)
