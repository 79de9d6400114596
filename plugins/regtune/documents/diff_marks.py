"""Which words of two texts differ.

In: a text before and after. Out: both as stretches, those marked that differ in more than spaces, quotation marks and
the other things that do not count (diff_essence.py). Lines are matched first, then the words of lines that differ.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from regtune.documents.diff_essence import essence, without_tags

_WORDS = re.compile(r"\n|[^\S\n]*\S+")
_BREAK, _BAR = re.compile("\n"), re.compile(r"(?<!\\)\|")
_CELLS = re.compile(r"(?<=\|)(?!$)")
_RULING = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


@dataclass(frozen=True)
class Stretch:
    """Some words in a row."""

    text: str
    differs: bool


Stretches = tuple[Stretch, ...]


def mark_words(old: str, new: str) -> tuple[Stretches, Stretches]:
    """Return both texts, revision tags and rulings of tables left out; joined, their stretches are the texts."""
    lines = [_lines(old), _lines(new)]
    before: list[Stretch] = []
    after: list[Stretch] = []
    for tag, i, j, k, m in _matched([essence(line) for line in lines[0]], [essence(line) for line in lines[1]]):
        if tag == "equal":
            before.append(Stretch("".join(lines[0][i:j]), differs=False))
            after.append(Stretch("".join(lines[1][k:m]), differs=False))
            continue
        for one, other in _paired(lines[0][i:j], lines[1][k:m]):
            for marked in _words_marked(one, other):
                before.append(marked[0])
                after.append(marked[1])
    return _joined(before), _joined(after)


def lines_of(stretches: Stretches) -> list[Stretches]:
    """Cut stretches at line breaks, which are left out."""
    return _cut(stretches, _BREAK)


def cells_of(row: Stretches) -> list[Stretches]:
    """Cut the line of a row at its bars, which are left out."""
    return _cut(row, _BAR)[1:-1]


def _cut(stretches: Stretches, at: re.Pattern[str]) -> list[Stretches]:
    parts: list[list[Stretch]] = [[]]
    for stretch in stretches:
        first, *others = at.split(stretch.text)
        parts[-1].append(Stretch(first, differs=stretch.differs))
        parts += ([Stretch(other, differs=stretch.differs)] for other in others)
    return [tuple(stretch for stretch in part if stretch.text) for part in parts]


def unmarked(text: str) -> Stretches:
    """A text of which nothing is marked, in the form of `mark_words`."""
    return _joined([Stretch("".join(_lines(text)), differs=False)])


def _lines(text: str) -> list[str]:
    """Lines that end in a line break, but for the last."""
    kept = [line for line in without_tags(text).split("\n") if not _RULING.fullmatch(line)]
    return [line + "\n" for line in kept[:-1]] + kept[-1:]


def _paired(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """What is compared of two stretches of lines: cell by cell in rows, line by line where they are as many."""
    if len(old) != len(new):
        return [("".join(old), "".join(new))]
    pairs: list[tuple[str, str]] = []
    for lines in zip(old, new, strict=True):
        cells = [_CELLS.split(line) if line.startswith("|") else [line] for line in lines]
        pairs += zip(*cells, strict=True) if len(cells[0]) == len(cells[1]) else [lines]
    return pairs


def _words_marked(old: str, new: str) -> list[tuple[Stretch, Stretch]]:
    words = [_WORDS.findall(old), _WORDS.findall(new)]
    marked: list[tuple[Stretch, Stretch]] = []
    for tag, i, j, k, m in _matched([essence(word) for word in words[0]], [essence(word) for word in words[1]]):
        one, other = "".join(words[0][i:j]), "".join(words[1][k:m])
        differs = tag != "equal" and essence(one) != essence(other)
        marked.append((Stretch(one, differs=differs), Stretch(other, differs=differs)))
    return marked


def _matched(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new).get_opcodes()


def _joined(stretches: Sequence[Stretch]) -> Stretches:
    groups = itertools.groupby((s for s in stretches if s.text), key=lambda stretch: stretch.differs)
    return tuple(Stretch("".join(s.text for s in group), differs=differs) for differs, group in groups)
