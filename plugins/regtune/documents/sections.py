"""The parts of a regulation: preamble, body, each 부칙, 별표 and form.

In: the blocks of one regulation, furniture gone. Out: sections in the order in which they begin. A rule that is
printed in an annex stays in it, and a body goes on behind an annex in its middle with the article that comes next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from regtune.documents import attachments, headings
from regtune.documents.blocks import Block
from regtune.documents.headings import Number
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins, mid_sentence
from regtune.documents.tables import Table

Part = Literal["preamble", "body", "addendum", "annex", "form"]


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
            chapter = self._chapter_above() if headings.article(line.text) else None
            self._open(self._body)
            self.current.blocks += [chapter] if chapter else []
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
            if found and not found.cited and headings.follows(self._last, found.number):
                self._last = found.last

    def _chapter_above(self) -> Line | None:
        """`Ⅰ. 총칙` right above the first article, taken from what stands before the rule."""
        before = self.sections[-1].blocks
        last = before[-1] if before else None
        if not isinstance(last, Line):
            return None
        found = headings.roman_group(last.text)
        if found is None or found.number != (1, 0):
            return None
        before.pop()
        return last

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
        return bool(found and found.form != "bare" and not found.cited and headings.follows(self._last, found.number))

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
    found = attachments.attachment(line.text)
    if found is None and (current.part == "addendum" or (current.number or "").startswith("표")):
        found = attachments.captioned_annex(line.text)
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
