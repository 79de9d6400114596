"""chunk on every real regulation beside the checkout."""

from pathlib import Path

from chunk_evenness import measure
from documents.layouts import parsed


def test_chunks_of_real_regulations(shared: Path) -> None:
    """No chunk is over the limit, no character is lost, and parts of split articles are even, in each file as a whole.

    The coefficient of variation is at most 0.15 within every article, and over all parts of a file together.
    """
    split = 0
    for path in sorted((shared / "regulations").rglob("*.pdf")):
        if path.parent.name == "kwu-labnote-scan":
            continue
        found = measure(parsed(path).provisions)
        split += len(found.parts)
        assert (found.over, found.lost) == (0, 0), path.name
        assert max(found.variations, default=0.0) <= 0.15, path.name
        assert found.pooled <= 0.15, path.name
    assert split >= 40
