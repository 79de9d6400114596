"""Guidelines without 조: their numbered headings (`Ⅰ. 목적`, `1. 총칙`, `1.1 목적`, `1. (목적) 이 지침은 …`).

In: the blocks of a rule in which no 조 was found. Out: its headings with the blocks below each. A heading has a number
that can come next at its level and a title: a short text that is no sentence, or one in brackets. Items of a list
(`다음 각 호`) have such numbers too; they stand below the sentence that leads them in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from regtune.documents import headings
from regtune.documents.blocks import Block
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins

_HEADING = re.compile(
    r"(?:(?P<roman>[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|(?:X|IX|IV|V?I{1,3}|V)(?=\s*\.))\s*\.?"
    r"|(?P<number>\d{1,2}(?:[.-]\d{1,2})+)\s*\.?(?=[\s(])|(?P<first>\d{1,2})\s*\.)\s*(?P<rest>\D.*)"
)
_ROMANS = {roman: i for romans in ("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"))
           for i, roman in enumerate(romans, 1)}  # fmt: skip
_BRACKETED = re.compile(r"[(\[【〔](?P<title>[^()\[\]【】〔〕]{2,30})[)\]】〕]\s*(?P<text>.*)")
_NO_TITLE = re.compile(r"(?:[.,;:]|다|함|음|할 것)$|“")
_LEADS_LIST = re.compile(r"다음(?:의)?\s*(?:각|사항|서류|요건|기준|내용|업무|어느|과|같)|아래와?\s*같|각\s*[호목]")
_LONGEST_TITLE = 30
_FEWEST = 3
"""Headings of a guideline; fewer are the items of a list."""
_LARGEST_JUMP = 2


@dataclass(frozen=True)
class Numbered:
    """A line that could be a heading."""

    number: tuple[int, ...]
    """(1, 2) of `1.2`; of `Ⅱ.` (2,)."""
    level: int
    """0 for Roman numbers, else how many numbers it has."""
    shown: str
    """`1.2`, `Ⅱ`."""
    title: str
    text_follows: bool
    """The rule begins on the heading's line, behind a title in brackets."""

    @property
    def heading(self) -> str:
        """`1. 총칙`, `1.0 총칙`, `1.2 적용범위`, `Ⅱ. 원칙`."""
        return f"{self.shown}{'.' if '.' not in self.shown and len(self.number) == 1 else ''} {self.title}"


@dataclass
class Entry:
    """One heading, those above it, and the blocks below it up to the next one."""

    headings: tuple[Numbered, ...]
    """From the outermost; empty for what stands before the first."""
    blocks: list[Block] = field(default_factory=list)
    opening: Line | None = None
    """The heading's line, where nothing of the rule stands on it."""

    @property
    def number(self) -> str:
        """`1.2`; below a Roman number `Ⅲ-1`."""
        roman, last = self.headings[0], self.headings[-1]
        return f"{roman.shown}-{last.shown}" if roman.level == 0 < last.level else last.shown

    @property
    def path(self) -> tuple[str, ...]:
        """The headings as printed."""
        return tuple(each.heading for each in self.headings)


def outlined(blocks: Sequence[Block], margins: Margins) -> list[Entry]:
    """Cut a rule at its numbered headings; one entry without headings when it has too few."""
    entries = [Entry(())]
    last: dict[int, tuple[int, ...]] = {}
    previous: Line | None = None
    for block in blocks:
        found = numbered(block, margins) if isinstance(block, Line) else None
        led_in = previous is not None and bool(_LEADS_LIST.search(previous.text[-40:]))
        if isinstance(block, Line):
            unfinished = (
                previous is not None and not previous.text.endswith((".", ":")) and margins.runs_on(previous, block)
            )
            led_in = led_in or unfinished
            previous = block
        else:
            previous = None
        if found is None or led_in or not _follows(found, last):
            entries[-1].blocks.append(block)
            continue
        assert isinstance(block, Line)
        last = {level: number for level, number in last.items() if level <= found.level}
        last[found.level] = found.number
        above = tuple(each for each in entries[-1].headings if each.level < found.level)
        entries.append(Entry((*above, found)))
        if found.text_follows:
            entries[-1].blocks.append(block)
        else:
            entries[-1].opening = block
    if len(entries) <= _FEWEST:
        return [Entry((), list(blocks))]
    return entries


def numbered(line: Line, margins: Margins) -> Numbered | None:
    """Read a line as a heading, when what follows its number is a title."""
    match = _HEADING.fullmatch(line.text)
    if match is None:
        return None
    shown = match["roman"] or match["number"] or match["first"]
    number = (_ROMANS[shown],) if match["roman"] else tuple(map(int, re.split("[.-]", shown.removesuffix(".0"))))
    level = 0 if match["roman"] else len(number)
    if found := _BRACKETED.fullmatch(match["rest"]):
        return Numbered(number, level, shown, headings.gathered(found["title"]), bool(found["text"]))
    rest = match["rest"].strip()
    if len(rest) > _LONGEST_TITLE or _NO_TITLE.search(rest) or margins.reaches_edge(line):
        return None
    return Numbered(number, level, shown, headings.gathered(rest), text_follows=False)


def _follows(found: Numbered, last: dict[int, tuple[int, ...]]) -> bool:
    """Whether a number can come next at its level."""
    before = last.get(found.level)
    if found.level > 1 and found.number[:-1] != last.get(found.level - 1):
        return before is not None and found.number[:-1] == before[:-1] and _next(before[-1], found.number[-1])
    if before is None or before[:-1] != found.number[:-1]:
        return found.number[-1] == 1
    return _next(before[-1], found.number[-1])


def _next(before: int, number: int) -> bool:
    return 0 < number - before <= _LARGEST_JUMP
