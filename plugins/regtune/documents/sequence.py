"""Which candidates are headings: the ones whose numbers can follow one another.

In: the lines and tables of one file, furniture gone. Out: the file cut into sections (preamble, body, each 부칙, 별표
and 서식) and, in the body and the 부칙, into articles under their 편·장·절·관. A wrapped citation has the form of a
heading but seldom a number that can come next; where it does, the unfinished sentence before it tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from regtune.documents import headings
from regtune.documents.blocks import Block
from regtune.documents.headings import LEVELS, Article, Group, Level, Number
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins, mid_sentence
from regtune.documents.tables import Table

Part = Literal["preamble", "body", "addendum", "annex", "form"]

_FORM_SCORE = {"titled": 3.0, "deleted": 3.0, "bare": 1.0}
_CITED_PENALTY = 4.0
_UNFINISHED_PENALTY = 2.5
_JUMP_PENALTY = 1.0
_JUMP_STEP = 0.3
_LONGEST_JUMP_PENALTY = 4.0
_SAME_NUMBER_PENALTY = 2.0
_ODD_BRANCH_PENALTY = 1.0
_LARGEST_GROUP_JUMP = 3
_LONGEST_TITLE = 30


@dataclass
class Section:
    """One part of a file."""

    part: Part
    heading: str | None
    """`부칙 <2024. 1. 1.>`; None for preamble and body, and for attachments, whose first line it is."""
    number: str | None
    blocks: list[Block] = field(default_factory=list)
    repeated: list[Line] = field(default_factory=list)
    """Its title, printed again on the next pages."""
    heading_line: Line | None = None


@dataclass
class Unit:
    """One article with its groups, or what stands before the first."""

    article: Article | None
    groups: tuple[Group, ...]
    blocks: list[Block] = field(default_factory=list)
    opening: list[Line] = field(default_factory=list)
    """The heading of the innermost group, when the unit opens it."""


def cut_sections(blocks: Sequence[Block], margins: Margins) -> list[Section]:
    """Cut one regulation into its parts, in the order in which they begin."""
    cutter = _Cutter()
    previous: Line | None = None
    for block in blocks:
        if isinstance(block, Table):
            cutter.current.blocks.append(block)
            previous = None
            continue
        unfinished = previous is not None and mid_sentence(previous.text) and margins.runs_on(previous, block)
        previous = block
        cutter.take(block, unfinished=unfinished)
    return [section for section in cutter.sections if section.blocks or section.heading_line]


class _Cutter:
    """The sections so far, the one that holds at this place, and what can come next."""

    def __init__(self) -> None:
        self.current = Section("preamble", None, None)
        self.sections = [self.current]
        self._body: Section | None = None
        self._last: Number = (0, 0)
        """Of the body's articles."""
        self._nested = False
        """Inside a rule that is printed in an annex."""

    def take(self, line: Line, *, unfinished: bool) -> None:
        """Append a line to the section that it opens or belongs to."""
        current = self.current
        if self._body is None and current.part != "addendum" and not unfinished and opens_body(line.text):
            self._body = _body_after(self.sections)
            self._open(self._body)
        elif current.part in ("annex", "form") and opens_body(line.text):
            self._nested = True
        elif self._body is not None and not unfinished and self._resumes_body(line):
            self.current = self._body
        else:
            opened = None if unfinished else self._opened(line)
            if opened is current:
                current.repeated.append(line)
                return
            if opened is not None:
                self._open(opened)
                return
        self.current.blocks.append(line)
        if self.current is self._body and not unfinished:
            found = headings.article(line.text)
            if found and not found.cited and follows(self._last, found.number):
                self._last = found.last

    def _open(self, section: Section) -> None:
        self._nested = False
        self.current = section
        self.sections.append(section)

    def _resumes_body(self, line: Line) -> bool:
        """Whether the body goes on after an annex that is printed in its middle: with the article that comes next."""
        if self._nested or self.current.part not in ("annex", "form"):
            return False
        if any(section.part == "addendum" for section in self.sections):
            return False
        found = headings.article(line.text)
        return bool(found and found.form != "bare" and not found.cited and follows(self._last, found.number))

    def _opened(self, line: Line) -> Section | None:
        seen = {(section.part, section.number) for section in self.sections} if self._nested else set()
        return _opened(line, self.current, seen, nested=self._nested)


def opens_body(text: str) -> bool:
    """Whether a line can be the first of a rule: 제1편, 제1장 or 제1조."""
    found = headings.group(text)
    if found and found.number == (1, 0) and found.level in ("편", "장"):
        return True
    first = headings.article(text)
    return bool(first and first.number == (1, 0) and not first.cited)


def _body_after(sections: list[Section]) -> Section:
    """A new body; when annexes stand before the rule, its title above on the page is a preamble of its own."""
    last = sections[-1]
    pages = {block.page for block in last.blocks}
    if last.part in ("annex", "form") and len(pages) > 1:
        final = max(pages)
        title = [block for block in last.blocks if block.page == final]
        last.blocks = [block for block in last.blocks if block.page != final]
        sections.append(Section("preamble", None, None, title))
    return Section("body", None, None)


def _opened(line: Line, current: Section, seen: set[tuple[Part, str | None]], *, nested: bool) -> Section | None:
    """The section that a line opens, `current` itself when it repeats its title, or None.

    A rule nested in an annex keeps its own 부칙, and its own annexes as far as their numbers were `seen`.
    """
    heading = headings.addendum(line.text)
    if heading is not None:
        return None if nested else Section("addendum", heading, None, heading_line=line)
    found = headings.attachment(line.text)
    if found is None and (current.part == "addendum" or (current.number or "").startswith("표")):
        found = headings.captioned_annex(line.text)
    if found is None or (not found.bracketed and current.part == "preamble"):
        return None
    if current.part == found.part and current.number == found.number and current.heading_line is not None:
        same_page = any(block.page == line.page for block in (*current.blocks, current.heading_line))
        return None if same_page else current
    if (found.part, found.number) in seen or (nested and _earlier(found.number, current.number)):
        return None
    if not found.bracketed and (found.number is None or len(line.text) > 40):  # noqa: PLR2004 - a sentence
        return None
    return Section(found.part, None, found.number, [line], heading_line=line)


def _earlier(number: str | None, current: str | None) -> bool:
    """Whether an annex cannot follow the one that holds a rule, and so is that rule's own: `1` inside `3`."""
    if number is None or current is None or not (number.isdigit() and current.isdigit()):
        return False
    return int(number) <= int(current)


def cut_articles(section: Section, margins: Margins) -> list[Unit]:
    """Cut the body or a 부칙 into articles; the first unit is what stands before the first article."""
    lines = [(i, block) for i, block in enumerate(section.blocks) if isinstance(block, Line)]
    chosen = _choose_articles(_candidates(section.blocks, lines, margins))
    units = [Unit(None, ())]
    groups = _Groups()
    previous: Line | None = None
    for i, block in enumerate(section.blocks):
        if isinstance(block, Line) and section.part == "body":
            unfinished = previous is not None and mid_sentence(previous.text) and margins.runs_on(previous, block)
            previous = block
            if not unfinished and groups.opens(block):
                units.append(Unit(None, groups.current, opening=[block]))
                continue
            if units[-1].opening and not units[-1].blocks and groups.continues(block):
                units[-1].groups = groups.current
                units[-1].opening.append(block)
                continue
        if i in chosen:
            units.append(Unit(chosen[i], groups.current))
        units[-1].blocks.append(block)
    return units


class _Groups:
    """The 편, 장, 절 and 관 that hold at a place, and the numbers that can come next."""

    def __init__(self) -> None:
        self.current: tuple[Group, ...] = ()
        self._last: dict[Level, Number] = {}

    def opens(self, line: Line) -> bool:
        """Take a line as the heading of a group, when its number can come next."""
        found = headings.group(line.text)
        if found is None or not self._follows(found):
            return False
        depth = LEVELS.index(found.level)
        self.current = (*(group for group in self.current if LEVELS.index(group.level) < depth), found)
        self._last[found.level] = found.number
        for deeper in LEVELS[max(depth, LEVELS.index("장")) + 1 :]:  # 장 count on over 편; 절 begin anew in each 장
            self._last.pop(deeper, None)
        return True

    def continues(self, line: Line) -> bool:
        """Take the line after `제1장` as its title, when that stood alone."""
        last = self.current[-1]
        if last.title or len(line.text) > _LONGEST_TITLE or headings.article(line.text) or headings.group(line.text):
            return False
        self.current = (*self.current[:-1], Group(last.level, last.number, headings.gathered(line.text)))
        return True

    def _follows(self, found: Group) -> bool:
        last = self._last.get(found.level)
        main, branch = found.number
        if last is None or (found.level == "장" and found.number == (1, 0) and self._has_parts()):
            return main <= 1 + _LARGEST_GROUP_JUMP
        if main == last[0]:
            return 0 < branch - last[1] <= 2  # noqa: PLR2004 - 의2 follows the number itself
        return branch == 0 and 0 < main - last[0] <= _LARGEST_GROUP_JUMP

    def _has_parts(self) -> bool:
        return any(group.level == "편" for group in self.current)


@dataclass(frozen=True)
class _Candidate:
    index: int
    article: Article
    score: float


def _candidates(blocks: Sequence[Block], lines: Sequence[tuple[int, Line]], margins: Margins) -> list[_Candidate]:
    candidates: list[_Candidate] = []
    for position, (i, line) in enumerate(lines):
        found = headings.article(line.text)
        if found and found.title is None and found.form == "bare" and found.rest.strip()[:1] in tuple("([【〔（"):
            following = "".join(" " + later.text for _, later in lines[position + 1 : position + 3])
            found = headings.article(line.text + following) or found  # a title wrapped inside its bracket
        if found is None:
            continue
        score = _FORM_SCORE[found.form] - _CITED_PENALTY * found.cited
        before = blocks[i - 1] if i else None
        if isinstance(before, Line) and mid_sentence(before.text) and margins.runs_on(before, line):
            score -= _UNFINISHED_PENALTY * (2 if found.form == "bare" else 1)
        if score > -1:
            candidates.append(_Candidate(i, found, score))
    return candidates


def _choose_articles(candidates: Sequence[_Candidate]) -> dict[int, Article]:
    """The chain of candidates with the best score: form and place of each, less what its jump in number costs."""
    best: list[tuple[float, int | None]] = []
    for i, candidate in enumerate(candidates):
        start = candidate.score - min(_LONGEST_JUMP_PENALTY, 0.5 * (candidate.article.number[0] - 1))
        reached: tuple[float, int | None] = (start, None)
        for j in range(i):
            if best[j][0] + candidate.score <= reached[0]:
                continue
            cost = _jump_cost(candidates[j].article, candidate.article)
            if cost is not None and best[j][0] + candidate.score - cost > reached[0]:
                reached = (best[j][0] + candidate.score - cost, j)
        best.append(reached)
    chain: dict[int, Article] = {}
    at = max(range(len(best)), key=lambda i: (best[i][0], -i), default=None)
    if at is None or best[at][0] <= 0:
        return {}
    while at is not None:
        chain[candidates[at].index] = candidates[at].article
        at = best[at][1]
    return chain


def _jump_cost(before: Article, after: Article) -> float | None:
    """What it costs that one article follows another; None when it cannot."""
    last, number = before.last, after.number
    if number == last:
        same = before.title == after.title and "bare" not in (before.form, after.form)
        return _SAME_NUMBER_PENALTY if same else None
    if number < last:
        return None
    if follows(last, number):
        return 0.0
    if number[1]:
        return _ODD_BRANCH_PENALTY * (1 + min(3, number[0] - last[0]))
    return min(_LONGEST_JUMP_PENALTY, _JUMP_PENALTY + _JUMP_STEP * (number[0] - last[0] - 1))


def follows(last: Number, number: Number) -> bool:
    """Whether an article's number is one that can come right after another: 16 or 15의2 after 15, 15의3 after 15의2."""
    if number[1] == 0:
        return number[0] == last[0] + 1
    return number[0] == last[0] and number[1] in ((1, 2) if last[1] == 0 else (last[1] + 1,))
