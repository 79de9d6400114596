"""Speed and memory of parse, side by side in one run on the same pages.

In one process, by its own CPU time: PyMuPDF's `rawdict` alone and regtune's parse, file by file in turn, on the samples
and on the text PDFs beside the checkout; then pdfplumber and pymupdf4llm on the samples. Then seconds, peak memory and
bytes of output text of files of 20, 1,000 and 4,000 pages, each in a process of its own.
"""

import math
import multiprocessing
import multiprocessing.connection
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "plugins"))
REGULATIONS = REPOSITORY.parent / "shared" / "regulations"
REPEATS = 5
LONG = (1000, 4000)


def main() -> None:
    """Print every figure; best of five runs of each, the others' of one."""
    files = sorted((REPOSITORY / "include" / "regulations").glob("*.pdf"))
    whole = _beside_rawdict("samples", files)
    real = [path for path in sorted(REGULATIONS.glob("*/*.pdf")) if _has_text(path)]
    if real:
        _beside_rawdict("real regulations", real)
    for name, work in (("pdfplumber", pdfplumber_text), ("pymupdf4llm", pymupdf4llm_text)):
        try:
            seconds = _timed(work, files)
        except ImportError:
            print(f"parse: {name} is not installed here; install tests/requirements.txt to compare")
        else:
            print(f"parse: {name} takes {seconds:.2f} s on the same pages, {seconds / whole:.1f} times as long")
    with tempfile.TemporaryDirectory() as folder:
        long = [_long_file(files[-1], Path(folder) / f"{count}.pdf", count) for count in LONG]
        measured = [_apart(path) for path in (files[-1], *long)]
    for one in measured:
        print(
            f"parse: file of {one.pages} pages: {one.seconds:.1f} s in one process, peak {one.peak:.0f} MiB, "
            f"output text {one.text:.1f} MiB"
        )
    shorter, longer = measured[-2:]
    thousands = (longer.pages - shorter.pages) / 1000
    print(
        f"parse: peak grows by {(longer.peak - shorter.peak) / thousands:.0f} MiB for 1,000 pages, "
        f"output text by {(longer.text - shorter.text) / thousands:.1f} MiB"
    )


def _beside_rawdict(name: str, files: Sequence[Path]) -> float:
    """Print how parse compares with `rawdict`; return its CPU seconds. The least of its runs stands for each file."""
    raw, whole, pages = dict.fromkeys(files, math.inf), dict.fromkeys(files, math.inf), rawdict(files)
    for _ in range(REPEATS):
        for file in files:  # in turn, so that what else the machine does meets both
            raw[file] = min(raw[file], _timed(rawdict, [file]))
            whole[file] = min(whole[file], _timed(parse, [file]))
    ours, theirs = sum(whole.values()), sum(raw.values())
    ratios = sorted(whole[file] / raw[file] for file in files)
    print(
        f"parse: {name}: {pages} pages in {ours:.2f} s of CPU in one process, {ours / theirs:.2f} times rawdict alone "
        f"({theirs:.2f} s); by file {ratios[0]:.2f} to {ratios[-1]:.2f}"
    )
    return ours


def _has_text(path: Path) -> bool:
    import pymupdf

    with pymupdf.open(path) as document:
        return any(page.get_text().strip() for page in document)


def rawdict(files: Sequence[Path]) -> int:
    """Extract every page's characters and do nothing with them."""
    import pymupdf

    pages = 0
    for file in files:
        with pymupdf.open(file) as document:
            for page in document:
                page.get_text("rawdict")
            pages += len(document)
    return pages


@dataclass(frozen=True)
class Measured:
    """One file, parsed in a process of its own; sizes in MiB."""

    seconds: float
    peak: float
    pages: int
    text: float


def parse(files: Sequence[Path]) -> int:
    """Parse as the stage does, in this process."""
    return sum(parsed.report.pages for parsed in _parsed(files))


def _parsed(files: Sequence[Path]) -> Iterator[Any]:
    from regtune.config import load_config
    from regtune.contracts import Source
    from regtune.documents.parse import parse_file

    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml").parse
    for file in files:
        source = Source(regulation_id=file.stem, title="", effective_date=date(2025, 1, 1), file=file.name, sha256="")
        yield parse_file(file, source, config)


def pdfplumber_text(files: Sequence[Path]) -> int:
    """Text and tables, as pdfplumber's users take them."""
    import pdfplumber

    pages = 0
    for file in files:
        with pdfplumber.open(file) as document:
            for page in document.pages:
                page.extract_text()
                page.extract_tables()
            pages += len(document.pages)
    return pages


def pymupdf4llm_text(files: Sequence[Path]) -> int:
    """Markdown with tables, without OCR."""
    import pymupdf4llm

    options = {"page_chunks": True, "show_progress": False, "use_ocr": False}
    return sum(len(pymupdf4llm.to_markdown(str(file), **options)) for file in files)


def _timed(work: Callable[[Sequence[Path]], int], files: Sequence[Path]) -> float:
    started = time.process_time()
    work(files)
    return time.process_time() - started


def _long_file(file: Path, target: Path, pages: int) -> Path:
    import pymupdf

    with pymupdf.open(file) as source, pymupdf.open() as long:
        while long.page_count < pages:
            long.insert_pdf(source)
        long.save(target)
    return target


def _measure(path: Path, sending: multiprocessing.connection.Connection) -> None:
    started = time.perf_counter()
    (parsed,) = _parsed([path])
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text(encoding="utf-8")  # getrusage counts the parent's memory too
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    text = sum(len(provision.text.encode()) for provision in parsed.provisions)
    sending.send(Measured(seconds, peak / 1024, parsed.report.pages, text / 2**20))


def _apart(path: Path) -> Measured:
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(path, sending))
    process.start()
    figures: Measured = receiving.recv()
    process.join()
    return figures


if __name__ == "__main__":
    main()
