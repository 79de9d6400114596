"""Parsing the sample regulations beside PyMuPDF's own `rawdict` extraction of the same pages, in one process."""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "plugins"))
REPEATS = 3


def main() -> None:
    """Print seconds and pages a second, best of three."""
    import pymupdf

    from regtune.config import load_config
    from regtune.documents import parse
    from regtune.open_run import RunRequest, open_run, plan_run

    register = REPOSITORY / "include" / "regulations" / "register.yaml"
    spec = plan_run(register, load_config(REPOSITORY / "include/config/demo.yaml"), {}, RunRequest(date(2025, 7, 1)))
    with tempfile.TemporaryDirectory() as name:
        run_dir = Path(name)
        open_run(run_dir, spec, register.parent)
        files = sorted((run_dir / "sources").glob("*.pdf"))

        def extract() -> int:
            pages = 0
            for file in files:
                with pymupdf.open(file) as document:
                    for page in document:
                        page.get_text("rawdict")
                    pages += len(document)
            return pages

        pages = extract()
        raw, whole = (min(_timed(work) for _ in range(REPEATS)) for work in (extract, lambda: parse.run(run_dir, spec)))
    print(
        f"parse: {pages} pages in {whole:.2f} s ({pages / whole:.0f} a second), {whole / raw:.1f} times rawdict alone"
    )


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
