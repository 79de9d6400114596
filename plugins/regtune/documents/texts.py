"""The text of one provision, from its lines and tables.

In: the blocks between two headings. Out: paragraphs and tables' rows as one text without revision tags, the tags,
where each page begins in it, and the count of its characters.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from regtune.documents.blocks import Block
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins, join_paragraphs
from regtune.documents.revision_tags import removals, take_tags
from regtune.documents.table_rows import goes_on, head_characters, is_rest, join_split_row, to_markdown
from regtune.documents.tables import Table
from regtune.documents.wrapping import Wraps


@dataclass(frozen=True)
class Layout:
    """What joining lines needs to know about a file."""

    margins: Margins
    wraps: Wraps


@dataclass(frozen=True)
class Composed:
    """A text and what it was made of; characters are the non-blank ones."""

    text: str
    tags: tuple[str, ...]
    pages: tuple[int, ...]
    """Of its blocks, each once, in their order."""
    page_starts: tuple[tuple[int, int], ...]
    """Pages after the first, each with the characters of `text` before it."""
    kept: int
    moved: int
    """Characters of the tags."""
    repeated: int
    """Characters of tables' heads that a later page prints again."""


def compose(blocks: Sequence[Block], layout: Layout, *, form: bool = False) -> Composed:
    """Join the blocks of one provision; in a `form` merged cells are places to write in and are not repeated."""
    paragraphs: list[str] = []
    starts: list[tuple[int, int]] = []
    before: Table | None = None
    length = kept = all_repeated = 0
    for is_line, group in itertools.groupby(blocks, key=lambda block: isinstance(block, Line)):
        if is_line:
            lines = [block for block in group if isinstance(block, Line)]
            for line in lines:
                _begin(starts, line.page, length)
                length += line.characters
                kept += line.characters
            paragraphs += join_paragraphs(lines, layout.margins, layout.wraps)
            before = None
            continue
        for table in group:
            assert isinstance(table, Table)
            again = before is not None and goes_on(before, table)
            rest = before is not None and not (again or form) and is_rest(before, table)
            heads: Literal["shown", "repeated", "none"] = "none" if rest else "repeated" if again else "shown"
            rows = to_markdown(table, layout.wraps, heads=heads, spread=not form)
            _begin(starts, table.page, length)
            if again or rest:
                length -= sum(map(printed, paragraphs[-1:]))
                rows = join_split_row(paragraphs, rows)
                length += sum(map(printed, paragraphs[-1:]))
            paragraphs += rows
            length += sum(map(printed, rows))
            repeated = head_characters(table) if again else 0
            all_repeated += repeated
            kept += table.characters - repeated
            before = table
    joined = "\n".join(paragraphs)
    text, tags = take_tags(joined)
    moved = printed(joined) - printed(text) if tags else 0
    later = tuple(_without_tags(joined, starts[1:]) if tags else starts[1:])
    pages = tuple(dict.fromkeys(block.page for block in blocks))
    return Composed(text, tags, pages, later, kept - moved, moved, all_repeated)


def printed(text: str) -> int:
    """Non-blank characters."""
    return len("".join(text.split()))


def _begin(starts: list[tuple[int, int]], page: int, length: int) -> None:
    if not starts or page > starts[-1][0]:
        starts.append((page, length))


def _without_tags(joined: str, starts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The starts of pages in a text, as they are once its tags are taken out."""
    gone: list[tuple[int, int]] = []
    """Characters before each tag, and how many fewer the text has without it."""
    length = end = 0
    for removal in removals(joined) if starts else ():
        length += printed(joined[end : removal.start])
        gone.append((length, printed(joined[removal.start : removal.end]) - printed(removal.left)))
        length += printed(joined[removal.start : removal.end])
        end = removal.end
    for page, at in starts:
        yield page, at - sum(min(fewer, at - before) for before, fewer in gone if before < at)
