"""Several regulations in one file, told apart.

In: the blocks of a file. Out: the blocks of each regulation. A regulation begins at its title, when 제1장 or 제1조
comes a few lines below and no annex has just opened: a rule that an annex consists of stays in the annex. A heading
that shares its line with the text below it (`부칙(2024. 1. 1.) 제1조(시행일) …`) is given a line of its own first.
"""

import re
import statistics
from collections.abc import Sequence

from regtune.documents import attachments, headings
from regtune.documents.blocks import Block
from regtune.documents.lines import Line
from regtune.documents.revision_tags import take_tags
from regtune.documents.sections import opens_body

TITLE_END = re.compile(
    r"(?:규정|규칙|정관|지침|학칙|세칙|내규|요령|기준|(?<![방문])법|법률|강령|협약|요강|규약|예규|시행령|준칙|헌장|회칙)$"
)
_LONGEST_TITLE = 50
_LINES_BELOW_TITLE = 25
"""Dates of revisions and a chapter's heading may stand between a title and 제1조."""
_SENTENCE = re.compile(r"다\s*\.\s*$|^[①-⑳]|^\d+\.\s*[가-힣]|^[가-하]\.")
_TITLE_TAIL = re.compile(r"\s*(?:[(\[<〈]\s*(?:제정|개정|시행|전부개정|일부개정|안)?[^가-힣]{0,40}[)\]>〉])+$")
_LARGER = 1.12
_INDENTED = 0.12


def parted_lines(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with headings that share a line with text on lines of their own."""
    apart: list[Block] = []
    for block in blocks:
        parts = headings.parted(block.text) if isinstance(block, Line) else None
        if parts is None or not isinstance(block, Line):
            apart.append(block)
            continue
        heading, text = parts
        x = block.x0 + (block.x1 - block.x0) * len(heading) / len(block.text)
        apart.append(block._replace(text=heading, x1=x, ends_blank=False))
        apart.append(block._replace(text=text, x0=block.x0))
    return apart


def title_of(line: Line) -> str | None:
    """The title that a line is, without the date behind it, or None."""
    text = _TITLE_TAIL.sub("", take_tags(line.text)[0])
    short = 0 < len(text) <= _LONGEST_TITLE and not attachments.attachment(text) and not headings.article(text)
    return text if short and TITLE_END.search(text.replace(" ", "")) else None


def split_regulations(blocks: Sequence[Block], widths: dict[int, float]) -> list[list[Block]]:
    """Cut a file before the title of each regulation after the first."""
    lines = [(i, block) for i, block in enumerate(blocks) if isinstance(block, Line)]
    if not lines:
        return [list(blocks)]
    size = statistics.median(line.size for _, line in lines)
    firsts = {line.page: i for i, line in reversed(lines)}
    starts: list[int] = []
    annex: int | None = None
    under_way = False  # a rule has an article behind it, so that another 제1조 is news
    for place, (i, line) in enumerate(lines):
        mark, article = attachments.attachment(line.text), headings.article(line.text)
        if mark and mark.bracketed:
            annex = i
        elif article and not article.cited:
            under_way = under_way or article.number != (1, 0)
        if not under_way or not opens_body(line.text):
            continue
        title = _title_above(lines, place)
        if title is None or (annex is not None and not _has_content(blocks[annex:title], blocks[title])):
            continue
        if _stands_out(blocks[title], size, widths, first=firsts[line.page] == title):
            starts.append(title)
            annex, under_way = None, False
    ends = [*starts, len(blocks)]
    return [list(blocks[start:end]) for start, end in zip([0, *starts], ends, strict=True)]


def _title_above(lines: Sequence[tuple[int, Line]], place: int) -> int | None:
    """Index of the title block above a rule's first heading."""
    for i, line in reversed(lines[max(0, place - _LINES_BELOW_TITLE) : place]):
        if _SENTENCE.search(line.text) or lines[place][1].page - line.page > 1:
            return None
        if title_of(line) is not None:
            return i
        if headings.article(line.text) or headings.addendum(line.text) or attachments.attachment(line.text):
            return None
    return None


def _stands_out(block: Block, size: float, widths: dict[int, float], *, first: bool) -> bool:
    """Whether a title is larger than the text, set in the middle, or the first line of its page."""
    if not isinstance(block, Line):
        return False
    width = widths[block.page]
    left, right = block.x0 / width, 1 - block.x1 / width
    return first or block.size >= _LARGER * size or (left > _INDENTED and abs(left - right) < _INDENTED)


def _has_content(annex: Sequence[Block], title: Block) -> bool:
    """Whether an annex holds more than its heading and the title below it."""
    if any(not isinstance(block, Line) for block in annex):
        return True
    return len(annex) > (1 if annex[0].page < title.page else 3)
