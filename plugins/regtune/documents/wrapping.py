"""Whether a line's end is a space or the inside of a word.

In: the lines of one file. Out: for two lines that belong together, the string between them. Korean text wraps
between any two syllables, and many files print no blank at the end of a line, so that the page alone does not tell
(`징⏎계` is one word, `하며⏎등기임원은` two). Where a file prints blanks at its line ends they decide; elsewhere
the spacing of the same syllables inside the file's own lines does, by counts backed off from long to short contexts.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from regtune.documents.lines import Line

_TRAILING_SHARE = 0.15
"""Three of ten wraps fall between words; a file that prints half as many blanks there prints them all."""
_WORD_WRAP_MEAN = 0.8
"""A file whose wraps are this likely to be spaces, on average, wraps between words only."""
_PRIOR = 0.27
"""Share of spaces between two Hangul characters of a regulation."""
_WEIGHT = 1.0
"""Pseudo-observations that the next shorter context counts for."""
_REACH = 3
"""Characters of context on each side."""
_PAIRS = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (2, 3), (3, 3))
"""Lengths of the contexts to both sides, from short to long."""
_LIKELIER = 0.5
_CERTAIN = 0.9
"""A file that prints blanks at its line ends still leaves some out where the line is full."""
_EDGE = " "
_OWN_WORD = re.compile(r"(?:여부|경우)|(?:및|또는)(?= )|제\s*\d+\s*[편장절조]")
"""Words that orthography always sets apart, and citations."""
_DIGIT = re.compile(r"\d")
_SPACED_AFTER = frozenset(".,;:")


class Wraps:
    """What one file's own lines say about its wraps."""

    def __init__(self, lines: Sequence[Line], full: Sequence[bool]) -> None:
        """Learn from all lines; `full` tells which of them reach the right margin and so may be wrapped."""
        self._spaced: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        for line in lines:
            self._learn(line.text)
        wrapped = [line for line, reaches in zip(lines, full, strict=True) if reaches]
        blanks = sum(line.ends_blank for line in wrapped)
        self._blanks_printed = blanks > 0 and blanks >= _TRAILING_SHARE * len(wrapped)
        self._word_wrap = False
        if not self._blanks_printed:
            chances = [
                self.chance(left.text, right.text)
                for left, right, reaches in zip(lines, lines[1:], full, strict=False)
                if reaches and _is_hangul(left.text[-1]) and _is_hangul(right.text[0])
            ]
            self._word_wrap = bool(chances) and sum(chances) / len(chances) > _WORD_WRAP_MEAN

    def between(self, left: Line, right: Line) -> str:
        """A space or nothing: what stood between two lines before they were wrapped."""
        before, after = left.text[-1], right.text[0]
        if left.ends_blank or (before in _SPACED_AFTER and (_is_hangul(after) or after in "(“「<")):
            return " "
        if before == "제" and after.isdigit():
            return ""
        if _is_hangul(before) and (_OWN_WORD.match(right.text) or (self._word_wrap and _is_hangul(after))):
            return " "
        least = _CERTAIN if self._blanks_printed else _LIKELIER
        return " " if self.chance(left.text, right.text) > least else ""

    def chance(self, left: str, right: str) -> float:
        """Estimated probability that a space stands between the end of `left` and the start of `right`."""
        before = _shape(_EDGE + left[-_REACH:])[-_REACH:]
        after = _shape(right[:_REACH] + _EDGE)[:_REACH]
        odds = _logit(self._one_sided(before, "<")) + _logit(self._one_sided(after, ">")) - _logit(_PRIOR)
        chance = 1 / (1 + math.exp(-odds))
        for near, far in _PAIRS:
            if near <= len(before) and far <= len(after):
                chance = self._updated(f"{before[-near:]}|{after[:far]}", chance)
        return chance

    def _one_sided(self, context: str, side: str) -> float:
        chance = _PRIOR
        for length in range(1, len(context) + 1):
            chance = self._updated(side + (context[-length:] if side == "<" else context[:length]), chance)
        return min(max(chance, 0.01), 0.99)

    def _updated(self, context: str, chance: float) -> float:
        return (self._spaced[context] + _WEIGHT * chance) / (self._seen[context] + _WEIGHT)

    def _learn(self, text: str) -> None:
        padded = _shape(_EDGE + text + _EDGE)
        for i in range(2, len(padded) - 1):
            if padded[i] == " ":
                continue
            spaced = padded[i - 1] == " "
            end = i - 1 if spaced else i
            before = padded[max(0, end - _REACH) : end]
            after = padded[i : i + _REACH]
            if not before.strip():
                continue
            for context in _contexts(before, after):
                self._seen[context] += 1
                self._spaced[context] += spaced


def _contexts(before: str, after: str) -> Iterable[str]:
    for length in range(1, len(before) + 1):
        yield "<" + before[-length:]
    for length in range(1, len(after) + 1):
        yield ">" + after[:length]
    for near, far in _PAIRS:
        if near <= len(before) and far <= len(after):
            yield f"{before[-near:]}|{after[:far]}"


def _shape(text: str) -> str:
    """Digits as one class: `제|2` is known from `제|7`."""
    return _DIGIT.sub("0", text)


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"
