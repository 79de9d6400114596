"""Runs to lines: regrouped by baseline and gap.

In: runs of one column or table cell. Out: lines from top to bottom. A space is where the page has a blank glyph or a
gap wider than `parse.space_gap_em`; what PyMuPDF calls a line plays no part (facts: it cuts and glues).
"""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter, sub
from typing import NamedTuple

from regtune.documents.characters import Run

_BASELINE_EM = 0.3
"""Glyphs whose baselines differ by less stand on one line."""
_AUTOSPACE_EM = 0.35
"""Word processors part Hangul from a digit or Latin letter by up to 0.25 em where nobody typed a space."""
_STRETCHED, _WIDEST_STRETCH_EM, _WORD_STRETCH = 4, 0.7, 1.6
"""So many gaps in a row, none wider, part the letters of stretched words; one so many times as wide parts two words."""
_OVERLAP_EM, _CONDENSED = 0.02, 0.9
"""Letters that usually overlap by more are condensed (자간 below 0), and so are the gaps between words."""
_STRUCK_EM = 0.2
"""The same character again within this much is printed twice to look bold."""
_CLOSING = frozenset(",.;:)]}」』”’〉》")
_PRINTED_BLANK = re.compile(" (?<=[가-힣] ) *(?=[가-힣])")
_BLANKS = re.compile("  +")
_GLYPH_SPACES_SHARE = 0.5
"""A file with at least this share of its spaces as blank glyphs is one that prints them."""
_UNDECIDED = "\x1f"
"""A gap that is a space only in a file that does not print its blanks."""


class Line(NamedTuple):
    """One line of text; its characters are single spaced, without blanks at the ends."""

    page: int
    band: int
    """0 for a line as wide as the page, else its column from 1."""
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


@dataclass
class LineMaker:
    """Groups runs into lines and learns on the way whether the file prints its blanks.

    Lines come out with some gaps undecided; `decide` settles those once the last page has been seen.
    """

    gap_em: float
    dropped: Counter[str] = field(default_factory=Counter)
    """Characters left out, by reason."""
    _printed: int = 0
    _bare: int = 0
    _known: dict[float, float] = field(default_factory=dict)
    """Edges, baselines and sizes, which the pages of a long file have in common: its lines share them."""

    def lines(self, runs: Sequence[Run], page: int, band: int) -> list[Line]:
        """Group runs into lines from top to bottom."""
        made = [self._line(row, page, band) for row in rows_of(runs)]
        return [line for line in made if line is not None]

    def decide(self, line: Line) -> Line:
        """The line with its undecided gaps settled."""
        if _UNDECIDED not in line.text:
            return line
        return line._replace(text=line.text.replace(_UNDECIDED, "" if self.prints_blanks else " "))

    @property
    def prints_blanks(self) -> bool:
        """Of the gaps between Hangul seen so far, whether most hold a blank glyph."""
        return self._printed >= _GLYPH_SPACES_SHARE * (self._printed + self._bare) > 0

    def _line(self, runs: Sequence[Run], page: int, band: int) -> Line | None:
        row = _merged(runs)
        text, starts = row.text, row.starts
        if text.isspace():
            return None
        gaps = list(map(sub, starts[1:], row.ends))
        if gaps and min(gaps) < 0 and min(map(sub, starts[1:], starts)) < _STRUCK_EM * row.largest:
            row = self._struck_once(row)
            text, gaps = row.text, list(map(sub, row.starts[1:], row.ends))
        y = runs[0].y if len(runs) == 1 else next(run.y for run in runs if not run.text.isspace())
        ends_blank = text[-1] == " "
        if ends_blank or text[0] == " ":
            first = len(text) - len(text.lstrip())
            row = row.part(slice(first, len(text.rstrip())))
            gaps = gaps[first : first + len(row.text) - 1]
        left, right, size = row.starts[0], row.ends[-1], row.largest
        text = self._spaced(row, gaps)
        known = self._known.setdefault
        return Line(
            page, band, text, known(left, left), known(right, right), known(y, y), known(size, size), ends_blank
        )

    def _struck_once(self, row: "_Row") -> "_Row":
        """The row from left to right without what is printed again in its place."""
        text, starts, _, sizes, _, _ = row
        kept: list[int] = []
        last = -1
        for i in sorted(range(len(text)), key=lambda i: (starts[i], text[i] != " ")):
            if text[i] != " ":
                if last >= 0 and text[i] == text[last] and abs(starts[i] - starts[last]) < _STRUCK_EM * sizes[i]:
                    self.dropped["struck_twice"] += 1
                    continue
                last = i
            kept.append(i)
        return row.chosen(kept)

    def _spaced(self, row: "_Row", gaps: list[float]) -> str:
        """The text with one space where blank glyphs or gaps (before each but the first) are."""
        text, sizes = row.text, row.sizes
        least = self.gap_em * row.smallest
        overlap = _overlap(text, gaps, _OVERLAP_EM * row.largest)
        if overlap:
            gaps = [(gap + overlap) / _CONDENSED for gap in gaps]
        parts: list[str] = []
        after = 0
        if gaps and max(gaps) > least:
            wide = [i for i, gap in enumerate(gaps, 1) if gap > least and text[i] != " " and text[i - 1] != " "]
            inside = _stretched(text, gaps, wide, least, _WIDEST_STRETCH_EM * row.largest)
            for i in wide:
                if i in inside:
                    continue
                left, right, gap = text[i - 1], text[i], gaps[i - 1]
                self._bare += "가" <= left <= "힣" and "가" <= right <= "힣" and gap > self.gap_em * sizes[i - 1]
                parts.append(text[after:i])
                parts.append(self._gap(left, right, gap / max(sizes[i - 1], sizes[i])))
                after = i
        spaced = "".join([*parts, text[after:]]) if parts else text
        if " " not in text:
            return spaced
        self._printed += len(_PRINTED_BLANK.findall(text))
        return _BLANKS.sub(" ", spaced) if "  " in spaced else spaced

    def _gap(self, left: str, right: str, gap_em: float) -> str:
        """What a gap between two neighbours is; justified lines also part a comma from its word."""
        if right in _CLOSING or gap_em <= self.gap_em:
            return ""
        if left == "제" and right.isdigit():
            return _UNDECIDED
        beside_latin = (left.isascii() and left.isalnum()) or (right.isascii() and right.isalnum())
        return _UNDECIDED if beside_latin and gap_em <= max(self.gap_em, _AUTOSPACE_EM) else " "


def _overlap(text: str, gaps: Sequence[float], least: float) -> float:
    """By how much the letters of a condensed line usually overlap, in points; 0 where they do not."""
    if not gaps or min(gaps) >= -least:
        return 0.0
    between = [
        gap for left, right, gap in zip(text, text[1:], gaps, strict=False) if _is_hangul(left) and _is_hangul(right)
    ]
    usual = statistics.median(between) if len(between) >= _STRETCHED else 0.0
    return -usual if usual < -least else 0.0


def _stretched(text: str, gaps: Sequence[float], wide: Sequence[int], least: float, widest: float) -> set[int]:
    """Characters that only letter spacing parts from the one before them: justified by syllable, or typed so.

    Args:
        text: of a line.
        gaps: before each of its characters but the first.
        wide: the characters behind gaps of more than `least`.
        least: points.
        widest: points, of the usual gap of a stretch.
    """
    inside: set[int] = set()
    for stretch in _stretches(text, wide) if len(wide) >= _STRETCHED else ():
        if len(stretch) < _STRETCHED:
            continue
        between = [gaps[i - 1] for i in stretch if _is_hangul(text[i - 1]) and _is_hangul(text[i])]
        if len(between) >= _STRETCHED and (usual := statistics.median(between)) <= widest:
            for i in stretch:
                beside_latin = text[i].isascii() != text[i - 1].isascii()
                most = usual + _WORD_STRETCH * least if beside_latin else _WORD_STRETCH * usual
                if gaps[i - 1] <= most:
                    inside.add(i)
    return inside


def _stretches(text: str, wide: Sequence[int]) -> list[list[int]]:
    """Characters behind wide gaps, those together that at most blanks part."""
    stretches: list[list[int]] = []
    last = len(text)
    for i in wide:
        if i - last == 1 or (i > last and " " in text[last : last + 2] and _only_blanks_part(text, last, i)):
            stretches[-1].append(i)
        else:
            stretches.append([i])
        last = i
    return stretches


def _only_blanks_part(text: str, last: int, i: int) -> bool:
    return all(" " in text[j - 1 : j + 1] for j in range(last + 1, i))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def rows_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs by baseline, top to bottom, each row left to right."""
    if len(runs) < 2:  # noqa: PLR2004 - most cells of tables hold one run
        return [[run] for run in runs]
    rows: list[list[Run]] = []
    for run in sorted(runs, key=attrgetter("y")):
        if rows and run.y - rows[-1][0].y <= _BASELINE_EM * run.size:
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        if len(row) > 1:
            row.sort(key=_by_left_edge)
    return rows


def _by_left_edge(run: Run) -> float:
    return run.starts[0]


class _Row(NamedTuple):
    """The characters on one baseline; an entry of each of its sequences for each character."""

    text: str
    starts: Sequence[float]
    ends: Sequence[float]
    sizes: Sequence[float]
    smallest: float
    largest: float

    def part(self, place: slice) -> "_Row":
        """The characters at one place."""
        text, starts, ends, sizes, smallest, largest = self
        sizes = sizes[place]
        if smallest < largest:
            smallest, largest = min(sizes), max(sizes)
        return _Row(text[place], starts[place], ends[place], sizes, smallest, largest)

    def chosen(self, order: Sequence[int]) -> "_Row":
        """The characters at these indices, in this order."""
        text, starts, ends, sizes, smallest, largest = self
        return _Row(
            "".join([text[i] for i in order]),
            [starts[i] for i in order],
            [ends[i] for i in order],
            [sizes[i] for i in order],
            smallest,
            largest,
        )


def _merged(runs: Sequence[Run]) -> _Row:
    """The characters of these runs, one run after the other."""
    if len(runs) == 1:
        run = runs[0]
        return _Row(run.text, run.starts, run.ends, [run.size] * len(run.text), run.size, run.size)
    sizes = [run.size for run in runs]
    return _Row(
        "".join([run.text for run in runs]),
        [x for run in runs for x in run.starts],
        [x for run in runs for x in run.ends],
        [size for run in runs for size in [run.size] * len(run.text)],
        min(sizes),
        max(sizes),
    )
