"""Which candidates are headings: the ones whose numbers can follow one another.

In: one section. Out: in the body and the 부칙, its articles under their 편·장·절·관. A wrapped citation has the form of
a heading but seldom a number that can come next; where it does, the unfinished sentence before it tells.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from regtune.documents import headings
from regtune.documents.blocks import Block
from regtune.documents.headings import LEVELS, Article, Group, Level, Number
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins, mid_sentence
from regtune.documents.sections import Section

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
class Unit:
    """One article with its groups, or what stands before the first."""

    article: Article | None
    groups: tuple[Group, ...]
    blocks: list[Block] = field(default_factory=list)
    opening: list[Line] = field(default_factory=list)
    """The heading of the innermost group, when the unit opens it."""


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
            if not unfinished and groups.opens(headings.group(block.text) or _chapter_above(section.blocks, i, chosen)):
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


def _chapter_above(blocks: Sequence[Block], i: int, chosen: Container[int]) -> Group | None:
    """`Ⅱ. 근무` right above an article."""
    block = blocks[i]
    return headings.roman_group(block.text) if i + 1 in chosen and isinstance(block, Line) else None


class _Groups:
    """The 편, 장, 절 and 관 that hold at a place, and the numbers that can come next."""

    def __init__(self) -> None:
        self.current: tuple[Group, ...] = ()
        self._last: dict[Level, Number] = {}

    def opens(self, found: Group | None) -> bool:
        """Take the heading of a group, when its number can come next."""
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
    peaks: list[float] = []
    """The best score up to each place."""
    for i, candidate in enumerate(candidates):
        start = candidate.score - min(_LONGEST_JUMP_PENALTY, 0.5 * (candidate.article.number[0] - 1))
        reached: tuple[float, int | None] = (start, None)
        for j in range(i - 1, -1, -1):
            if peaks[j] + candidate.score < reached[0]:
                break  # nothing before it can do as well
            cost = _jump_cost(candidates[j].article, candidate.article)
            score = best[j][0] + candidate.score - (cost or 0.0)
            if cost is not None and (score > reached[0] or (score == reached[0] and reached[1] is not None)):
                reached = (score, j)
        best.append(reached)
        peaks.append(max(reached[0], peaks[-1]) if peaks else reached[0])
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
    if headings.follows(last, number):
        return 0.0
    if number[1]:
        return _ODD_BRANCH_PENALTY * (1 + min(3, number[0] - last[0]))
    return min(_LONGEST_JUMP_PENALTY, _JUMP_PENALTY + _JUMP_STEP * (number[0] - last[0] - 1))
