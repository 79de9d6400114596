"""Characters of a PDF page with their places, and the boxes of its tables.

In: a PDF. Out: pages of glyphs (unrotated text only, character variants made one) and table grids (bare boxes, no
text). It neither orders glyphs nor knows words: PyMuPDF's own lines and spaces are not used, because they lose
spaces between Hangul and cut a line at every change of font.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regtune.documents.rulings import Box, find_grids
from regtune.errors import UnusableInputError

_VARIANTS = {
    "ⓛ": "①",  # a circled letter L typed for a circled one
    "\u00ad": "",
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\u2060": "",
    "\ufeff": "",
}
_CIRCLED_SETS = ("➀", "➊", "⓵", "❶")
"""First characters of other sets of ten circled numbers."""
_VARIANTS.update({chr(ord(first) + i): chr(ord("①") + i) for first in _CIRCLED_SETS for i in range(10)})
_HARMLESS = ("closepath with no current point", "...")
"""Messages of MuPDF about drawings of Hancom PDFs, and its note that one was repeated."""
_PRIVATE_USE = (("\ue000", "\uf8ff"), ("\U000f0000", "\U0010fffd"))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as it stands on the page; `text` is a space for any blank."""

    text: str
    x0: float
    x1: float
    y: float
    """Baseline."""
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """A point well inside the glyph."""
        return (self.x0 + self.x1) / 2, self.y - 0.3 * self.size


@dataclass(frozen=True)
class Page:
    """One page."""

    number: int
    """1-based."""
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    grids: tuple[tuple[Box, ...], ...]
    """Cell boxes of each table; a merged cell is one box."""
    images: int
    dropped: Counter[str] = field(default_factory=Counter)
    """Non-blank characters that are not in `glyphs`, by reason."""

    @property
    def characters(self) -> int:
        """Non-blank characters printed on the page, dropped ones included."""
        return sum(not glyph.text.isspace() for glyph in self.glyphs) + self.dropped.total()


@dataclass(frozen=True)
class Pdf:
    """One file's pages."""

    pages: tuple[Page, ...]
    damage: str | None
    """What MuPDF had to work around; text may be missing."""


def read_pdf(path: Path) -> Pdf:
    """Read every page of a PDF.

    Raises:
        UnusableInputError: not a PDF, broken, encrypted, without pages, or without a single character.
    """
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)  # noqa: FBT003 - its only parameter; what fails is raised below
    pymupdf.TOOLS.mupdf_display_warnings(False)  # noqa: FBT003
    pymupdf.TOOLS.reset_mupdf_warnings()
    if not path.is_file() or path.stat().st_size == 0:
        raise UnusableInputError(f"{path.name}: empty or not there; give the regulation's PDF.")
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            if document.needs_pass:
                raise UnusableInputError(f"{path.name}: encrypted; save it without a password.")
            if not document.is_pdf or document.page_count == 0:
                raise UnusableInputError(f"{path.name}: not a PDF with pages; give the regulation's PDF.")
            pages = tuple(_pages(document))
            repaired = document.is_repaired
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise UnusableInputError(f"{path.name}: not a readable PDF ({' '.join(str(error).split())}).") from error
    if not any(page.characters for page in pages):
        raise UnusableInputError(
            f"{path.name}: no text layer on any of its {len(pages)} pages (scanned?); OCR is needed first."
        )
    messages = pymupdf.TOOLS.mupdf_warnings(reset=True).split("\n")
    serious = [message for message in messages if message and not message.startswith(_HARMLESS)]
    damage = "the file is damaged and was repaired" if repaired else next(iter(serious), None)
    return Pdf(pages, damage)


def _pages(document: Any) -> Iterator[Page]:  # noqa: ANN401 - PyMuPDF has no types
    import pymupdf

    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_INHIBIT_SPACES | pymupdf.TEXT_MEDIABOX_CLIP
    for page in document:
        if page.rotation:
            page.remove_rotation()
        dropped: Counter[str] = Counter()
        raw = page.get_text("rawdict", flags=flags)
        glyphs = tuple(_glyphs(raw, dropped))
        yield Page(
            number=page.number + 1,
            width=page.rect.width,
            height=page.rect.height,
            glyphs=glyphs,
            grids=tuple(find_grids(page)) if glyphs else (),
            images=len(page.get_images()),
            dropped=dropped,
        )


def _glyphs(raw: Any, dropped: Counter[str]) -> Iterator[Glyph]:  # noqa: ANN401
    for block in raw["blocks"]:
        for line in block.get("lines", ()):
            upright = line["dir"][0] > 0.99  # noqa: PLR2004 - the cosine of the writing direction
            for span in line["spans"]:
                size = span["size"]
                for char in span["chars"]:
                    text, reason = _kept(char["c"])
                    if reason or not upright:
                        dropped[reason or "rotated"] += not char["c"].isspace()
                    elif text:
                        x0, _, x1, _ = char["bbox"]
                        yield Glyph(text, x0, x1, char["origin"][1], size)


def _kept(character: str) -> tuple[str, str | None]:
    """Return the character as kept (a space for any blank, empty for an invisible one), or why it is dropped."""
    character = _VARIANTS.get(character, character)
    if not character:
        return "", None
    if character.isspace():
        return " ", None
    if character == "\ufffd" or any(first <= character <= last for first, last in _PRIVATE_USE):
        return "", "unreadable"
    if unicodedata.category(character) == "Cc":
        return "", "unreadable"
    return unicodedata.normalize("NFC", character), None  # compatibility hanja have NFC singletons
