"""The text sources: whole regulations, and the revisions that change them.

In: `<regulation_id>-<effective date>.txt` beside this file. Out: every revision as a whole text.

A source is made of lines:

    @title @code @department @history   front matter; @history of a revision is added to the older ones
    ## 제1장 …   ### 제1절 …             chapter, section; ## also opens a 부칙, a [별표 …] and a [별지 …]
    제1조(목적) …   ① …   1. …   가. …   article, 항, 호, 목: one line, one paragraph
    @center …   @right …                a line so aligned
    @table widths=20,80 header=1        a table follows, widths in percent; in a row ` | ` parts cells,
                                        `^` joins the cell above, `<` the one to the left, `//` breaks a line
    @replace KEY   @after KEY           in a revision: what follows takes the place of, or comes after, the
                                        part named KEY: `제26조`, `[별표 1]`, or a whole heading
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

SOURCES = Path(__file__).resolve().parent

SOURCE_NAME = re.compile(r"(?P<regulation_id>[a-z-]+)-(?P<date>\d{4}-\d{2}-\d{2})\.txt")
ARTICLE = re.compile(r"(제\d+조(?:의\d+)?)(\([^)]*\))?")
BACK_MATTER = re.compile(r"## (?:부 ?칙|\[별[표지])")
ANNEX_KEY = re.compile(r"\[별[표지][^\]]*\]")


@dataclass(frozen=True)
class Section:
    """One named part of a regulation: an article, a chapter heading, a 부칙, a 별표 or a form."""

    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Regulation:
    """The whole text of one revision."""

    regulation_id: str
    effective_date: str
    title: str
    code: str
    department: str
    history: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def pdf_name(self) -> str:
        """The file name of its PDF."""
        return f"{self.regulation_id}-{self.effective_date}.pdf"


def split_sections(lines: list[str]) -> list[Section]:
    """Cut lines into sections; an article inside a 부칙 or an annex stays part of it."""
    sections: list[Section] = []
    in_back_matter = False
    for line in lines:
        heading = line.startswith("#")
        article = None if heading or in_back_matter else ARTICLE.match(line)
        if heading:
            in_back_matter = bool(BACK_MATTER.match(line))
            text = line.lstrip("# ")
            annex = ANNEX_KEY.match(text)
            sections.append(Section(annex.group() if annex else text, (line,)))
        elif article:
            sections.append(Section(article.group(1), (line,)))
        else:
            sections[-1] = replace(sections[-1], lines=(*sections[-1].lines, line))
    return sections


def read_lines(path: Path) -> tuple[dict[str, str], list[str]]:
    """Return the front matter and the other non-empty lines of a source."""
    front: dict[str, str] = {}
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word in {"@title", "@code", "@department", "@history"}:
            front[word[1:]] = rest
        elif line:
            lines.append(line)
    return front, lines


def read_base(path: Path, regulation_id: str, date: str) -> Regulation:
    """Read the first revision of a regulation."""
    front, lines = read_lines(path)
    return Regulation(
        regulation_id=regulation_id,
        effective_date=date,
        title=front["title"],
        code=front["code"],
        department=front["department"],
        history=(front["history"],),
        sections=tuple(split_sections(lines)),
    )


def revise(before: Regulation, path: Path, date: str) -> Regulation:
    """Apply the changes of one revision file; a KEY that names no part is an error."""
    front, lines = read_lines(path)
    sections = list(before.sections)
    starts = [i for i, line in enumerate(lines) if line.startswith(("@replace ", "@after "))]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        action, _, key = lines[start].partition(" ")
        places = [i for i, section in enumerate(sections) if section.key == key]
        if len(places) != 1:
            message = f"{path.name}: {action} {key!r} names {len(places)} parts; must name exactly one."
            raise ValueError(message)
        first = places[0] + (action == "@after")
        sections[first : places[0] + 1] = split_sections(lines[start + 1 : end])
    return replace(before, effective_date=date, history=(*before.history, front["history"]), sections=tuple(sections))


def read_regulations() -> list[list[Regulation]]:
    """Read every source: a list for each regulation, of its revisions from the oldest."""
    revisions: dict[str, list[Regulation]] = {}
    for path in sorted(SOURCES.glob("*.txt")):
        name = SOURCE_NAME.fullmatch(path.name)
        if name is None:
            message = f"{path.name}: must be named <regulation_id>-<YYYY-MM-DD>.txt."
            raise ValueError(message)
        earlier = revisions.setdefault(name["regulation_id"], [])
        earlier.append(
            revise(earlier[-1], path, name["date"]) if earlier else read_base(path, name["regulation_id"], name["date"])
        )
    return list(revisions.values())
