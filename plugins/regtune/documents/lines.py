"""Glyphs to lines: regrouped by baseline and gap, two pages on one sheet told apart.

In: a page's glyphs. Out: lines in reading order. A space is where the page has a blank glyph or a gap wider than
`parse.space_gap_em`; what PyMuPDF calls a line plays no part (facts: it cuts and glues).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from regtune.documents.characters import Glyph, Page
from regtune.documents.rulings import Box

_BASELINE_EM = 0.3
"""Glyphs whose baselines differ by less stand on one line."""
_AUTOSPACE_EM = 0.35
"""Word processors part Hangul from a digit or Latin letter by up to 0.25 em where nobody typed a space."""
_CLOSING = frozenset(",.;:)]}」』”’〉》")
_GLYPH_SPACES_SHARE = 0.5
"""A file with at least this share of its spaces as blank glyphs is one that prints them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; its characters are single spaced, without blanks at the ends."""

    page: int
    band: int
    """0, or 1 for the right-hand page of a sheet that carries two."""
    text: str
    x0: float
    x1: float
    y: float
    size: float
    ends_blank: bool
    """A blank glyph follows the last character: the wrap fell between two words."""

    @property
    def characters(self) -> int:
        """Non-blank characters."""
        return len(self.text) - self.text.count(" ")


@dataclass(frozen=True)
class Spacing:
    """When a gap between two glyphs is a space."""

    gap_em: float
    prints_blanks: bool
    """The file prints its spaces as glyphs, so that a small gap beside a digit is none."""

    def parts(self, left: Glyph, right: Glyph) -> bool:
        """Whether the gap between neighbours is a space; justified lines also part a comma from its word."""
        if right.text in _CLOSING or (left.text == "제" and right.text.isdigit() and self.prints_blanks):
            return False
        gap = (right.x0 - left.x1) / max(left.size, right.size)
        beside_latin = self.prints_blanks and (_is_latin(left.text) or _is_latin(right.text))
        return gap > (max(self.gap_em, _AUTOSPACE_EM) if beside_latin else self.gap_em)


def _is_latin(text: str) -> bool:
    return text.isascii() and text.isalnum()


def find_spacing(pages: Iterable[Page], gap_em: float) -> Spacing:
    """Learn whether a file prints blanks: of the gaps between Hangul, how many hold a blank glyph."""
    printed = bare = 0
    for page in pages:
        for row in _rows(page.glyphs):
            for left, right, blank in _neighbours(row):
                if _is_hangul(left.text) and _is_hangul(right.text):
                    printed += blank
                    bare += not blank and right.x0 - left.x1 > gap_em * left.size
    return Spacing(gap_em, printed >= _GLYPH_SPACES_SHARE * (printed + bare) > 0)


def _is_hangul(text: str) -> bool:
    return "가" <= text <= "힣"


def page_lines(page: Page, spacing: Spacing, dropped: Counter[str]) -> list[Line]:
    """Lines of a page outside its tables, in reading order.

    `dropped` counts the characters printed twice at one place to look bold, of which one is kept.
    """
    frames = [frame(grid) for grid in page.grids]
    prose = [glyph for glyph in page.glyphs if not any(_inside(glyph, box) for box in frames)]
    gutter = _gutter(page, prose)
    bands: list[list[Glyph]] = [[], []]
    for glyph in prose:
        bands[gutter is not None and glyph.x0 >= gutter].append(glyph)
    return [
        line for band, glyphs in enumerate(bands) for line in group_lines(glyphs, page.number, band, spacing, dropped)
    ]


def group_lines(glyphs: Iterable[Glyph], page: int, band: int, spacing: Spacing, dropped: Counter[str]) -> list[Line]:
    """Group glyphs into lines from top to bottom."""
    lines = (_line(row, page, band, spacing, dropped) for row in _rows(glyphs))
    return [line for line in lines if line is not None]


def frame(grid: Sequence[Box]) -> Box:
    """The box around a table's cells."""
    return min(c[0] for c in grid), min(c[1] for c in grid), max(c[2] for c in grid), max(c[3] for c in grid)


def _inside(glyph: Glyph, box: Box) -> bool:
    x, y = glyph.middle
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def inside_glyphs(page: Page, box: Box) -> list[Glyph]:
    """Glyphs of a page whose middle lies in a box."""
    return [glyph for glyph in page.glyphs if _inside(glyph, box)]


def _rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs by baseline, top to bottom, each row left to right."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.y, g.x0)):
        if rows and glyph.y - rows[-1][0].y <= _BASELINE_EM * glyph.size:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [sorted(row, key=lambda g: (g.x0, g.text != " ")) for row in rows]


def _neighbours(row: Sequence[Glyph]) -> Iterable[tuple[Glyph, Glyph, bool]]:
    """Neighbouring characters of a row, and whether a blank glyph stands between them."""
    left: Glyph | None = None
    blank = False
    for glyph in row:
        if glyph.text == " ":
            blank = True
            continue
        if left is not None:
            yield left, glyph, blank
        left, blank = glyph, False


def _line(row: list[Glyph], page: int, band: int, spacing: Spacing, dropped: Counter[str]) -> Line | None:
    printed = [glyph for glyph in row if glyph.text != " "]
    if not printed:
        return None
    first = last = printed[0]
    parts = [first.text]
    for left, right, blank in _neighbours(row):
        if right.text == left.text and abs(right.x0 - left.x0) < 0.2 * right.size:
            dropped["struck_twice"] += 1
            continue
        parts.append(" " + right.text if blank or spacing.parts(left, right) else right.text)
        last = right
    return Line(
        page=page,
        band=band,
        text="".join(parts),
        x0=first.x0,
        x1=last.x1,
        y=first.y,
        size=max(glyph.size for glyph in printed),
        ends_blank=row[-1].text == " ",
    )


def _gutter(page: Page, glyphs: Sequence[Glyph]) -> float | None:
    """Where the white strip between two pages on one landscape sheet lies; None on a sheet with one page."""
    printed = [glyph for glyph in glyphs if glyph.text != " "]
    if page.width <= 1.2 * page.height or not printed:
        return None
    low, high, step = 0.4 * page.width, 0.6 * page.width, page.width / 200
    covered = {int(x / step) for g in printed for x in _span(g, step) if low <= x <= high}
    free = [i for i in range(int(low / step), int(high / step) + 1) if i not in covered]
    widest = max(_runs(free), key=len, default=[])
    if len(widest) < 4:  # noqa: PLR2004 - 2% of the sheet
        return None
    middle = (widest[0] + widest[-1] + 1) / 2 * step
    left = sum(glyph.x1 < middle for glyph in printed)
    if not 0.2 <= left / len(printed) <= 0.8:  # noqa: PLR2004 - the other side is a margin note
        return None
    return middle if not any(frame(grid)[0] < middle < frame(grid)[2] for grid in page.grids) else None


def _span(glyph: Glyph, step: float) -> Iterable[float]:
    x = glyph.x0
    while x < glyph.x1:
        yield x
        x += step
    yield glyph.x1


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
