"""parse: PDFs to provisions.jsonl.

In: sources/ and the run's list of sources. Out: provisions.jsonl (regulations in the order of the run, provisions in
the order of the page) and parse_report.json (for each file what was found, where every character went, and what a
person should look at). It reads text layers only: a scanned file is refused. Characters become lines, lines lose what
belongs to the page, what is left is cut by the grammar and the sequence of its numbers (headings.py, sequence.py).
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regtune.artifacts import write_json, write_jsonl
from regtune.config import ParseConfig
from regtune.contracts import Contract, Provision, RunSpec, Source, StageResult
from regtune.documents.characters import Page, Pdf, read_pdf
from regtune.documents.furniture import find_furniture
from regtune.documents.lines import Line, find_spacing, page_lines
from regtune.documents.paragraphs import Margins
from regtune.documents.provisions import Found, Layout, Warned, build_provisions, read_title
from regtune.documents.sequence import Block
from regtune.documents.tables import cell_lines, page_tables
from regtune.documents.wrapping import Wraps
from regtune.errors import UnusableInputError
from regtune.open_run import SOURCES
from regtune.progress import Progress

_log = logging.getLogger(__name__)


class ParseWarning(Contract):
    """Something that a person should look at."""

    message: str
    page: int | None
    """1-based; null for the whole file."""


class Characters(Contract):
    """Where the non-blank characters of a file went; kept, moved and removed add up to the total."""

    total: int
    kept: int
    """In the text of provisions."""
    moved: dict[str, int]
    """`heading` into path, `revision_tag` into revision_tags."""
    removed: dict[str, int]
    """By reason: running_head, page_mark, contents, repeated_title, repeated_table_head, struck_twice, …"""


class FileReport(Contract):
    """What parse found in one file."""

    regulation_id: str
    regulation_title: str
    file: str
    pages: int
    characters: Characters
    counts: dict[str, int]
    """articles, deleted, parts, chapters, sections, addenda, addendum_articles, annexes, forms."""
    warnings: tuple[ParseWarning, ...]


class ParseReport(Contract):
    """parse_report.json."""

    files: tuple[FileReport, ...]


@dataclass(frozen=True)
class Parsed:
    """One file's records and report."""

    provisions: list[Provision]
    report: FileReport


def run(run_dir: Path, spec: RunSpec) -> StageResult:
    """Parse every source of the run.

    Raises:
        UnusableInputError: names every file that cannot be used; nothing is written then.
    """
    parsed: list[Parsed] = []
    failures: list[str] = []
    progress = Progress("parse", len(spec.sources))
    for source in spec.sources:
        try:
            parsed.append(parse_file(run_dir / SOURCES / source.file, source, spec.config.parse))
        except UnusableInputError as error:
            failures.append(str(error))
        else:
            for warning in parsed[-1].report.warnings:
                where = f"page {warning.page}" if warning.page else "whole file"
                _log.warning("parse: %s: %s: %s", source.file, where, warning.message)
        progress.advance(note=source.file)
    if failures:
        raise UnusableInputError("\nregtune: ".join(failures))
    provisions = [provision for file in parsed for provision in file.provisions]
    write_jsonl(run_dir / "provisions.jsonl", provisions)
    write_json(run_dir / "parse_report.json", ParseReport(files=tuple(file.report for file in parsed)))
    return StageResult(counts=_counts(parsed))


def parse_file(path: Path, source: Source, config: ParseConfig) -> Parsed:
    """Parse one PDF.

    Raises:
        UnusableInputError: it is no PDF, broken, encrypted, empty or has no text layer.
    """
    pdf = read_pdf(path)
    pages = pdf.pages
    spacing = find_spacing(pages, config.space_gap_em)
    removed: Counter[str] = Counter()
    for page in pages:
        removed.update(page.dropped)
    blocks: list[Block] = []
    for page in pages:
        tables, loose = page_tables(page, spacing, removed)
        found: list[Block] = [*page_lines(page, spacing, removed), *loose, *tables]
        blocks += sorted(found, key=lambda block: (block.band, block.y))
    lines = [block for block in blocks if isinstance(block, Line)]
    reasons = find_furniture(lines, {page.number: page.height for page in pages}, config.running_head_share)
    for i, reason in reasons.items():
        removed[reason] += lines[i].characters
    furniture = {id(lines[i]) for i in reasons}
    blocks = [block for block in blocks if id(block) not in furniture]
    layout = _layout(blocks, pages)
    title = source.title or read_title(blocks, layout.margins) or Path(source.file).stem
    found_provisions = build_provisions(blocks, layout, source.regulation_id, title)
    found_provisions.removed.update(removed)
    return Parsed(found_provisions.provisions, _report(source, title, pdf, found_provisions))


def _layout(blocks: Sequence[Block], pages: Sequence[Page]) -> Layout:
    lines = [block for block in blocks if isinstance(block, Line)]
    margins = Margins(lines, pages)
    in_cells = [line for block in blocks if not isinstance(block, Line) for line in cell_lines(block)]
    wraps = Wraps([*lines, *in_cells], [*(margins.reaches_edge(line) for line in lines), *(False for _ in in_cells)])
    return Layout(margins, wraps)


def _report(source: Source, title: str, pdf: Pdf, found: Found) -> FileReport:
    pages = pdf.pages
    warnings = [Warned(f"text may be missing: {pdf.damage}", None)] if pdf.damage else []
    warnings += [
        Warned("image without text; its content is missing" if page.images else "page without text", page.number)
        for page in pages
        if not page.characters
    ]
    warnings += [
        Warned(f"{count} {reason} characters left out", page.number)
        for page in pages
        for reason, count in sorted(page.dropped.items())
        if count
    ]
    warnings += found.warnings
    return FileReport(
        regulation_id=source.regulation_id,
        regulation_title=title,
        file=source.file,
        pages=len(pages),
        characters=Characters(
            total=sum(page.characters for page in pages),
            kept=found.kept,
            moved={name: count for name, count in sorted(found.moved.items()) if count},
            removed={name: count for name, count in sorted(found.removed.items()) if count},
        ),
        counts=dict(sorted(found.counts.items())),
        warnings=tuple(ParseWarning(message=warned.message, page=warned.page) for warned in warnings),
    )


def _counts(parsed: Sequence[Parsed]) -> dict[str, float | int | str]:
    total: Counter[str] = Counter()
    for file in parsed:
        total.update(file.report.counts)
        total["warnings"] += len(file.report.warnings)
    counts = {"files": len(parsed), "pages": sum(file.report.pages for file in parsed), **total}
    return {**counts, "provisions": sum(len(file.provisions) for file in parsed)}
