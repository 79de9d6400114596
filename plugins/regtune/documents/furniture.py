"""Lines that belong to the page and not to the regulation: running heads, page marks, a table of contents.

In: the lines of one file and its page sizes. Out: for each such line the reason it is removed, by name.
Heads and feet are told by place and repetition, page marks by place and form, contents by their dot leaders.
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from regtune.documents import attachments, headings
from regtune.documents.lines import Line
from regtune.documents.tables import Table, cell_lines

_TOP, _BOTTOM = 0.13, 0.88
"""Heads end and feet begin at this share of the page's height."""
_SAME_PLACE = 0.012
"""Heads stand at the same height, to this share of the page."""
_HEAD_TABLE_ROWS = 5
_HEAD_TABLE_HEIGHT = 0.15
"""Of the page: a box with the document's number, title and page is no higher."""
_PAGE_MARK = re.compile(r"[-–—―•·~<(\[\s]*\d{1,4}(?:\s*/\s*\d{1,4})?[-–—―•·~>)\]\s]*|[-–—―]\s*[ivxIVX]+\s*[-–—―]")
_PAGE_OF = re.compile(r"(?:^|[\s(\[])(?P<page>\d{1,4})\s*(?:/|of|쪽\s*중)\s*(?P<pages>\d{1,4})(?!\d)", re.IGNORECASE)
"""`문서번호 A-1 Page 3 of 12`."""
_END_MARK = re.compile(r"[-–=<(\[]?\s*(?:이\s*하\s*(?:여\s*백|빈\s*칸)|끝)\s*[-–=>)\].]*")
_LONGEST_END_MARK = 30
_DOT_LEADERS = re.compile(r"(?:[.·․‥…ㆍ∙・]\s*){5,}\d{0,4}\s*$|(?:[…‥]\s*){2,}\d{1,4}\s*$")
_CONTENTS_TITLE = re.compile(r"목차|차례")
_CONTENTS_ENTRY = re.compile(r"(?:제\d+(?:편|장|절|관|조)|부칙|[\[<【]?별[표지]).*\d{1,4}$")
_DIGITS = re.compile(r"\d+")
_BLANK = re.compile(r"\s+")
_CONTENTS_ENDS = frozenset(".·․‥…ㆍ∙・차례")
_SENTENCE_END = "다."
"""Last characters of what belongs to a table of contents, digits aside."""

PageSizes = Mapping[int, float]
"""Page number -> height in points."""


def find_furniture(lines: Sequence[Line], heights: PageSizes, share: float) -> dict[int, str]:
    """Return index of line -> `running_head`, `page_mark`, `end_mark` or `contents`.

    Args:
        lines: of the whole file, in reading order.
        heights: of every page.
        share: of the pages (or of the odd or the even ones) on which a running head stands.
    """
    reasons = _contents(lines)
    in_margin: list[int] = []
    for i, line in enumerate(lines):
        outside = not _TOP <= line.y / heights[line.page] <= _BOTTOM
        if outside:
            in_margin.append(i)
        if outside and _PAGE_MARK.fullmatch(line.text):
            reasons[i] = "page_mark"
        elif len(line.text) <= _LONGEST_END_MARK and _END_MARK.fullmatch(line.text):
            reasons[i] = "end_mark"
        elif outside and _counts_pages(line, len(heights)):
            reasons[i] = "running_head"
    for i in _running_heads(lines, in_margin, heights, share):
        reasons.setdefault(i, "running_head")
    return reasons


def find_head_tables(tables: Sequence[Table], lines: Sequence[Line], heights: PageSizes, share: float) -> list[int]:
    """Indices of the ruled boxes (document number, title, page) at the head or foot of `share` of the pages."""
    alike: dict[str, list[int]] = defaultdict(list)
    attached = _attached(lines)
    for i, table in enumerate(tables):
        lines = list(cell_lines(table))
        last = max((line.y for line in lines), default=table.y)
        low, height = table.rows <= _HEAD_TABLE_ROWS, heights[table.page]
        if low and last - table.y < _HEAD_TABLE_HEIGHT * height and not _TOP < table.y / height < _BOTTOM - _TOP / 2:
            alike[_DIGITS.sub("#", _BLANK.sub("", "|".join(line.text for line in lines)))].append(i)
    pages = {text: {tables[i].page for i in indices} for text, indices in alike.items()}
    return [
        i
        for text, indices in alike.items()
        if _share_of_pages(pages[text], len(heights)) >= share
        and any(tables[i].y <= attached.get(tables[i].page, math.inf) for i in indices)
        for i in indices
    ]


def _counts_pages(line: Line, pages: int) -> bool:
    """Whether a line says its own page and how many there are."""
    match = _PAGE_OF.search(line.text)
    return match is not None and (int(match["page"]), int(match["pages"])) == (line.page, pages) and pages > 1


def _running_heads(lines: Sequence[Line], in_margin: Sequence[int], heights: PageSizes, share: float) -> list[int]:
    alike: dict[tuple[int, str], list[int]] = defaultdict(list)
    attached = _attached(lines)
    for i in in_margin:
        line = lines[i]
        if not _opens(line.text):
            alike[line.band, _DIGITS.sub("#", _BLANK.sub("", line.text))].append(i)
    heads: list[int] = []
    for indices in alike.values():
        places = sorted(lines[i].y / heights[lines[i].page] for i in indices)
        middle = places[len(places) // 2]
        there = [i for i in indices if abs(lines[i].y / heights[lines[i].page] - middle) <= _SAME_PLACE]
        if all(lines[i].y > attached.get(lines[i].page, math.inf) for i in there):
            continue  # forms alike, each on a page of its own
        if _share_of_pages({lines[i].page for i in there}, len(heights)) >= share:
            heads.extend(there)
    return heads


def _attached(lines: Sequence[Line]) -> dict[int, float]:
    """Page -> baseline of the heading of the 별표 or form that begins on it."""
    found: dict[int, float] = {}
    for line in lines:
        mark = attachments.attachment(line.text)
        if mark and mark.bracketed:
            found.setdefault(line.page, line.y)
    return found


def _opens(text: str) -> bool:
    """Articles of one wording, or 별표 and forms, at the top of several pages are no running heads."""
    found, mark = headings.article(text), attachments.attachment(text)
    return (found is not None and found.title is not None) or (mark is not None and mark.bracketed)


def _share_of_pages(pages: set[int], page_count: int) -> float:
    """The share of all pages, of the odd ones or of the even ones; heads may differ on facing pages."""
    if len(pages) < 2:  # noqa: PLR2004 - what stands once repeats nothing
        return 0.0
    odd = sum(page % 2 for page in pages)
    return max(
        len(pages) / page_count,
        odd / ((page_count + 1) // 2) if odd > 1 else 0.0,
        (len(pages) - odd) / (page_count // 2) if len(pages) - odd > 1 else 0.0,
    )


def _contents(lines: Sequence[Line]) -> dict[int, str]:
    """Lines with dot leaders, the title `목차` above them, and entries without leaders below such a title."""
    reasons: dict[int, str] = {}
    listing_page: int | None = None
    for i, line in enumerate(lines):
        near = listing_page is not None and line.page - listing_page <= 1
        text = line.text
        may_list = (text[-1].isdigit() or text[-1] in _CONTENTS_ENDS) and not text.endswith(_SENTENCE_END)
        if may_list and _lists(text, near=near):
            reasons[i] = "contents"
            listing_page = line.page
        elif i - 1 not in reasons:
            listing_page = None
    return reasons


def _lists(text: str, *, near: bool) -> bool:
    squeezed = _BLANK.sub("", text)
    entry = near and _CONTENTS_ENTRY.fullmatch(squeezed)
    return bool(entry or _DOT_LEADERS.search(text) or _CONTENTS_TITLE.fullmatch(squeezed))
