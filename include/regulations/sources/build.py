"""Build the sample regulation PDFs and their register from the text sources beside this file.

In: `<regulation_id>-<effective date>.txt`. The earliest of a regulation is its whole text, each later
one only what that revision changes. Out: one PDF a revision and register.yaml, both in the folder above.

    python build.py        (needs python-docx, LibreOffice Writer and the NanumMyeongjo font)

The text is laid out as DOCX in a temporary folder and printed by LibreOffice, because PDFs made that
way carry the traits of real ones: running heads, page marks, justified lines that wrap inside a word.
The same sources and the same LibreOffice give the same bytes; another LibreOffice gives the same text
in other bytes, so that the hashes in the register change with it.

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

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

EXIT_MISSING = 4

try:
    from docx import Document
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor
except ImportError as error:
    sys.stderr.write("build.py: python-docx is missing; install it with: pip install python-docx\n")
    raise SystemExit(EXIT_MISSING) from error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document as DocumentType
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

SOURCES = Path(__file__).resolve().parent
OUTPUT = SOURCES.parent
FONT = "NanumMyeongjo"
TEXT_WIDTH_MM = 160
CONVERT_TIMEOUT_SECONDS = 180
LONGEST_CENTRED_CELL = 24
TAG_COLOUR = RGBColor(0x1F, 0x3F, 0xBF)

SOURCE_NAME = re.compile(r"(?P<regulation_id>[a-z-]+)-(?P<date>\d{4}-\d{2}-\d{2})\.txt")
ARTICLE = re.compile(r"(제\d+조(?:의\d+)?)(\([^)]*\))?")
BACK_MATTER = re.compile(r"## (?:부 ?칙|\[별[표지])")
ANNEX_KEY = re.compile(r"\[별[표지][^\]]*\]")
REVISION_TAG = re.compile(r"([<\[](?:개정|본조신설|\d{4}\.)[^>\]]*[>\]])")
INDENTS_MM = ((re.compile(r"[①-⑳]"), 5), (re.compile(r"\d+\. "), 10), (re.compile(r"[가-하]\. "), 15))

REGISTER_COMMENT = """\
# The sample regulations: every revision, the date it takes effect (시행일), its PDF and the PDF's sha256.
# 주식회사 늘봄가람 is a fictional company; all three texts were written for this project.
# Written by sources/build.py: change the sources, not this file.
"""


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


def pin_pdf(content: bytes, effective_date: str) -> bytes:
    """Put the effective date and a hash in place of the clock and the random ids: same length, same offsets."""
    date = f"D:{effective_date.replace('-', '')}000000Z'".encode()
    content = re.sub(rb"D:\d{14}(?:Z|[+-]\d\d)'(?:\d\d')?", lambda found: date.ljust(len(found[0])), content)
    file_ids = rb"(?<=<)[0-9A-F]{32}(?=>)|(?<=/DocChecksum /)[0-9A-F]{32}"
    start = content.rindex(b"\ntrailer")
    body, trailer = content[:start], content[start:]
    file_id = hashlib.sha256(body).hexdigest()[:32].upper().encode()
    return body + re.sub(file_ids, file_id, trailer)


def print_pdf(docx_path: Path, effective_date: str) -> bytes:
    """Print a DOCX with LibreOffice, under a profile of its own, and return the PDF."""
    folder = docx_path.parent
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(docx_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=CONVERT_TIMEOUT_SECONDS)
    return pin_pdf(docx_path.with_suffix(".pdf").read_bytes(), effective_date)


def write_register(regulations: list[list[Regulation]]) -> None:
    """Write register.yaml from the PDFs as they now lie in the output folder."""
    lines = [REGISTER_COMMENT + "regulations:"]
    for revisions in regulations:
        lines += [f"  - regulation_id: {revisions[0].regulation_id}", f"    title: {revisions[0].title}"]
        lines.append("    revisions:")
        for revision in revisions:
            sha256 = hashlib.sha256((OUTPUT / revision.pdf_name).read_bytes()).hexdigest()
            lines.append(
                f"      - {{effective_date: {revision.effective_date}, file: {revision.pdf_name}, sha256: {sha256}}}"
            )
    (OUTPUT / "register.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def missing_prerequisite() -> str | None:
    """Name the first program or font that is not there, with how to get it."""
    if shutil.which("soffice") is None:
        return "soffice (LibreOffice) is missing; install it with: apt-get install libreoffice-writer"
    if shutil.which("fc-match") is None:
        return "fc-match is missing; install it with: apt-get install fontconfig"
    found = subprocess.run(
        ["fc-match", "-f", "%{family}", FONT],  # noqa: S607 - found on PATH just above
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if FONT not in found:
        return f"the font {FONT} is missing; install it with: apt-get install fonts-nanum"
    return None


def main() -> int:
    """Build every PDF, then the register."""
    missing = missing_prerequisite()
    if missing:
        sys.stderr.write(f"build.py: {missing}\n")
        return EXIT_MISSING
    regulations = read_regulations()
    with tempfile.TemporaryDirectory() as folder:
        for revision in (revision for revisions in regulations for revision in revisions):
            docx_path = Path(folder) / revision.pdf_name.replace(".pdf", ".docx")
            write_docx(revision, docx_path)
            (OUTPUT / revision.pdf_name).write_bytes(print_pdf(docx_path, revision.effective_date))
            sys.stdout.write(f"{revision.pdf_name}\n")
    write_register(regulations)
    return 0


if __name__ == "__main__":
    sys.exit(main())
