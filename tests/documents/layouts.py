"""Lines laid out by hand, and parsing with the shipped settings."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from regtune.config import ParseConfig
from regtune.contracts import Source
from regtune.documents.bundles import parted_lines
from regtune.documents.lines import Line
from regtune.documents.paragraphs import Margins
from regtune.documents.parse import Parsed, parse_file
from regtune.documents.provisions import Found, build_provisions
from regtune.documents.sections import cut_sections
from regtune.documents.texts import Layout
from regtune.documents.wrapping import Wraps

SAMPLES = Path(__file__).resolve().parents[2] / "include" / "regulations"
CONFIG = ParseConfig(space_gap_em=0.22, running_head_share=0.5, ocr="auto", workers=0, timeout_seconds=600)
LEFT, RIGHT, EM = 70.0, 520.0, 10.0
FULL = "~"
"""At a text's end: the line reaches the right edge of the column."""


def parsed(path: Path, title: str = "") -> Parsed:
    """Parse one file with the settings that both configurations ship."""
    source = Source(
        regulation_id=path.stem, title=title, effective_date=date(2024, 1, 1), file=path.name, sha256="0" * 64
    )
    return parse_file(path, source, CONFIG)


def lines_of(*texts: str, page: int = 1) -> list[Line]:
    """Lines of one column; a text that ends in `~` fills its line, any other ends well before its edge."""
    return [
        Line(
            page=page,
            band=0,
            text=text.removesuffix(FULL),
            x0=LEFT,
            x1=RIGHT if text.endswith(FULL) else min(LEFT + len(text) * EM / 2, RIGHT - 100),
            y=100.0 + 15 * i,
            size=EM,
            ends_blank=False,
        )
        for i, text in enumerate(texts)
    ]


def layout_of(lines: Sequence[Line]) -> Layout:
    """Margins of the column that `lines_of` lays out, and wraps learnt from the lines themselves."""
    edge = lines_of(*["가" + FULL] * len(lines))
    margins = Margins([*lines, *edge], dict.fromkeys({line.page for line in lines} | {1}, 595.0))
    return Layout(margins, Wraps(lines, [line.x1 >= RIGHT for line in lines]))


def provisions_of(*texts: str) -> Found:
    """Provisions of one page of lines."""
    lines = lines_of(*texts)
    layout = layout_of(lines)
    return build_provisions(cut_sections(parted_lines(lines), layout.margins), layout, "rule", "규정")
