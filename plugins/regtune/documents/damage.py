"""What a damaged PDF has lost: MuPDF's messages by page, and objects of a repaired file that are gone.

In: an open document and the messages of MuPDF while its pages were read. Out: the pages on which text is lost, with
the reason. MuPDF repairs what it can and reads on, so that a file which was cut off ends without an error: a repair
that lost nothing (junk after the end, offsets that are wrong) is told from one that did.
"""

import re
from collections.abc import Sequence
from typing import Any

from regtune.documents.notices import Warned, warned

_HARMLESS = re.compile(
    r"closepath with no current point|\.\.\.|bogus font ascent|.*not a font file|UNUSED|FT_|PDF stream Length incorrect"
    r"|page tree load failed"
)
"""Messages about drawings, the shapes of glyphs and lengths that MuPDF finds out itself, and its note of a repeat."""
_LOST = re.compile(
    r"non-page object in page tree|invalid page object|content stream is not a stream|cannot load object|library error"
    r"|ignoring zlib error|zlib error|read error|invalid character in hex string|expected string or end"
)
"""Messages after which text is missing or altered, whatever else is well with the file."""
_REFERENCE = re.compile(r"(?<!\d)(\d+) \d+ R\b")
_BESIDE_PAGES = re.compile(r"/(?:Parent|Annots|B|StructParents?|Metadata|PieceInfo|Thumb|P)\s*\d+ \d+ R")
"""Ways out of a page that do not lead to its text."""
_LISTED_PAGES = 5


class Damage:
    """Collects what MuPDF says of an open document, page by page."""

    def __init__(self, document: Any) -> None:  # noqa: ANN401 - PyMuPDF has no types
        """Begin with the messages of opening it."""
        self._document = document
        self._opening = _serious()
        self._pages: dict[int, list[str]] = {}

    def note(self, page: int) -> None:
        """Take the messages since the last call as those of a page (1-based)."""
        if messages := _serious():
            self._pages[page] = messages

    def lost(self) -> str | None:
        """Where text is lost or altered, and MuPDF's first word on it; None when all of it could be read."""
        repaired = self._document.is_repaired
        found = {
            page: next((message for message in messages if repaired or _LOST.match(message)), None)
            for page, messages in self._pages.items()
        }
        reasons = {page: reason for page, reason in found.items() if reason}
        if repaired:
            gone = dict.fromkeys(_incomplete(self._document), "parts of the file are gone")
            reasons = {**gone, **reasons}
        if not reasons:
            return None
        pages = sorted(reasons)
        return f"text of {listed(pages)} is lost or altered ({reasons[pages[0]]})"

    def repaired(self) -> Warned | None:
        """What had to be worked around without a sign of loss, with the first page of it."""
        if self._document.is_repaired:
            return warned("repaired", None)
        for page, messages in self._pages.items():
            return warned("text_may_be_missing", page, reason=messages[0])
        return warned("not_quite_a_pdf", None, reason=self._opening[0]) if self._opening else None


def _serious() -> list[str]:
    import pymupdf

    messages = pymupdf.TOOLS.mupdf_warnings(reset=True).split("\n")
    return [message for message in messages if message and not _HARMLESS.match(message)]


def _incomplete(document: Any) -> list[int]:  # noqa: ANN401
    """Pages (1-based) that need an object which is not in the file."""
    whole: dict[int, bool] = {}
    return [number + 1 for number in range(document.page_count) if not _is_whole(document, number, whole)]


def _is_whole(document: Any, number: int, known: dict[int, bool]) -> bool:  # noqa: ANN401
    start = document.page_xref(number)
    open_ones, seen = [start], {start}
    while open_ones:
        xref = open_ones.pop()
        if xref not in known:
            known[xref] = 0 < xref < document.xref_length() and document.xref_object(xref, compressed=True) != "null"
        if not known[xref]:
            return False
        text = _BESIDE_PAGES.sub("", document.xref_object(xref, compressed=True))
        new = {int(reference) for reference in _REFERENCE.findall(text)} - seen
        seen |= new
        open_ones += new
    return True


def listed(numbers: Sequence[int]) -> str:
    """`page 3`, `pages 3, 7`, `10000 pages (1, 2, 3, 4, 5, ...)`."""
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    shown = ", ".join(map(str, numbers[:_LISTED_PAGES]))
    return f"pages {shown}" if len(numbers) <= _LISTED_PAGES else f"{len(numbers)} pages ({shown}, ...)"
