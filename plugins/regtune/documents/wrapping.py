"""Whether a line's end is a space or the inside of a word.

In: the lines of one file. Out: for two lines that belong together, the string between them. Korean text wraps
between any two syllables, and many files print no blank at the end of a line, so that the page alone does not tell
(`징⏎계` is one word, `하며⏎등기임원은` two). Where a file prints blanks at its line ends they decide; elsewhere
the spacing of the same syllables inside the file's own lines does, by counts backed off from long to short contexts.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

from regtune.documents.lines import Line

_TRAILING_SHARE = 0.15
"""Three of ten wraps fall between words; a file that prints half as many blanks there prints them all."""
_WORD_WRAP = 1.0
"""Log likelihood ratio from which on a file wraps between words only: each wrap is a space, not three of ten. Real
files that wrap inside words come to -10 and less, those that do not to 3 and more."""
_SPACED_WRAPS = 0.3
_SAMPLED = 50
"""Wraps looked at for that."""
_PRIOR = 0.27
"""Share of spaces between two Hangul characters of a regulation."""
_LEARNT_LINES = 20_000
"""Of about 600 pages; a longer file is sampled, so that what is learnt from it stays as large."""
_WEIGHT = 1.0
"""Pseudo-observations that the next shorter context counts for."""
_REACH = 3
"""Characters of context on each side."""
_PAIRS = ((3, 3), (2, 3), (3, 2), (2, 2), (1, 2), (2, 1), (1, 1))
"""Lengths of the contexts to both sides, from long to short."""
_SHORT_PAIRS = _PAIRS[4:]
"""Where two characters on each side were never met, longer contexts were not either."""
_LIKELIER = 0.5
_CERTAIN = 0.9
"""A file that prints blanks at its line ends still leaves some out where the line is full."""
_SCAN_SPEED = 100
"""Characters of a text that `count` passes while a list of places moves on by one."""
_EDGE = " "
_SEAM = "\x1f"
_UTF_32 = "utf-32-le"
_OWN_WORD = re.compile(r"(?:여부|경우)|(?:및|또는)(?= )|제\s*\d+\s*[편장절조]")
"""Words that orthography always sets apart, and citations."""
_ABILITY = re.compile(r"수 (?:있|없)")
"""`할 수 있다`: a word of its own after a syllable that ends in ㄹ."""
_FINAL_L = 8
"""Of the 28 finals of a Hangul syllable."""
_ENDED = re.compile(r"(?:에게|에서|부터|까지|으로|에는|하여|하며|하고|되어|있어서|또는|따라|모든)$")
_ENDED_PRIOR = 0.9
_DIGIT = re.compile(r"\d")
_SPACED_AFTER = frozenset(".,;:")


class Wraps:
    """What one file's own lines say about its wraps."""

    def __init__(self, lines: Sequence[Line], full: Sequence[bool]) -> None:
        """Learn from all lines; `full` tells which of them reach the right margin and so may be wrapped."""
        self._index = _Index([line.text for line in lines[:: len(lines) // _LEARNT_LINES + 1]])
        self._chances: dict[tuple[str, str], float] = {}
        wrapped = [line for line, reaches in zip(lines, full, strict=True) if reaches]
        blanks = sum(line.ends_blank for line in wrapped)
        self._blanks_printed = blanks > 0 and blanks >= _TRAILING_SHARE * len(wrapped)
        pairs = [
            (left.text, right.text)
            for left, right, reaches in zip(lines, lines[1:], full, strict=False)
            if reaches and not self._blanks_printed and _is_hangul(left.text[-1]) and _is_hangul(right.text[0])
        ]
        self._word_wrap = self._wraps_words(pairs[:: len(pairs) // _SAMPLED + 1])

    def _wraps_words(self, pairs: Sequence[tuple[str, str]]) -> bool:
        """Whether these wraps together tell of a file that wraps between words; stops once they cannot any more."""
        told, most = 0.0, -math.log(_SPACED_WRAPS)
        for left, (before, after) in zip(range(len(pairs), 0, -1), pairs, strict=True):
            if told + left * most <= _WORD_WRAP:
                return False
            told += _for_word_wrap(self.chance(before, after))
        return told > _WORD_WRAP

    def between(self, left: Line, right: Line) -> str:
        """A space or nothing: what stood between two lines before they were wrapped."""
        before, after = left.text[-1], right.text[0]
        if left.ends_blank or (before in _SPACED_AFTER and (_is_hangul(after) or after in "(“「<")):
            return " "
        if before == "제" and after.isdigit():
            return ""
        if _is_hangul(before) and (_OWN_WORD.match(right.text) or (self._word_wrap and _is_hangul(after))):
            return " "
        if _ABILITY.match(right.text) and _is_hangul(before) and (ord(before) - ord("가")) % 28 == _FINAL_L:
            return " "
        least = _CERTAIN if self._blanks_printed else _LIKELIER
        return " " if self.chance(left.text, right.text, least) > least else ""

    def chance(self, left: str, right: str, least: float | None = None) -> float:
        """Estimated probability that a space stands between the end of `left` and the start of `right`.

        With `least`, 0 or 1 as soon as the long contexts settle on which side of it the chance is; they mostly do.
        """
        before = _shape(_EDGE + left[-_REACH:])[-_REACH:]
        after = _shape(right[:_REACH] + _EDGE)[:_REACH]
        low, room = 0.0, 1.0  # the chance is low + room * what the contexts not yet counted make it
        pairs = _PAIRS if any(self._index.meetings(before[-2:], after[:2])) else _SHORT_PAIRS
        for near, far in pairs:
            if near <= len(before) and far <= len(after):
                seen, spaced = self._index.meetings(before[-near:], after[:far])
                room /= seen + _WEIGHT
                low += room * spaced
                if least is not None and not low < least < low + room:
                    return float(low >= least)
        odds = _logit(self._one_sided(before, "")) + _logit(self._one_sided("", after)) - _logit(_PRIOR)
        return low + room / (1 + math.exp(-odds))

    def _one_sided(self, before: str, after: str) -> float:
        known = self._chances.get((before, after))
        if known is None:
            chance = _ENDED_PRIOR if not after and _ENDED.search(before) else _PRIOR
            for length in range(1, len(before or after) + 1):
                seen, spaced = self._index.beside(before[-length:], after[:length])
                if not seen:
                    break
                chance = (spaced + _WEIGHT * chance) / (seen + _WEIGHT)
            known = self._chances[before, after] = min(max(chance, 0.01), 0.99)
        return known


class _Index:
    """The texts of a file and where each pair of characters stands in them; contexts are counted when asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index texts that hold no line break."""
        import numpy as np

        self._text = _shape("".join(f"\n{_EDGE}{text}{_EDGE}" for text in texts) + "\n")
        letters = np.frombuffer(self._text.encode(_UTF_32, "surrogatepass"), np.uint32)
        self._joined = _Places(letters[:-1], letters[1:], np.arange(len(letters) - 1))
        blanks = np.flatnonzero(letters[1:-1] == ord(" ")) + 1
        self._spaced = _Places(letters[blanks - 1], letters[blanks + 1], blanks)
        self._seams: dict[str, tuple[str, str]] = {}
        self._counted: dict[str, int] = {}

    def meetings(self, before: str, after: str) -> tuple[int, int]:
        """How often two contexts meet, joined or over a space, and how often over a space."""
        pair = before[-1] + after[0]
        seams = self._seams.get(pair)
        if seams is None:
            text, reach = self._text, _REACH
            joined = [
                f"{text[i - reach + 1 : i + 1]}{_SEAM}{text[i + 1 : i + 1 + reach]}" for i in self._joined.of(pair)
            ]
            spaced = [f"{text[i - reach : i]}{_SEAM}{text[i + 1 : i + 1 + reach]}" for i in self._spaced.of(pair)]
            seams = self._seams[pair] = "\n".join(joined), "\n".join(spaced)
        wanted = f"{before}{_SEAM}{after}"
        spaced_ones = seams[1].count(wanted)
        return seams[0].count(wanted) + spaced_ones, spaced_ones

    def beside(self, before: str, after: str) -> tuple[int, int]:
        """How often one context, the other being empty, has a neighbour in its text, and how often that is a space."""
        if before:
            last = self._count(f"{before}{_EDGE}\n")
            return self._count(before) - last, self._count(f"{before} ") - last
        first = self._count(f"\n{_EDGE}{after}")
        return self._count(after) - first, self._count(f" {after}") - first

    def _count(self, wanted: str) -> int:
        counted = self._counted.get(wanted)
        if counted is None:
            counted = self._counted[wanted] = self._counted_anew(wanted)
        return counted

    def _counted_anew(self, wanted: str) -> int:
        if len(wanted) == 1:
            return self._text.count(wanted)
        pairs = [wanted[i : i + 2] for i in range(len(wanted) - 1)]
        rarest = min(pairs, key=self._joined.count)
        fewest = self._joined.count(rarest)
        if fewest == 0 or len(wanted) == 2:  # noqa: PLR2004 - the pair itself
            return fewest
        if fewest > len(self._text) / _SCAN_SPEED and wanted[0] not in wanted[1:]:
            return self._text.count(wanted)
        begins, offset = self._text.startswith, pairs.index(rarest)
        return sum([begins(wanted, place - offset) for place in self._joined.of(rarest) if place >= offset])


class _Places:
    """Places by the pair of characters that they part."""

    def __init__(self, left: Any, right: Any, places: Any) -> None:  # noqa: ANN401 - arrays of NumPy
        import numpy as np

        pairs = left.astype(np.uint64) << 32 | right
        order = np.argsort(pairs, kind="stable")
        pairs, self._places = pairs[order], places[order]
        firsts = np.flatnonzero(np.diff(pairs, prepend=0))
        shown = np.stack((pairs[firsts] >> 32, pairs[firsts]), axis=1).astype(np.uint32)
        names = shown.tobytes().decode(_UTF_32, "surrogatepass")
        ranges = zip(firsts.tolist(), [*firsts[1:].tolist(), len(pairs)], strict=False)
        self._ranges: dict[str, tuple[int, int]] = {names[2 * i : 2 * i + 2]: found for i, found in enumerate(ranges)}

    def of(self, pair: str) -> list[int]:
        first, end = self._ranges.get(pair, (0, 0))
        places: list[int] = self._places[first:end].tolist()
        return places

    def count(self, pair: str) -> int:
        first, end = self._ranges.get(pair, (0, 0))
        return end - first


def _shape(text: str) -> str:
    """Digits as one class: `제|2` is known from `제|7`."""
    return _DIGIT.sub("0", text)


def _for_word_wrap(chance: float) -> float:
    """How a wrap that is a space with this chance speaks for a file that wraps between words only."""
    odds = _logit(min(max(chance, 0.02), 0.98)) - _logit(_PRIOR)
    return -math.log(_SPACED_WRAPS + (1 - _SPACED_WRAPS) * math.exp(-odds))


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"
