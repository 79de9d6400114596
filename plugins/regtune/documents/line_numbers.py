"""Line numbers in the margin, as reviewers' copies of a rule have them.

In: the runs of one page after the other. Out: the runs without line numbers, which are counted. Numbers that count up
line by line (or in fives) in a strip that holds nothing else, left or right of all the text, are line numbers.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regtune.documents.characters import Run
from regtune.documents.lines import rows_of

_NUMBER = re.compile(r"\s*(\d{1,4})\s*")
_AT_START, _AT_END = re.compile(r"\s*(\d{1,4})(?=\D)"), re.compile(r"(?<=\D)(\d{1,4})\s*$")
_FEWEST = 6
"""Numbers of the first page that has them."""
_GAP_EM = 0.6
"""Between the numbers and the text."""
_STRIP_EM = 2.5
"""The widest strip: four digits and what a narrow one leaves."""
_STEPS = (1, 2, 5, 10)
_RESTARTS = 3
"""Heads, footnotes and feet are numbered apart from the text; so often may a page's count begin anew."""
_EDGE = 3.0
"""Points by which the strip may differ from page to page."""


@dataclass(frozen=True)
class _Found:
    """A number at one end of a row."""

    value: int
    run: Run
    first: int
    last: int
    """Half-open range of its characters in the run."""

    @property
    def left(self) -> float:
        return self.run.starts[self.first]

    @property
    def right(self) -> float:
        return self.run.ends[self.last - 1]


class LineNumbers:
    """Takes line numbers out of one page after the other; a strip once found is looked for on the next pages too."""

    def __init__(self) -> None:
        """Begin a file."""
        self._strip: tuple[bool, float] | None = None
        """Whether on the right, and the edge that faces the text."""

    def without(self, runs: Sequence[Run], dropped: Counter[str]) -> Sequence[Run]:
        """The runs that are no line numbers; `dropped` counts the others as `line_number`."""
        printed = [run for run in runs if not run.text.isspace()]
        sides = _numbered_sides(printed)
        rows = rows_of(printed) if sides else []
        for on_right in sides:
            found = _outermost(list(_at_ends(rows, on_right=on_right)), on_right=on_right)
            if self._are_numbers(found, rows, on_right=on_right):
                dropped["line_number"] += sum(each.last - each.first for each in found)
                taken = {id(each.run): each for each in found}
                return [part for run in runs for part in _without(run, taken.get(id(run)))]
        return runs

    def _are_numbers(self, found: Sequence[_Found], rows: Sequence[Sequence[Run]], *, on_right: bool) -> bool:
        if not found:
            return False
        values = [each.value for each in found]
        steps = Counter(after - before for before, after in itertools.pairwise(values))
        step, often = max(steps.items(), key=lambda counted: counted[1], default=(0, 0))
        edge = min(each.left for each in found) if on_right else max(each.right for each in found)
        known = self._strip is not None and self._strip[0] == on_right and abs(self._strip[1] - edge) <= _EDGE
        if not known and (often < _FEWEST - 1 or step not in _STEPS or steps.total() - often > _RESTARTS):
            return False
        if not known and step == 1 and len(found) < len(rows) / 2:
            return False
        numbers = {id(each.run): each for each in found}
        size = found[0].run.size
        for run in (rest for row in rows for part in row for rest in _without(part, numbers.get(id(part)))):
            printed = [i for i, character in enumerate(run.text) if character != " "]
            near = _GAP_EM * size
            if on_right and printed and run.ends[printed[-1]] > edge - near:
                return False
            if not on_right and printed and run.starts[printed[0]] < edge + near:
                return False
        self._strip = (on_right, edge)
        return True


def _numbered_sides(runs: Sequence[Run]) -> list[bool]:
    """The sides (False left, True right) on which the outermost run of a page shows a digit."""
    if not runs:
        return []
    outermost = min(runs, key=lambda run: run.starts[0]), max(runs, key=lambda run: run.ends[-1])
    shown = outermost[0].text.lstrip()[0], outermost[1].text.rstrip()[-1]
    return [bool(side) for side, character in enumerate(shown) if character.isdigit()]


def _at_ends(rows: Sequence[Sequence[Run]], *, on_right: bool) -> Iterator[_Found]:
    """The number at one end of each row, where a gap parts it from the text."""
    for row in rows:
        run = row[-1] if on_right else row[0]
        match = _NUMBER.fullmatch(run.text) or (_AT_END.search(run.text) if on_right else _AT_START.match(run.text))
        if match is None:
            continue
        first, last = match.span(1)
        beside = [run.starts[first] - run.ends[i] for i in range(first) if run.text[i] != " "]
        beside += [run.starts[i] - run.ends[last - 1] for i in range(last, len(run.text)) if run.text[i] != " "]
        if not beside or min(beside) > _GAP_EM * run.size:
            yield _Found(int(match[1]), run, first, last)


def _outermost(found: Sequence[_Found], *, on_right: bool) -> list[_Found]:
    """Those that one strip holds: the mark of a footnote may stand alone on its baseline, amid the text."""
    if not found:
        return []
    edge = max(each.right for each in found) if on_right else min(each.left for each in found)
    return [
        each
        for each in found
        if (edge - each.right if on_right else each.left - edge) < _STRIP_EM * max(each.run.size for each in found)
    ]


def _without(run: Run, number: _Found | None) -> list[Run]:
    if number is None:
        return [run]
    rest = [*range(number.first), *range(number.last, len(run.text))]
    return [run.part(rest)] if any(run.text[i] != " " for i in rest) else []
