"""The golden set: pairs on the sample regulations, good ones and bad ones with the reasons that may be given."""

import json
from dataclasses import dataclass
from pathlib import Path

from regtune.contracts import Chunk, QAPair

GOLDEN = Path(__file__).resolve().parent / "golden"


@dataclass(frozen=True)
class Golden:
    """One labelled pair."""

    pair: QAPair
    expected: frozenset[str]
    """Any of these reasons finds it; empty for a good pair."""


def read_golden() -> list[Golden]:
    """Return the labelled pairs."""
    neutral = {"model": "", "prompt_sha256": "", "request_sha256": ""}
    rows = [json.loads(line) for line in (GOLDEN / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Golden(QAPair.model_validate({**row, **neutral}), expected)
        for row in rows
        if (expected := frozenset(row.pop("expected"))) is not None
    ]


def read_golden_chunks() -> list[Chunk]:
    """Return the articles that they are about."""
    neutral = {"token_count": 0, "page_first": 1, "page_last": 1, "text_sha256": ""}
    rows = (GOLDEN / "chunks.jsonl").read_text(encoding="utf-8").splitlines()
    return [Chunk.model_validate({**json.loads(row), **neutral}) for row in rows]
