"""parse: PDFs to provisions.jsonl.

In: sources/ and the run's list of sources. Out: provisions.jsonl (regulations in the order of the run, provisions in
the order of the page) and parse_report.json (for each file what was found, where every character went, and what a
person should look at). Characters become lines, lines lose what belongs to the page, what is left is cut by the
grammar and the sequence of its numbers (headings.py, sequence.py). Files are read side by side (isolated.py).
"""

import contextlib
import gc
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regtune.artifacts import write_json, write_jsonl
from regtune.config import ParseConfig
from regtune.contracts import Provision, RunSpec, Source, StageResult
from regtune.documents.amendments import set_amendments_aside
from regtune.documents.blocks import FileBlocks, read_blocks
from regtune.documents.bundles import parted_lines, split_regulations
from regtune.documents.isolated import Failure, Tell, Told, run_isolated, worker_count
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins
from regtune.documents.provisions import Found, build_provisions, read_title
from regtune.documents.report import Characters, FileReport, ParseReport, ParseWarning
from regtune.documents.sections import cut_sections
from regtune.documents.tables import cell_lines
from regtune.documents.texts import Layout
from regtune.documents.wrapping import Wraps
from regtune.errors import UnusableInputError
from regtune.open_run import SOURCES
from regtune.progress import Progress

_log = logging.getLogger(__name__)


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
    import numpy as np  # noqa: F401 - once here, so that no child has to
    import pymupdf  # noqa: F401

    config = spec.config.parse
    parsed: dict[int, Parsed] = {}
    failures: dict[int, str] = {}
    progress = Progress("parse", len(spec.sources))
    workers = worker_count(config.workers, len(spec.sources))

    def work(source: Source, tell: Tell) -> Parsed:
        return parse_file(run_dir / SOURCES / source.file, source, config, tell)

    for index, result in run_isolated(work, spec.sources, workers, config.timeout_seconds):
        file = spec.sources[index].file
        if isinstance(result, Told):
            progress.tick(f"{file} page {result.done}/{result.total}")
            continue
        if isinstance(result, Failure):
            failures[index] = result.message if result.message.startswith(file) else f"{file}: {result.message}"
        else:
            parsed[index] = result
        progress.advance(note=file)
    if failures:
        raise UnusableInputError("\nregtune: ".join(message for _, message in sorted(failures.items())))
    files = [parsed[index] for index in sorted(parsed)]
    for each in files:
        _log_warnings(each.report)
    write_jsonl(run_dir / "provisions.jsonl", [provision for each in files for provision in each.provisions])
    write_json(run_dir / "parse_report.json", ParseReport(files=tuple(each.report for each in files)))
    return StageResult(counts=_counts(files))


def parse_file(path: Path, source: Source, config: ParseConfig, tell: Tell | None = None) -> Parsed:
    """Parse one PDF; `tell` is told the pages read and all pages.

    Raises:
        UnusableInputError: it is no PDF, broken, encrypted, empty or has no text.
        PrerequisiteMissingError: it has to be read by OCR and there is none.
    """
    with _without_collection():
        file = read_blocks(path, config, tell)
        layout = _layout(file)
        found: list[tuple[str, str, Found]] = []
        rules = split_regulations(set_amendments_aside(file, parted_lines(file.blocks)), file.widths)
        file.blocks = []  # a line goes as its provision comes, so that a long file is not held twice
        while rules:
            sections = cut_sections(rules.pop(0), layout.margins)
            regulation_id, title = _name(read_title(sections), source, [name for name, _, _ in found])
            found.append((regulation_id, title, build_provisions(sections, layout, regulation_id, title)))
        return Parsed([p for _, _, part in found for p in part.provisions], _report(source, file, found))


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Without the cyclic collector, which walks over all characters of a page again and again and finds no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _layout(file: FileBlocks) -> Layout:
    lines = [block for block in file.blocks if isinstance(block, Line)]
    margins = Margins(lines, file.widths)
    in_cells = [line for block in file.blocks if not isinstance(block, Line) for line in cell_lines(block)]
    wraps = Wraps([*lines, *in_cells], [*(margins.reaches_edge(line) for line in lines), *(False for _ in in_cells)])
    return Layout(margins, wraps)


def _name(printed: str, source: Source, taken: Sequence[str]) -> tuple[str, str]:
    """Id and title of a regulation: the source's own for the first of a file, by its printed title for any other."""
    if not taken:
        return source.regulation_id, source.title or printed or Path(source.file).stem
    wanted = f"{source.regulation_id}-{''.join(printed.split()) or len(taken) + 1}"
    again = sum(name == wanted or name.startswith(f"{wanted}-") for name in taken)
    return f"{wanted}-{again + 1}" if again else wanted, printed or source.title or Path(source.file).stem


def _report(source: Source, file: FileBlocks, found: Sequence[tuple[str, str, Found]]) -> FileReport:
    parts = [part for _, _, part in found]
    moved = sum((part.moved for part in parts), Counter[str]())
    removed = sum((part.removed for part in parts), Counter(file.removed))
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    warnings = [*file.warnings, *(each for part in parts for each in part.warnings)]
    return FileReport(
        regulation_id=source.regulation_id,
        regulation_title=found[0][1],
        regulations={regulation_id: title for regulation_id, title, _ in found},
        file=source.file,
        pages=len(file.widths),
        characters=Characters(
            total=file.characters,
            kept=sum(part.kept for part in parts),
            moved={name: count for name, count in sorted(moved.items()) if count},
            removed={name: count for name, count in sorted(removed.items()) if count},
        ),
        counts=dict(sorted(counts.items())),
        warnings=tuple(ParseWarning(code=each.code, message=each.message, page=each.page) for each in warnings),
    )


def _log_warnings(report: FileReport) -> None:
    for warning in report.warnings:
        where = f"{warning.page}쪽" if warning.page else "파일 전체"
        _log.warning("parse: %s: %s: %s", report.file, where, warning.message)


def _counts(files: Sequence[Parsed]) -> dict[str, float | int | str]:
    total: Counter[str] = Counter()
    for file in files:
        total.update(file.report.counts)
        total["warnings"] += len(file.report.warnings)
    counts = {"files": len(files), "pages": sum(file.report.pages for file in files), **total}
    regulations = sum(len(file.report.regulations) for file in files)
    return {**counts, "regulations": regulations, "provisions": sum(len(file.provisions) for file in files)}
