"""Whether a line's end is a space or the inside of a word.

In: the lines of one file. Out: for two lines that belong together, the string between them. Korean text wraps
between any two syllables, and many files print no blank at the end of a line, so that the page alone does not tell
(`징⏎계` is one word, `하며⏎등기임원은` two). Where a file prints blanks at its line ends they decide; elsewhere
the spacing of the same syllables inside the file's own lines does, by counts backed off from long to short contexts.
"""

import bisect
import math
import re
from collections.abc import Iterator, Sequence

from regtune.documents.lines import Line

_TRAILING_SHARE = 0.15
"""Three of ten wraps fall between words; a file that prints half as many blanks there prints them all."""
_WORD_WRAP = 1.0
"""Log likelihood ratio from which on a file wraps between words only: each wrap is a space, not three of ten. Real
files that wrap inside words come to -10 and less, those that do not to 3 and more."""
_NO_WORD_WRAP = -9.0
"""As likely to be wrong as one file in eight thousand (Wald's test)."""
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
_LONG_PAIRS, _SHORT_PAIRS = ((3, 3), (2, 3), (3, 2), (2, 2)), ((1, 2), (2, 1), (1, 1))
"""Lengths of the contexts to both sides, from long to short."""
_LIKELIER = 0.5
_CERTAIN = 0.9
"""A file that prints blanks at its line ends still leaves some out where the line is full."""
_GRAM, _BITS = 4, 16
"""Characters of the strings that are counted beforehand, and the size of one: together a machine word."""
_EDGE = " "
_OWN_WORD = re.compile(r"(?:여부|경우)|(?:및|또는)(?= )|제\s*\d+\s*[편장절조]")
"""Words that orthography always sets apart, and citations."""
_ABILITY = re.compile(r"수 (?:있|없)")
"""`할 수 있다`: a word of its own after a syllable that ends in ㄹ."""
_FINAL_L = 8
"""Of the 28 finals of a Hangul syllable."""
_ENDED = re.compile(r"(?:에게|에서|부터|까지|으로|에는|하여|하며|하고|되어|있어서|또는|따라|모든)$")
_ENDED_PRIOR = 0.9
_DIGIT, _BEYOND = re.compile(r"\d"), re.compile("[\U00010000-\U0010ffff]")
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
            if told + left * most <= _WORD_WRAP or told <= _NO_WORD_WRAP:
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
        for seen, spaced in self._index.meetings(before, after):
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
    """How often a string of characters stands in the texts of a file: all strings of four of them, sorted."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index texts that hold no line break."""
        import numpy as np

        self._text = _shape("".join([f"\n{_EDGE}{text}{_EDGE}" for text in texts]) + "\n")
        padded = self._text + "\0" * (_GRAM - 1)
        units = np.frombuffer(padded.encode("utf-16-le", "surrogatepass"), "<u2")
        grams = np.zeros(len(units) - _GRAM + 1, np.uint64)
        for place in range(_GRAM):
            grams = grams << np.uint64(_BITS) | units[place : place + len(grams)]
        order = np.argsort(grams)
        self._grams, self._places = grams[order].data, order.astype(np.uint32).data
        self._counted: dict[str, int] = {}

    def meetings(self, before: str, after: str) -> Iterator[tuple[int, int]]:
        """How often two contexts meet, and how often over a space: whole, then ever shorter parts of them.

        Long parts that never meet are passed over.
        """
        joined, spaced = self._met(before, "", after), self._met(before, " ", after)
        for near, far in _LONG_PAIRS if joined or spaced else ():
            if near <= len(before) and far <= len(after):
                apart = _counted(spaced, near, far)
                yield _counted(joined, near, far) + apart, apart
        for near, far in _SHORT_PAIRS:
            apart = self._count(f"{before[-near:]} {after[:far]}")
            yield self._count(before[-near:] + after[:far]) + apart, apart

    def _met(self, before: str, between: str, after: str) -> list[tuple[bool, bool]]:
        """For each place where two characters of each context meet, whether their third ones stand there too."""
        core = before[-2:] + between + after[:2]
        text, further, last = self._text, len(core), after[2:]
        return [
            (text.startswith(before[:-2], place - 1), text.startswith(last, place + further))
            for place in self._places_of(core)
        ]

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
        if len(wanted) > _GRAM:
            return len(self._places_of(wanted))
        first, end = self._range(wanted)
        return end - first

    def _places_of(self, wanted: str) -> Sequence[int]:
        first, end = self._range(wanted[:_GRAM])
        places = self._places[first:end]
        if len(wanted) <= _GRAM:
            return places
        begins = self._text.startswith
        return [place for place in places if begins(wanted, place)]

    def _range(self, wanted: str) -> tuple[int, int]:
        """The first of the sorted strings that begin with up to four characters, and the one behind the last."""
        first, rest = 0, _BITS * (_GRAM - len(wanted))
        for character in wanted:
            first = first << _BITS | ord(character)
        low = bisect.bisect_left(self._grams, first << rest)
        return low, bisect.bisect_left(self._grams, (first + 1) << rest, low)


def _counted(met: Sequence[tuple[bool, bool]], near: int, far: int) -> int:
    """How many of these meetings hold so many characters of each context, two at least."""
    return sum([(near == 2 or left) and (far == 2 or right) for left, right in met])  # noqa: PLR2004


def _shape(text: str) -> str:
    """Digits as one class, `제|2` is known from `제|7`, and so the few characters (hanja) that 16 bits do not hold."""
    return _BEYOND.sub("\ufffd", _DIGIT.sub("0", text))


def _for_word_wrap(chance: float) -> float:
    """How a wrap that is a space with this chance speaks for a file that wraps between words only."""
    odds = _logit(min(max(chance, 0.02), 0.98)) - _logit(_PRIOR)
    return -math.log(_SPACED_WRAPS + (1 - _SPACED_WRAPS) * math.exp(-odds))


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"
