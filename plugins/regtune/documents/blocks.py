"""One PDF as blocks in reading order: lines and tables, furniture gone.

In: a PDF and the settings. Out: blocks with the facts about pages and characters that the report needs. Pages are
read one at a time and only their lines and tables are kept.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from regtune.config import ParseConfig
from regtune.documents import headings
from regtune.documents.columns import Columns
from regtune.documents.footnotes import settled_marks, with_notes_placed
from regtune.documents.furniture import find_furniture, find_head_tables
from regtune.documents.isolated import Tell
from regtune.documents.line_numbers import LineNumbers
from regtune.documents.lines import Line, LineMaker
from regtune.documents.notices import Warned, pages_shown, warned
from regtune.documents.ocr_numbers import HEADING, cited, marked, mended, out_of_order
from regtune.documents.pages import Page, PdfPages
from regtune.documents.tables import FIRST_CELL_BAND, Table, decided, frame, page_tables
from regtune.errors import UnusableInputError

Block = Line | Table
_COMMENTARY_WIDTH = 0.8
_FEWEST_HEADINGS = 3
_NEIGHBOURS = (
    (1, 2),
    (2, 1),
    (1, 3),
    (2, 4),
    (FIRST_CELL_BAND, FIRST_CELL_BAND + 1),
    (FIRST_CELL_BAND + 1, FIRST_CELL_BAND),
)
"""Bands of a rule and of remarks beside it, as columns and as cells of a table."""
_RULE_TITLE = re.compile(r"(?:조\s*문|조\s*항|규\s*정|본\s*문|내\s*용|현\s*행)")
"""Above the rule, where `해설` stands above the remarks."""
_FEW, _LONGEST_WORDS = 3, 20
"""Of words shown in a warning."""


@dataclass
class FileBlocks:
    """What one file prints."""

    blocks: list[Block] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    """Page number -> points."""
    heights: dict[int, float] = field(default_factory=dict)
    characters: int = 0
    """Non-blank ones on all pages."""
    removed: Counter[str] = field(default_factory=Counter)
    """Characters that are in no block, by reason."""
    warnings: list[Warned] = field(default_factory=list)


def read_blocks(path: Path, config: ParseConfig, tell: Tell | None = None) -> FileBlocks:
    """Read one PDF; `tell` is told the pages read and all pages.

    Raises:
        UnusableInputError: it is no PDF, broken, encrypted or empty.
        PrerequisiteMissingError: pages have to be read by OCR and there is none.
    """
    found = FileBlocks()
    maker = LineMaker(config.space_gap_em, found.removed)
    columns = Columns()
    numbers = LineNumbers()
    blank: list[int] = []
    by_ocr: set[int] = set()
    with PdfPages(path, read_images=config.ocr == "auto") as pdf:
        for page in pdf:
            runs = settled_marks(numbers.without(page.runs, found.removed))
            found.blocks += page_blocks(replace(page, runs=tuple(runs)), maker, columns)
            found.widths[page.number], found.heights[page.number] = page.width, page.height
            printed = page.characters
            found.characters += printed
            found.removed.update(page.dropped)
            found.warnings += _page_warnings(page)
            if columns.doubtful:
                found.warnings.append(warned("doubtful_columns", page.number))
            if page.unsure_words is not None:
                by_ocr.add(page.number)
            if not printed and not page.lacks_text:
                blank.append(page.number)
            if tell is not None:
                tell(page.number, pdf.page_count)
        repaired = pdf.damage.repaired()
    if not found.characters:
        remedy = "give a PDF with text" if config.ocr == "auto" else "give a PDF with text, or set parse.ocr to auto"
        raise UnusableInputError(f"{path.name}: no text on any of its {len(found.widths)} pages; {remedy}.")
    if blank:
        found.warnings.append(warned("pages_without_text", blank[0], pages=pages_shown(blank)))
    if repaired:
        found.warnings.insert(0, repaired)
    found.blocks = [maker.decide(b) if isinstance(b, Line) else decided(b, maker) for b in found.blocks]
    if by_ocr:
        _mend_numbers(found, by_ocr)
    _remove_furniture(found, config.running_head_share)
    _remove_commentary(found)
    found.blocks, unplaced = with_notes_placed(found.blocks, found.heights)
    found.warnings += [warned("unplaced_note", number) for number in unplaced]
    return found


def page_blocks(page: Page, maker: LineMaker, columns: Columns) -> list[Block]:
    """Lines and tables of one page in reading order."""
    held = page_tables(page, maker)
    boxes = [frame(grid) for grid in page.grids]
    regions = columns.regions(held.loose, boxes, page.width, page.height)
    blocks: list[Block] = []
    for region in regions:
        placed: list[tuple[float, Block]] = [
            (line.y, line) for line in maker.lines(region.runs, page.number, region.band)
        ]
        placed += [(table.y, table) for table in held.tables if region.holds(table.frame)]
        placed += [(y, line) for y, line in held.prose if region.holds((line.x0, y, line.x1, line.y))]
        blocks += [block for _, block in sorted(placed, key=lambda pair: pair[0])]
    return blocks


def _mend_numbers(found: FileBlocks, pages: set[int]) -> None:
    """Put the numbers of articles, citations and 항 right that OCR misread, and say so."""
    places = [(i, block) for i, block in enumerate(found.blocks) if isinstance(block, Line) and block.page in pages]
    lines = [line for _, line in places]
    for index, line, right, unread in list(cited(lines)):
        found.blocks[places[index][0]] = lines[index] = line
        if right:
            found.warnings.append(warned("misread_citation", line.page, right=", ".join(right)))
        if unread and not HEADING.match(line.text):
            found.warnings.append(warned("unread_citation", line.page, unread=", ".join(unread)))
    for index, line in mended(lines):
        was, now = (text.split("(", 1)[0] for text in (lines[index].text, line.text))
        found.warnings.append(warned("misread_article", line.page, was=was, now=now))
        found.blocks[places[index][0]] = lines[index] = line
    for index, number, due in out_of_order(lines):
        found.warnings.append(warned("item_out_of_order", lines[index].page, number=number, due=due))
    circled: Counter[int] = Counter()
    for index, line in list(marked(lines)):
        circled[line.page] += 1
        found.removed["misread_mark"] += lines[index].characters - line.characters
        found.blocks[places[index][0]] = line
    for page, count in sorted(circled.items()):
        found.warnings.append(warned("circled_numbers", page, count=count))


def _remove_furniture(found: FileBlocks, share: float) -> None:
    lines = [block for block in found.blocks if isinstance(block, Line)]
    reasons = find_furniture(lines, found.heights, share)
    for i, reason in reasons.items():
        found.removed[reason] += lines[i].characters
    tables = [block for block in found.blocks if isinstance(block, Table)]
    heads = [tables[i] for i in find_head_tables(tables, lines, found.heights, share)]
    if heads:
        found.removed["running_head"] += sum(table.characters for table in heads)
    furniture = {id(lines[i]) for i in reasons} | {id(table) for table in heads}
    found.blocks = [block for block in found.blocks if id(block) not in furniture]


def _remove_commentary(found: FileBlocks) -> None:
    """Take out a column of remarks beside the rule: it holds no heading, its neighbour holds them all.

    It is narrow, or its own words say that it explains the rule.
    """
    columns: dict[int, list[Line]] = {}
    for block in found.blocks:
        if isinstance(block, Line):
            columns.setdefault(block.band, []).append(block)
    for rule, remarks in _NEIGHBOURS:
        _remove_remarks(found, columns.get(rule, []), columns.get(remarks, []), ruled=rule >= FIRST_CELL_BAND)


def _remove_remarks(found: FileBlocks, rule: Sequence[Line], remarks: Sequence[Line], *, ruled: bool) -> None:
    if sum(_heads(line) for line in rule) < _FEWEST_HEADINGS or not remarks or any(_heads(line) for line in remarks):
        return
    explains = sum(headings.explains(line.text) for line in remarks) >= _FEWEST_HEADINGS
    if not explains and (ruled or _width(remarks) > _COMMENTARY_WIDTH * _width(rule)):
        return
    titles = {(line.page, line.y) for line in remarks if headings.explains(line.text)} if explains else set()
    heads = [line for line in rule if (line.page, line.y) in titles and _RULE_TITLE.fullmatch(line.text)]
    left_out = {id(line) for line in (*remarks, *heads)}
    found.blocks = [block for block in found.blocks if id(block) not in left_out]
    count = sum(line.characters for line in (*remarks, *heads))
    found.removed["commentary"] += count
    found.warnings.append(warned("commentary_left_out", remarks[0].page, count=count))


def _heads(line: Line) -> bool:
    article = headings.article(line.text)
    return bool((article and article.form != "bare" and not article.cited) or headings.addendum(line.text))


def _width(lines: Sequence[Line]) -> float:
    return max(line.x1 for line in lines) - min(line.x0 for line in lines)


def _page_warnings(page: Page) -> list[Warned]:
    warnings = [
        warned(f"{reason}_left_out", page.number, count=count, words=_shown(page.struck_out))
        for reason, count in sorted(page.dropped.items())
        if count and reason != "composed"
    ]
    if page.lacks_text:
        warnings.append(warned("image_without_text", page.number))
    if page.unsure_words is not None:
        unsure, count = page.unsure_words
        code = "read_by_ocr_unsure" if unsure else "read_by_ocr"
        warnings.append(warned(code, page.number, words=count, unsure=unsure))
    return warnings


def _shown(words: Sequence[str]) -> str:
    """The first of some words, quoted."""
    return ", ".join(f"“{word[:_LONGEST_WORDS]}”" for word in words[:_FEW]) + (" 등" if len(words) > _FEW else "")
