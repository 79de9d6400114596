"""How even the parts of split articles are, on every regulation of ../shared, with the shipped settings.

For each file: the coefficient of variation (CV) of tokens among the parts of each split article, its mean and maximum
over the articles, and the pooled CV over all these parts, which also sees how parts of different articles differ.
"""

import functools
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REGULATIONS = REPOSITORY.parent / "shared" / "regulations"
sys.path.insert(0, str(REPOSITORY / "plugins"))

from regtune.config import load_config  # noqa: E402 - after the path is set
from regtune.contracts import Provision, Source  # noqa: E402
from regtune.documents.chunk import chunk_provisions  # noqa: E402
from regtune.documents.parse import parse_file  # noqa: E402
from regtune.documents.tokens import TokenCounter, load_counter  # noqa: E402
from regtune.errors import UnusableInputError  # noqa: E402

_CONFIG = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml")


@dataclass(frozen=True)
class Evenness:
    """The chunks of one file."""

    chunks: int
    parts: list[list[int]]
    """Tokens of the parts of each split provision."""
    over: int
    """Chunks over the limit."""
    lost: int
    """Non-blank characters of provisions in force that are in no chunk, or in the wrong place."""

    @property
    def variations(self) -> list[float]:
        """CV of each split provision."""
        return [statistics.pstdev(parts) / statistics.mean(parts) for parts in self.parts]

    @property
    def pooled(self) -> float:
        """CV of all parts of split provisions together; 0.0 where none is split."""
        every = [tokens for parts in self.parts for tokens in parts]
        return statistics.pstdev(every) / statistics.mean(every) if every else 0.0


def main() -> None:
    """Print a line a file, and the worst figures."""
    if not REGULATIONS.is_dir():
        print("chunk: ../shared/regulations is absent; nothing measured")
        return
    found: list[Evenness] = []
    for path in sorted(REGULATIONS.rglob("*.pdf")):
        try:
            evenness = measure(parse(path))
        except UnusableInputError as error:
            print(f"chunk: {error}")
            continue
        found.append(evenness)
        if evenness.parts:
            print(
                f"chunk: {path.parent.name}: {evenness.chunks} chunks, {len(evenness.parts)} articles in "
                f"{sum(map(len, evenness.parts))} parts, CV {statistics.mean(evenness.variations):.3f} mean, "
                f"{max(evenness.variations):.3f} worst article, {evenness.pooled:.3f} pooled"
            )
    print(
        f"chunk: {len(found)} files, {sum(e.chunks for e in found)} chunks, {sum(e.over for e in found)} over the "
        f"limit, {sum(e.lost for e in found)} characters lost; CV {max(v for e in found for v in e.variations):.3f} "
        f"in the worst article, {max(e.pooled for e in found):.3f} pooled in the worst file"
    )


def parse(path: Path) -> list[Provision]:
    """Parse one PDF with the shipped settings."""
    source = Source(regulation_id=path.stem, title="", effective_date=date(2024, 1, 1), file=path.name, sha256="0" * 64)
    return parse_file(path, source, _CONFIG.parse).provisions


@functools.cache
def _counter() -> TokenCounter:
    return load_counter(_CONFIG.chunk.tokenizer)


def measure(provisions: Sequence[Provision]) -> Evenness:
    """Chunk each provision of a file by itself with the shipped settings."""
    count = _counter()
    chunks = [chunk_provisions([provision], [()], _CONFIG.chunk, count) for provision in provisions]
    lost = 0
    for provision, of_one in zip(provisions, chunks, strict=True):
        text, held = ("".join(t.split()) for t in (provision.text, "".join(chunk.text for chunk in of_one)))
        lost += 0 if held == text or provision.deleted or provision.part == "preamble" else len(text)
    return Evenness(
        chunks=sum(map(len, chunks)),
        parts=[[chunk.token_count for chunk in of_one] for of_one in chunks if len(of_one) > 1],
        over=sum(chunk.token_count > _CONFIG.chunk.max_tokens for of_one in chunks for chunk in of_one),
        lost=lost,
    )


if __name__ == "__main__":
    main()
