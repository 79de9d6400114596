"""Short excerpts of the real regulations, typed from the page images, against the spaces that parse gives them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from regtune.contracts import Provision

_EXCERPTS = Path(__file__).parent / "golden" / "spaces.json"
_DOTS = str.maketrans(dict.fromkeys("ㆍ‧•∙･・․⋅", "·"))


def count_spaces(provisions_of: Callable[[str], Sequence[Provision]]) -> tuple[int, int, int]:
    """Return how many files and words the excerpts have, and how many spaces are missing or too many.

    Args:
        provisions_of: gives the provisions of the PDF in a folder of the real regulations.
    """
    words = wrong = 0
    golden = json.loads(_EXCERPTS.read_text(encoding="utf-8"))
    for folder, excerpts in golden.items():
        lines = [line.translate(_DOTS) for p in provisions_of(folder) for line in p.text.split("\n")]
        for excerpt in (each.translate(_DOTS) for each in excerpts):
            squeezed = "".join(excerpt.split())
            line = next(line for line in lines if squeezed in "".join(line.split()))
            start = "".join(line.split()).index(squeezed)
            inside = {end - start for end in _word_ends(line) if 0 < end - start < len(squeezed)}
            wrong += len(inside ^ _word_ends(excerpt))
            words += len(excerpt.split())
    return len(golden), words, wrong


def _word_ends(text: str) -> set[int]:
    """How many characters stand before each space."""
    return {len("".join(text[:i].split())) for i, character in enumerate(text) if character == " "}
