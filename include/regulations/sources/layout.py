"""A regulation as a DOCX: title block, headings, justified paragraphs, tables, running heads and page marks.

In: a Regulation. Out: a .docx file. Every mark of the source is described in revisions.py.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from revisions import ANNEX_KEY, ARTICLE, Regulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docx.document import Document as DocumentType
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

FONT = "NanumMyeongjo"
TEXT_WIDTH_MM = 160
LONGEST_CENTRED_CELL = 24
TAG_COLOUR = RGBColor(0x1F, 0x3F, 0xBF)
REVISION_TAG = re.compile(r"([<\[](?:개정|본조신설|\d{4}\.)[^>\]]*[>\]])")
INDENTS_MM = ((re.compile(r"[①-⑳]"), 5), (re.compile(r"\d+\. "), 10), (re.compile(r"[가-하]\. "), 15))


def add_field(paragraph: Paragraph, instruction: str) -> None:
    """Add a field, such as PAGE, that LibreOffice fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no public way to add a field


def add_border(properties: BaseOxmlElement, side: str) -> None:
    """Draw a thin line on one side of a paragraph."""
    borders = OxmlElement("w:pBdr")
    border = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "2"), ("color", "808080")):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)
    properties.append(borders)


def new_document(regulation: Regulation) -> DocumentType:
    """Return an empty A4 document with its font, running head and page mark."""
    document = Document()
    date = datetime.fromisoformat(regulation.effective_date).replace(tzinfo=timezone.utc)
    properties = document.core_properties
    properties.title, properties.author = regulation.title, "주식회사 늘봄가람"
    properties.created = properties.modified = date
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(3)
    style.paragraph_format.line_spacing = 1.35
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm((210 - TEXT_WIDTH_MM) / 2)
    page.top_margin, page.bottom_margin = Mm(28), Mm(25)
    head = page.header.paragraphs[0]
    head.text = f"주식회사 늘봄가람\t{regulation.title}"
    head.paragraph_format.tab_stops.clear_all()
    head.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    head.style = style
    add_border(head._p.get_or_add_pPr(), "bottom")  # noqa: SLF001 - no public way to add a border
    foot = page.footer.paragraphs[0]
    foot.alignment, foot.style = WD_ALIGN_PARAGRAPH.CENTER, style
    foot.add_run("- ")
    add_field(foot, "PAGE")
    foot.add_run(" -")
    return document


def add_title_block(document: DocumentType, regulation: Regulation) -> None:
    """Add the title, its document number and the history of its revisions."""
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(10), Pt(14)
    run = title.add_run(regulation.title)
    run.bold, run.font.size = True, Pt(22)
    year, month, day = (int(part) for part in regulation.effective_date.split("-"))
    add_table(
        document,
        "@table widths=16,34,16,34 header=0",
        [
            f"| 문서번호 | {regulation.code} | 소관부서 | {regulation.department} |",
            f"| 시행일 | {year}년 {month}월 {day}일 | 승인권자 | 대표이사 |",
        ],
    )
    for entry in regulation.history:
        line = document.add_paragraph(entry)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.space_after = Pt(0)
        line.paragraph_format.line_spacing = 1.15


def add_text(paragraph: Paragraph, text: str) -> None:
    """Add text to a paragraph, revision tags in colour as statute books print them."""
    for part in REVISION_TAG.split(text):
        if not part:
            continue
        run = paragraph.add_run(part)
        if REVISION_TAG.fullmatch(part):
            run.font.color.rgb = TAG_COLOUR


def add_heading(document: DocumentType, line: str) -> None:
    """Add the heading of a chapter, a section, a 부칙 (centred) or an annex (on a page of its own)."""
    text = line.lstrip("# ")
    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.keep_with_next = True
    layout.space_before, layout.space_after = Pt(16), Pt(8)
    annex = ANNEX_KEY.match(text)
    if annex:
        layout.page_break_before, layout.space_before = True, Pt(0)
        paragraph.add_run(annex.group())
        name = document.add_paragraph()
        name.alignment = WD_ALIGN_PARAGRAPH.CENTER
        name.paragraph_format.keep_with_next = True
        paragraph, text = name, text[annex.end() :].strip()
    else:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title, *tag = REVISION_TAG.split(text)
    run = paragraph.add_run(title)
    run.bold, run.font.size = True, Pt(12 if line.startswith("###") else 14)
    add_text(paragraph, "".join(tag))


def add_paragraph(document: DocumentType, line: str) -> None:
    """Add one line of an article, its heading bold, or a line that names its own alignment."""
    paragraph = document.add_paragraph()
    if line.startswith(("@center ", "@right ")):
        word, _, text = line.partition(" ")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if word == "@center" else WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run(text)
        return
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    layout = paragraph.paragraph_format
    article = ARTICLE.match(line)
    if article:
        layout.space_before = Pt(8)
        layout.keep_with_next = article.end() == len(line)
        paragraph.add_run(article.group()).bold = True
        add_text(paragraph, line[article.end() :])
        return
    for pattern, indent_mm in INDENTS_MM:
        if pattern.match(line):
            layout.left_indent, layout.first_line_indent = Mm(indent_mm), Mm(-5)
    add_text(paragraph, line)


def fill_cell(cell: _Cell, text: str, *, header: bool) -> None:
    """Write a cell: short text centred, long text and lists to the left, header cells bold on grey."""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    parts = [part.strip() for part in text.split("//")]
    listed = re.match(r"(?:비고:|[가-하]\.|\d+\.) ?", text)
    for index, part in enumerate(parts):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.line_spacing = 1.15
        if not listed and len(part) <= LONGEST_CENTRED_CELL:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(part)
        run.font.size, run.bold = Pt(10), header
    if header:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E7E6E6")):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - no public way to shade a cell


def merged_ranges(grid: list[list[str]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (top, left, bottom, right) of each cell, `<` and `^` marks counted into the cell they join."""
    for top, row in enumerate(grid):
        for left, text in enumerate(row):
            if text in {"<", "^"}:
                continue
            right, bottom = left, top
            while right + 1 < len(row) and row[right + 1] == "<":
                right += 1
            while bottom + 1 < len(grid) and grid[bottom + 1][left] == "^":
                bottom += 1
            yield top, left, bottom, right


def add_table(document: DocumentType, directive: str, rows: list[str]) -> None:
    """Add a ruled table with its merged cells."""
    options = dict(option.split("=") for option in directive.split()[1:])
    widths = [TEXT_WIDTH_MM * int(percent) / 100 for percent in options["widths"].split(",")]
    header_rows = int(options["header"])
    grid = [[cell.strip() for cell in row.strip()[1:-1].split("|")] for row in rows]
    for row, cells in zip(rows, grid, strict=True):
        if len(cells) != len(widths):
            message = f"table row {row!r} has {len(cells)} cells; must have {len(widths)}."
            raise ValueError(message)
    table = document.add_table(len(grid), len(widths), style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for top, left, bottom, right in merged_ranges(grid):
        cell = table.cell(top, left)
        if (top, left) != (bottom, right):
            cell = cell.merge(table.cell(bottom, right))
        fill_cell(cell, grid[top][left], header=top < header_rows)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def write_docx(regulation: Regulation, path: Path) -> None:
    """Lay one revision out as a Word document."""
    document = new_document(regulation)
    add_title_block(document, regulation)
    for section in regulation.sections:
        lines = list(section.lines)
        while lines:
            line = lines.pop(0)
            if line.startswith("@table"):
                rows = []
                while lines and lines[0].startswith("|"):
                    rows.append(lines.pop(0))
                add_table(document, line, rows)
            elif line.startswith("#"):
                add_heading(document, line)
            else:
                add_paragraph(document, line)
    document.save(str(path))
