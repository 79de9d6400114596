"""Runs to lines: regrouped by baseline and gap.

In: runs of one column or table cell. Out: lines from top to bottom. A space is where the page has a blank glyph or a
gap wider than `parse.space_gap_em`; what PyMuPDF calls a line plays no part (facts: it cuts and glues).
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, ne, sub

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
_PRINTED_BLANK = re.compile("[가-힣] +(?=[가-힣])")
_GLYPH_SPACES_SHARE = 0.5
"""A file with at least this share of its spaces as blank glyphs is one that prints them."""
_UNDECIDED = "\x1f"
"""A gap that is a space only in a file that does not print its blanks."""


@dataclass(frozen=True, slots=True)
class Line:
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

    def lines(self, runs: Iterable[Run], page: int, band: int) -> list[Line]:
        """Group runs into lines from top to bottom."""
        made = (self._line(row, page, band) for row in rows_of(runs))
        return [line for line in made if line is not None]

    def decide(self, line: Line) -> Line:
        """The line with its undecided gaps settled."""
        if _UNDECIDED not in line.text:
            return line
        return replace(line, text=line.text.replace(_UNDECIDED, "" if self.prints_blanks else " "))

    @property
    def prints_blanks(self) -> bool:
        """Of the gaps between Hangul seen so far, whether most hold a blank glyph."""
        return self._printed >= _GLYPH_SPACES_SHARE * (self._printed + self._bare) > 0

    def _line(self, row: Sequence[Run], page: int, band: int) -> Line | None:
        text, starts, ends, sizes = _merged(row)
        stripped = text.strip()
        if not stripped:
            return None
        y = row[0].y if len(row) == 1 else next(run.y for run in row if not run.text.isspace())
        first = len(text) - len(text.lstrip())
        last = first + len(stripped) - 1
        printed_sizes = sizes[first : last + 1]
        joined = self._joined(text[first : last + 1], starts[first : last + 1], ends[first : last + 1], printed_sizes)
        if joined is None:
            joined, last = self._spaced(text, starts, ends, sizes)
        return Line(
            page=page,
            band=band,
            text=joined,
            x0=starts[first],
            x1=ends[last],
            y=y,
            size=max(printed_sizes),
            ends_blank=text[-1] == " ",
        )

    def _joined(self, text: str, starts: Sequence[float], ends: Sequence[float], sizes: Sequence[float]) -> str | None:
        """The text where blank glyphs are its only spaces and nothing is struck twice, else None."""
        if len(text) > 1:
            gaps = list(map(sub, starts[1:], ends))
            widest, closest, nearest = max(gaps), min(gaps), min(map(sub, starts[1:], starts))
            if widest > self.gap_em * min(sizes) or nearest < _STRUCK_EM * max(sizes):
                return None
            condensed = closest < -_OVERLAP_EM * max(sizes)
            if condensed and widest - closest > _CONDENSED * self.gap_em * min(sizes):
                return None
        if " " not in text:
            return text
        self._printed += len(_PRINTED_BLANK.findall(text))
        return " ".join(text.split())

    def _spaced(
        self, text: str, starts: Sequence[float], ends: Sequence[float], sizes: Sequence[float]
    ) -> tuple[str, int]:
        """The text with spaces where gaps are, and the index of its last character."""
        parts: list[str] = []
        last = -1
        blank = False
        overlap = _overlap(text, starts, ends, _OVERLAP_EM * max(sizes))
        if overlap:
            ends = [end - overlap for end in ends]
        stretched = _stretched(text, starts, ends, self.gap_em * min(sizes), _WIDEST_STRETCH_EM * max(sizes))
        for i, character in enumerate(text):
            if character == " ":
                blank = True
                continue
            if last >= 0:
                left = text[last]
                if character == left and abs(starts[i] - starts[last]) < _STRUCK_EM * sizes[i]:
                    self.dropped["struck_twice"] += 1
                    continue
                gap = (starts[i] - ends[last]) / (_CONDENSED if overlap else 1)
                if "가" <= left <= "힣" and "가" <= character <= "힣":
                    self._printed += blank
                    self._bare += not blank and i not in stretched and gap > self.gap_em * sizes[last]
                if blank:
                    parts.append(" ")
                elif gap > self.gap_em * min(sizes[last], sizes[i]) and i not in stretched:
                    parts.append(self._gap(left, character, gap / max(sizes[last], sizes[i])))
            parts.append(character)
            last, blank = i, False
        return "".join(parts), last

    def _gap(self, left: str, right: str, gap_em: float) -> str:
        """What a gap between two neighbours is; justified lines also part a comma from its word."""
        if right in _CLOSING or gap_em <= self.gap_em:
            return ""
        if left == "제" and right.isdigit():
            return _UNDECIDED
        beside_latin = (left.isascii() and left.isalnum()) or (right.isascii() and right.isalnum())
        return _UNDECIDED if beside_latin and gap_em <= max(self.gap_em, _AUTOSPACE_EM) else " "


def _overlap(text: str, starts: Sequence[float], ends: Sequence[float], least: float) -> float:
    """By how much the letters of a condensed line usually overlap, in points; 0 where they do not."""
    gaps = [
        starts[i] - ends[i - 1]
        for i in range(1, len(text))
        if _is_hangul(text[i - 1]) and _is_hangul(text[i]) and text[i] != text[i - 1]  # struck twice
    ]
    usual = statistics.median(gaps) if len(gaps) >= _STRETCHED and min(gaps) < -least else 0.0
    return -usual if usual < -least else 0.0


def _stretched(text: str, starts: Sequence[float], ends: Sequence[float], least: float, widest: float) -> set[int]:
    """Characters that only letter spacing parts from the one before them: justified by syllable, or typed so."""
    inside: set[int] = set()
    stretch: list[int] = []
    for i in range(1, len(text) + 1):
        if i < len(text):
            if " " in (text[i], text[i - 1]):
                continue
            if starts[i] - ends[i - 1] > least:
                stretch.append(i)
                continue
        gaps = [starts[j] - ends[j - 1] for j in stretch if _is_hangul(text[j - 1]) and _is_hangul(text[j])]
        if len(gaps) >= _STRETCHED and (usual := statistics.median(gaps)) <= widest:
            for j in stretch:
                beside_latin = text[j].isascii() != text[j - 1].isascii()
                most = usual + _WORD_STRETCH * least if beside_latin else _WORD_STRETCH * usual
                if starts[j] - ends[j - 1] <= most:
                    inside.add(j)
        stretch = []
    return inside


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def rows_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs by baseline, top to bottom, each row left to right."""
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


def _merged(row: Sequence[Run]) -> tuple[str, Sequence[float], Sequence[float], Sequence[float]]:
    """Text, left and right edges and sizes of a row's characters from left to right."""
    if len(row) == 1:
        text, starts, ends = row[0].text, row[0].starts, row[0].ends
        sizes: Sequence[float] = [row[0].size] * len(text)
    else:
        text = "".join([run.text for run in row])
        starts = [x for run in row for x in run.starts]
        ends = [x for run in row for x in run.ends]
        sizes = [size for run in row for size in [run.size] * len(run.text)]
    ordered = sorted(starts)
    if any(map(ne, ordered, starts)):
        order = sorted(range(len(text)), key=lambda i: (starts[i], text[i] != " "))
        text = "".join([text[i] for i in order])
        starts, ends, sizes = ordered, [ends[i] for i in order], [sizes[i] for i in order]
    return text, starts, ends, sizes
