"""Pages of one PDF, one at a time: runs of characters, boxes of tables, what could not be read.

In: a PDF. Out: pages in order; nothing is held of a page once the next is asked for. A page without readable text
that shows an image or outlines goes to `ocr.py`. A file that cannot be used is refused in one line.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.documents import ocr
from regtune.documents.characters import Run, read_runs, turned
from regtune.documents.damage import Damage
from regtune.documents.rulings import Box, find_grids, may_hold_grids, without_letters
from regtune.documents.struck_out import without_struck_out
from regtune.errors import UnusableInputError

if TYPE_CHECKING:
    from typing_extensions import Self  # of typing itself from Python 3.11 on

_PICTURE_SHARE = 0.1
"""A page without text whose images cover less of it is an empty page with a logo."""
_OUTLINES = 60
"""Drawn shapes of a page whose text was turned into outlines."""
_UNREADABLE_SHARE = 0.5
_HELD_PAGES = 50
"""MuPDF keeps what it has read of a page, 24 MiB for 1,000 pages, until told otherwise."""
_TEXT, _DRAWING = 0, 3
"""Types of blocks."""
_LONGEST_SIDE = 14400.0
"""Points; the largest page that PDF readers accept (ISO 32000-1, annex C)."""


@dataclass(frozen=True)
class Page:
    """One page."""

    number: int
    """1-based."""
    width: float
    height: float
    runs: tuple[Run, ...]
    grids: tuple[tuple[Box, ...], ...]
    """Cell boxes of each table; a merged cell is one box."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Non-blank characters that are not in `runs`, by reason."""
    lacks_text: bool = False
    """It shows an image or outlines that nothing here has read."""
    unsure_words: tuple[int, int] | None = None
    """Of a page read by OCR: words below `ocr.UNSURE`, and all words."""
    struck_out: tuple[str, ...] = ()
    """Words with a line through them, which are not in `runs`."""

    @property
    def characters(self) -> int:
        """Non-blank characters printed on the page, dropped ones included."""
        return sum([len(run.text) - run.text.count(" ") for run in self.runs]) + self.dropped.total()


class PdfPages:
    """An open PDF; use as `with PdfPages(path) as pdf`."""

    def __init__(self, path: Path, *, read_images: bool) -> None:
        """Open a file; `read_images` sends pages without text to OCR.

        Raises:
            UnusableInputError: not a PDF, broken, encrypted or without pages.
        """
        import pymupdf

        self._name, self._path = path.name, str(path)
        self._read_images = read_images
        pymupdf.TOOLS.mupdf_display_errors(False)  # noqa: FBT003 - its only parameter; what fails is raised below
        pymupdf.TOOLS.mupdf_display_warnings(False)  # noqa: FBT003
        pymupdf.TOOLS.reset_mupdf_warnings()
        if not path.is_file() or path.stat().st_size == 0:
            raise UnusableInputError(f"{path.name}: empty or not there; give the regulation's PDF.")
        try:
            self._document = pymupdf.open(path, filetype="pdf")
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            raise self._unreadable(error) from error
        if self._document.needs_pass:
            raise UnusableInputError(f"{path.name}: encrypted; save it without a password.")
        if self._document.is_repaired and self._document.page_count == 0:
            raise UnusableInputError(f"{path.name}: the file is damaged: no page is left; get the file again.")
        if not self._document.is_pdf or self._document.page_count == 0:
            raise UnusableInputError(f"{path.name}: not a PDF with pages; give the regulation's PDF.")
        self.damage = Damage(self._document)

    @property
    def page_count(self) -> int:
        """Pages of the file."""
        count: int = self._document.page_count
        return count

    def __enter__(self) -> "Self":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file and give MuPDF's caches back."""
        import pymupdf

        self._document.close()
        pymupdf.TOOLS.store_shrink(100)

    def __iter__(self) -> Iterator[Page]:
        """Yield every page.

        Raises:
            UnusableInputError: a page is broken, or, after the last one, text of some is lost.
            PrerequisiteMissingError: a page has to be read by OCR and there is none.
        """
        import pymupdf

        try:
            for number in range(self._document.page_count):
                page = self._page(self._document[number])
                self.damage.note(number + 1)
                yield page
                if number % _HELD_PAGES == _HELD_PAGES - 1:
                    pymupdf.TOOLS.store_shrink(100)
            lost = self.damage.lost()
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            raise self._unreadable(error) from error
        if lost:
            raise UnusableInputError(f"{self._name}: the file is damaged: {lost}; get the file again.")

    def _unreadable(self, error: Exception) -> UnusableInputError:
        reason = " ".join(str(error).replace(self._path, self._name).split())
        return UnusableInputError(f"{self._name}: not a readable PDF ({reason}); get the file again.")

    def _page(self, page: Any) -> Page:  # noqa: ANN401 - PyMuPDF has no types
        box = page.rect
        if max(box.width, box.height) > _LONGEST_SIDE:
            sides = f"{box.width:.0f} by {box.height:.0f}"
            raise UnusableInputError(f"{self._name}: page {page.number + 1} is {sides} points; no page is so large.")
        if page.rotation:
            page.remove_rotation()
            box = page.rect
        text, drawn = _blocks(page)
        angle = turned(text)
        if angle:  # a landscape table printed on an upright page
            page.set_rotation(angle)
            page.remove_rotation()
            box, (text, drawn) = page.rect, _blocks(page)
        dropped: Counter[str] = Counter()
        runs = tuple(read_runs(text, dropped))
        printed = any(not run.text.isspace() for run in runs)
        number, width, height = page.number + 1, box.width, box.height
        readable = sum([len(run.text) for run in runs])
        if (not printed or dropped["unreadable"] > _UNREADABLE_SHARE * readable) and _shows_something(page, len(drawn)):
            if not self._read_images:
                return Page(number, width, height, runs, (), dropped, lacks_text=True)
            words = ocr.read_words(page, self._name)
            return Page(number, width, height, words.runs, words.grids, unsure_words=(words.unsure, words.count))
        shapes = list(without_letters(drawn))
        grids = tuple(find_grids(shapes, page.get_cdrawings)) if printed and may_hold_grids(shapes) else ()
        valid, struck_out = without_struck_out(runs, shapes, dropped)
        return Page(number, width, height, tuple(valid), grids, dropped, struck_out=struck_out)


def _blocks(page: Any) -> tuple[list[Any], ...]:  # noqa: ANN401
    """The page's blocks of text and its drawings, as of `rawdict`."""
    import pymupdf

    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_INHIBIT_SPACES | pymupdf.TEXT_MEDIABOX_CLIP
    blocks = page.get_textpage(flags=flags | pymupdf.TEXT_COLLECT_VECTORS).extractRAWDICT()["blocks"]
    return tuple([block for block in blocks if block["type"] == kind] for kind in (_TEXT, _DRAWING))


def _shows_something(page: Any, drawn: int) -> bool:  # noqa: ANN401
    if drawn > _OUTLINES:
        return True
    area = page.rect.width * page.rect.height
    covered = sum(
        max(0.0, x1 - x0) * max(0.0, y1 - y0) for x0, y0, x1, y1 in (image["bbox"] for image in page.get_image_info())
    )
    return bool(covered > _PICTURE_SHARE * area)
