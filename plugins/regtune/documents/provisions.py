"""Sections and articles to Provision records, and the count of where every character went.

In: the sections of one regulation. Out: provisions in document order, with warnings and figures for parse_report.json.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from regtune.contracts import Provision
from regtune.documents import attachments, headings
from regtune.documents.blocks import Block
from regtune.documents.bundles import title_of
from regtune.documents.headings import Article
from regtune.documents.lines import Line
from regtune.documents.notices import Warned, warned
from regtune.documents.outline import outlined
from regtune.documents.revision_tags import take_tags
from regtune.documents.sections import Part, Section
from regtune.documents.sequence import Unit, cut_articles
from regtune.documents.texts import Composed, Layout, compose, printed

_DELETED_TEXT = re.compile(r"삭\s*제\s*\.?(?:\s*[\[(].*)?", re.DOTALL)
_IN_FORCE = re.compile(r"\[\s*시행일[^\]]*\]")
_LONGEST_TITLE = 50


@dataclass
class Found:
    """What one regulation holds."""

    provisions: list[Provision] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    kept: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    """Articles, chapters and so on, by name."""


def build_provisions(sections: list[Section], layout: Layout, regulation_id: str, title: str) -> Found:
    """Make the records of one regulation.

    Args:
        sections: of the regulation; emptied on the way.
        layout: margins and wraps of the file.
        regulation_id: for every record.
        title: the regulation's.
    """
    builder = _Builder(layout, regulation_id, title)
    without_articles = not any(section.part == "body" for section in sections)
    while sections:
        section = sections.pop(0)
        if section.part == "preamble" and without_articles:
            builder.add_outline(section)
        elif section.part in ("body", "addendum"):
            builder.add_articles(section)
        else:
            builder.add_whole(section)
    return builder.found


def read_title(sections: Sequence[Section]) -> str:
    """The largest line of the preamble that ends as titles do, else its largest line, else an empty string."""
    lines = [
        line
        for section in sections
        if section.part == "preamble"
        for line in section.blocks
        if isinstance(line, Line) and line.characters <= _LONGEST_TITLE
    ]
    titled = [line for line in lines if title_of(line) is not None]
    chosen = max(titled or lines, key=lambda line: (round(line.size, 1), -line.page, -line.y), default=None)
    return headings.gathered(title_of(chosen) or take_tags(chosen.text)[0]) if chosen else ""


class _Builder:
    """Appends the provisions of one regulation to a Found."""

    def __init__(self, layout: Layout, regulation_id: str, title: str) -> None:
        self._layout = layout
        self._regulation_id = regulation_id
        self._title = title
        self.found = Found()
        self._tags: tuple[str, ...] = ()
        """Of what holds nothing else, as `<본장신설 2019. 12. 20.>` below a heading; the next provision gets them."""

    def add_articles(self, section: Section) -> None:
        """Add the articles of the body or of a 부칙, and what stands before them."""
        base = (section.heading,) if section.heading else ()
        if section.heading_line is not None:
            self.found.moved["heading"] += section.heading_line.characters
            self.found.counts["addenda"] += 1
        previous: Article | None = None
        units = cut_articles(section, self._layout.margins)[::-1]
        section.blocks = []
        while units:
            unit = units.pop()
            if unit.opening:
                level = unit.groups[-1].level
                self.found.counts["chapters" if level == "장" else "parts" if level == "편" else "sections"] += 1
                self.found.moved["heading"] += sum(line.characters for line in unit.opening)
            path = (*base, *(group.heading for group in unit.groups))
            if unit.article is None:
                composed = self._composed(unit.blocks)
                self._append(section.part, composed, composed.text, None, None, path, deleted=False)
                continue
            self._add_article(section.part, path, unit)
            self._warn_about_number(section.part, previous, unit)
            previous = unit.article

    def _add_article(self, part: Part, path: tuple[str, ...], unit: Unit) -> None:
        assert unit.article is not None
        composed = self._composed(unit.blocks)
        text = composed.text
        heading = headings.article(text)
        if heading is None or heading.number != unit.article.number:
            heading = unit.article
        shown = headings.article_text(heading.number)
        shown += f"({heading.title})" if heading.title is not None else ""
        content = heading.rest.strip()
        if heading.number == heading.last:
            text = shown + ("\n" if heading.rest.lstrip(" ").startswith("\n") else " ") + content
        deleted = heading.form == "deleted" and bool(_DELETED_TEXT.fullmatch(content.strip("【】()[]<>〈〉- ")))
        self.found.counts["articles" if part == "body" else "addendum_articles"] += 1
        self.found.counts["deleted"] += deleted and part == "body"
        number = headings.number_text(heading.number)
        shown = self._told_apart(part, number, shown, composed.tags)
        self._append(part, composed, text.strip(), number, heading.title, (*path, shown), deleted=deleted)

    def _told_apart(self, part: Part, number: str, shown: str, tags: tuple[str, ...]) -> str:
        """The heading of an article, with its 시행일 when both the old and the new version are printed."""
        before = self.found.provisions[-1] if self.found.provisions else None
        if before is None or (before.part, before.kind, before.number) != (part, "article", number):
            return shown
        if own := _in_force_from(tags):
            return f"{shown} {own}"
        if others := _in_force_from(before.revision_tags):
            path = (*before.path[:-1], f"{before.path[-1]} {others}")
            self.found.provisions[-1] = before.model_copy(update={"path": path})
        return shown

    def add_whole(self, section: Section) -> None:
        """Add a preamble, a 별표 or a form as one record."""
        self.found.removed["repeated_title"] += sum(line.characters for line in section.repeated)
        composed = self._composed(section.blocks, form=section.part == "form")
        text = composed.text
        if section.part == "preamble":
            self._append(section.part, composed, text, None, None, (), deleted=False)
            return
        self.found.counts["annexes" if section.part == "annex" else "forms"] += 1
        first, _, rest = text.partition("\n")
        mark = attachments.attachment(first) or attachments.captioned_annex(first)
        title = headings.gathered(mark.rest) if mark else ""
        heading = first
        if not title:
            title = _title_below(rest)
            heading = f"{first} {title}".strip()
        self._append(section.part, composed, text, section.number, title or None, (heading,), deleted=False)

    def add_outline(self, section: Section) -> None:
        """Add a rule without any 조 by its numbered headings, or as one record where it has none."""
        entries = outlined(section.blocks, self._layout.margins)
        if len(entries) == 1:
            self.found.warnings.append(warned("no_article", None))
        for entry, after in itertools.zip_longest(entries, entries[1:]):
            composed = self._composed(entry.blocks)
            text = composed.text
            if not entry.headings:
                part: Part = "preamble" if after else "body"
                self._append(part, composed, text, None, None, (), deleted=False)
                continue
            self.found.counts["numbered_headings"] += 1
            last, opening = entry.headings[-1], entry.opening
            if opening is not None:
                above = not text and after is not None and last in after.headings
                if above:
                    self.found.moved["heading"] += opening.characters
                else:
                    self.found.kept += opening.characters
                text = "" if above else f"{last.heading}\n{text}".strip()
            self._append(
                "body",
                composed,
                text,
                entry.number,
                last.title,
                entry.path,
                deleted=False,
                kind="other",
                opening=opening,
            )

    def _composed(self, blocks: Sequence[Block], *, form: bool = False) -> Composed:
        """Text and tags of these blocks; counts what was kept, moved and removed."""
        composed = compose(blocks, self._layout, form=form)
        self.found.removed["repeated_table_head"] += composed.repeated
        self.found.moved["revision_tag"] += composed.moved
        self.found.kept += composed.kept
        return composed

    def _append(  # noqa: PLR0913 - the fields of a Provision
        self,
        part: Part,
        composed: Composed,
        text: str,
        number: str | None,
        title: str | None,
        path: tuple[str, ...],
        *,
        deleted: bool,
        kind: Literal["article", "other"] | None = None,
        opening: Line | None = None,
    ) -> None:
        """Add a record with this text, which is the composed one with its heading as it is cited."""
        if not text:
            self._tags += composed.tags
            return
        longer = printed(text) - printed(composed.text) if composed.page_starts else 0
        pages = [*composed.pages, *([opening.page] if opening else [])]
        self.found.provisions.append(
            Provision(
                regulation_id=self._regulation_id,
                regulation_title=self._title,
                part=part,
                kind=kind or ("other" if number is None or part in ("annex", "form") else "article"),
                number=number,
                title=title,
                path=path,
                text=text,
                revision_tags=(*self._tags, *composed.tags),
                page_first=min(pages),
                page_last=max(pages),
                page_starts=tuple((page, max(0, length + longer)) for page, length in composed.page_starts),
                deleted=deleted,
            )
        )
        self._tags = ()

    def _warn_about_number(self, part: Part, previous: Article | None, unit: Unit) -> None:
        assert unit.article is not None
        if part != "body":
            return
        page, shown = unit.blocks[0].page, headings.article_text(unit.article.number)
        if previous is None:
            if unit.article.number != (1, 0):
                self.found.warnings.append(warned("first_article", page, article=shown))
        elif previous.last == unit.article.number:
            self.found.warnings.append(warned("duplicate_article", page, article=shown))
        elif not headings.follows(previous.last, unit.article.number):
            before = headings.article_text(previous.last)
            self.found.warnings.append(warned("article_gap", page, before=before, article=shown))


def _in_force_from(tags: Sequence[str]) -> str | None:
    return next((match[0] for tag in tags if (match := _IN_FORCE.match(tag))), None)


def _title_below(rest: str) -> str:
    """The line under `[별표 1]`, when it is a title and not a row, a remark or a sentence."""
    line = rest.split("\n", 1)[0].strip()
    if not line or len(line) > _LONGEST_TITLE or line.startswith(("|", "(", "①", "1.")) or line.endswith("다."):
        return ""
    return headings.gathered(line)
