"""Footnotes: small raised marks in the text, and the notes at the foot of the page.

In: the runs of a page, and later the blocks of a file. Out: marks as superscript characters on their line's baseline
(`뜻¹`, `m²`), and each note behind the article that its mark stands in instead of in the midst of a sentence.
"""

import re
import statistics
from collections.abc import Container, Iterator, Sequence

from regtune.documents import attachments, headings
from regtune.documents.characters import Run
from regtune.documents.lines import Line
from regtune.documents.tables import Table

Block = Line | Table
_SUPERSCRIPTS = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾", "0123456789()")
_MARK = re.compile(r"\s*\(?(?:\d{1,3}|\*{1,3})\)?\s*")
_SMALL = 0.78
"""Of the text's size: marks, as word processors set them, are 58 to 70%."""
_RAISED_EM = (0.1, 0.7)
_BESIDE_EM = 0.5
_NOTE = re.compile(r"\s*[(⁽]?(?P<mark>\d{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})[)⁾]?(?=[\s가-힣“「A-Z])")
_MARKED = re.compile(r"[⁽]?(?P<mark>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})[⁾]?")
_NOTE_SIZE = 0.93
"""Of the text's size, at most."""
_FOOT = 0.4
"""Of the page's height; notes begin below."""
_BAND = 9
"""Lines of notes join with each other alone."""


def settled_marks(runs: Sequence[Run]) -> Sequence[Run]:
    """The runs of a page with small raised digits as superscripts on the baseline of the text beside them."""
    sizes = {run.size for run in runs}
    if len(sizes) == 1 or not runs:
        return runs
    largest = max(sizes)
    small = [i for i, run in enumerate(runs) if run.size < _SMALL * largest and _MARK.fullmatch(run.text)]
    if not small:
        return runs
    settled = list(runs)
    for i in small:
        base = next((run for run in runs if _raised_beside(runs[i], run)), None)
        if base is not None:
            settled[i] = runs[i]._replace(text=runs[i].text.translate(_SUPERSCRIPTS), y=base.y)
    return settled


def _raised_beside(mark: Run, base: Run) -> bool:
    raised = (base.y - mark.y) / base.size
    if mark.size >= _SMALL * base.size or not _RAISED_EM[0] <= raised <= _RAISED_EM[1]:
        return False
    near = _BESIDE_EM * base.size
    return base.starts[0] - near <= mark.starts[0] <= base.ends[-1] + near


def with_notes_placed(blocks: Sequence[Block], heights: dict[int, float]) -> tuple[list[Block], list[int]]:
    """The blocks with the notes of each page behind the article, or other part, in which their marks stand.

    And the pages with marks and a note at the foot that belongs to none of them: it stays where it is.
    """
    moved: dict[int, list[Line]] = {}
    taken: set[int] = set()
    unplaced: list[int] = []
    for page in _pages_with_marks(blocks):
        found, complete = _notes(blocks, page, heights, taken)
        if not complete:
            unplaced.append(page)
        for mark, notes in found.items():
            moved.setdefault(_end_of_part(blocks, mark), []).extend(line._replace(band=_BAND) for line in notes)
    placed: list[Block] = []
    for i in range(len(blocks) + 1):
        placed += moved.get(i, ())
        placed += [block for block in blocks[i : i + 1] if id(block) not in taken]
    return placed, unplaced


def _pages_with_marks(blocks: Sequence[Block]) -> list[int]:
    return sorted({block.page for block in blocks if isinstance(block, Line) and _MARKED.search(block.text)})


def _notes(
    blocks: Sequence[Block], page: int, heights: dict[int, float], taken: set[int]
) -> tuple[dict[int, list[Line]], bool]:
    """Index of the block with a mark -> the lines of its note at the foot of the page, whose ids go to `taken`.

    And whether every note there was given to a mark.
    """
    places = [(i, block) for i, block in enumerate(blocks) if isinstance(block, Line) and block.page == page]
    size = statistics.median_high(line.size for _, line in places)
    foot = len(places)
    while foot and places[foot - 1][1].size <= _NOTE_SIZE * size:
        foot -= 1
    marked: dict[str, int] = {}
    for i, above in places[:foot]:
        for mark in _marks(above.text):
            marked.setdefault(mark, i)
    found: dict[int, list[Line]] = {}
    current: list[Line] | None = None
    complete = True
    for _, line in places[foot:]:
        match = _NOTE.match(line.text) if line.y > _FOOT * heights[page] else None
        number = _number(match["mark"].translate(_PLAIN), marked) if match else None
        shown = line
        if match and number is not None:
            current = found.setdefault(marked[number], [])
            end = match.end() if len(number) == len(match["mark"]) else match.start("mark") + len(number)
            mark = line.text[:end].strip().translate(_SUPERSCRIPTS)
            shown = line._replace(text=f"{mark} {line.text[end:].lstrip()}")
        if current is not None:
            current.append(shown)
            taken.add(id(line))
        elif match:
            complete = False
    return found, complete


def _number(printed: str, marked: Container[str]) -> str | None:
    """The mark to which a note's number belongs; `11)` is 1 where its author typed `1)` behind the number printed."""
    half = printed[: len(printed) // 2]
    return printed if printed in marked else half if printed == 2 * half and half in marked else None


def _marks(text: str) -> Iterator[str]:
    return (match["mark"].translate(_PLAIN) for match in _MARKED.finditer(text))


def _end_of_part(blocks: Sequence[Block], i: int) -> int:
    """Index of the next heading behind a block."""
    for end in range(i + 1, len(blocks)):
        block = blocks[end]
        if isinstance(block, Line) and _opens(block.text):
            return end
    return len(blocks)


def _opens(text: str) -> bool:
    article, mark = headings.article(text), attachments.attachment(text)
    if article is not None:
        return article.form != "bare" and not article.cited
    return bool(headings.group(text) or headings.addendum(text) is not None or (mark and mark.bracketed))
