"""The golden set: hand-written pairs, good ones and bad ones with the reasons that may be given.

Pairs on the sample regulations stand beside the articles that they are about (chunks.jsonl). Pairs on the real ones
name folder and article; the articles are parsed from `shared`. More sets are about regulations made up for them: fresh/
to fresh_h/ by people who had not seen the rules, traps/ on what the rules were weak at. Each of them was measured once
before anybody read its misses, and then tuned on: their figures say what the rules know, not how they will do on
regulations that nobody has seen. A set for that stands in unseen/, if there is one: `validate_quality.py` prints it
apart. Whoever tunes on it names it as one of the others and has a new one written.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regtune.artifacts import read_jsonl
from regtune.cli import main
from regtune.contracts import Chunk, QAPair

GOLDEN = Path(__file__).resolve().parent / "golden"
SAMPLE = "sample"


@dataclass(frozen=True)
class Golden:
    """One labelled pair."""

    pair: QAPair
    expected: frozenset[str]
    """Any of these reasons finds it; empty for a good pair. The first one written is its class."""
    label: str
    """The class of a bad pair; empty for a good one."""


@dataclass(frozen=True)
class GoldenCorpus:
    """The pairs on one corpus."""

    name: str
    chunks: list[Chunk]
    pairs: list[Golden]
    apart: bool = False
    """Good and bad answers to one question stand side by side: each pair is judged without the others."""


@dataclass(frozen=True)
class Scores:
    """How well a way of checking tells good pairs from bad ones; shares are (hits, of how many)."""

    passed_by_type: dict[str, tuple[int, int]]
    """Good pairs that pass, by type."""
    found_by_class: dict[str, tuple[int, int]]
    """Bad pairs that fail, for whatever reason."""
    named: tuple[int, int]
    """Bad pairs that fail for a reason that they are labelled with."""

    @property
    def passed(self) -> float:
        """Share of good pairs that pass."""
        return _share(self.passed_by_type.values())

    @property
    def found(self) -> float:
        """Share of bad pairs that fail."""
        return _share(self.found_by_class.values())

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the two shares."""
        return (self.passed + self.found) / 2


def scores(pairs: Iterable[Golden], reasons: Mapping[str, Iterable[str]]) -> Scores:
    """Score the reasons given to pairs, by qa_id; no reason passes a pair."""
    passed: dict[str, list[bool]] = {}
    found: dict[str, list[bool]] = {}
    named: list[bool] = []
    for golden in pairs:
        given = set(reasons[golden.pair.qa_id])
        if golden.label:
            found.setdefault(golden.label, []).append(bool(given))
            named.append(bool(given & golden.expected))
        else:
            passed.setdefault(golden.pair.type, []).append(not given)
    return Scores(
        {name: (sum(hits), len(hits)) for name, hits in sorted(passed.items())},
        {name: (sum(hits), len(hits)) for name, hits in sorted(found.items())},
        (sum(named), len(named)),
    )


def _share(shares: Iterable[tuple[int, int]]) -> float:
    hits, of = (sum(column) for column in zip(*shares, strict=True))
    return hits / of


def read_golden() -> list[Golden]:
    """Return the labelled pairs on the sample regulations."""
    return read_folder(GOLDEN).pairs


def read_golden_chunks() -> list[Chunk]:
    """Return every article of the sample regulations as in force on 2025-07-01."""
    return read_folder(GOLDEN).chunks


def read_written() -> list[GoldenCorpus]:
    """Return the labelled pairs on regulations that were made up for them."""
    return [
        *(
            read_folder(GOLDEN / name)
            for name in ("fresh", "fresh_b", "fresh_c", "fresh_d", "fresh_e", "fresh_f", "fresh_g", "fresh_h")
        ),
        replace(read_folder(GOLDEN / "traps"), apart=True),
    ]


def read_folder(folder: Path) -> GoldenCorpus:
    """Return what a folder holds: pairs.jsonl with `expected` in each row, and the chunks that they are about."""
    neutral = {"token_count": 0, "page_first": 1, "page_last": 1, "text_sha256": ""}
    chunks = [Chunk.model_validate({**neutral, **row}) for row in _rows(folder / "chunks.jsonl")]
    return GoldenCorpus(folder.name, chunks, [_golden(row) for row in _rows(folder / "pairs.jsonl")])


def read_shared_labels() -> list[Golden]:
    """Return the labelled pairs on the real regulations without their articles."""
    return [
        _golden({**_without_place(row), "chunk_id": row["article"]}) for row in _rows(GOLDEN / "shared_pairs.jsonl")
    ]


def read_shared_corpora(shared: Path, scratch: Path) -> list[GoldenCorpus]:
    """Parse the real regulations that the set refers to and return one corpus for each institution.

    Args:
        shared: the folder with `regulations/`.
        scratch: where the parsed files go.
    """
    rows = _rows(GOLDEN / "shared_pairs.jsonl")
    folders = sorted({row["regulation"] for row in rows})
    chunks = {folder: _chunks_of(shared / "regulations" / folder, scratch / folder) for folder in folders}
    corpora = []
    for institution in sorted({_institution(folder) for folder in folders}):
        own = [row for row in rows if _institution(row["regulation"]) == institution]
        pairs = [_golden({**_without_place(row), "chunk_id": _chunk_id(row, chunks)}) for row in own]
        held = [chunk for folder in folders if _institution(folder) == institution for chunk in chunks[folder]]
        corpora.append(GoldenCorpus(institution, held, pairs))
    return corpora


def _institution(folder: str) -> str:
    return folder.partition("-")[0]


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _golden(row: dict[str, Any]) -> Golden:
    expected = row.pop("expected")
    neutral = {"evidence": None, "model": "", "prompt_sha256": "", "request_sha256": ""}
    return Golden(QAPair.model_validate({**neutral, **row}), frozenset(expected), expected[0] if expected else "")


def _without_place(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("regulation", "article", "span")}


def _chunk_id(row: dict[str, Any], chunks: dict[str, list[Chunk]]) -> str:
    """Of the parts of an article the one that holds the span, else the first."""
    parts: Iterable[Chunk] = [chunk for chunk in chunks[row["regulation"]] if chunk.article == row["article"]]
    return next(chunk.chunk_id for chunk in parts if not row["span"] or row["span"] in chunk.text)


def _chunks_of(folder: Path, scratch: Path) -> list[Chunk]:
    pdf = max(folder.glob("*.pdf"))
    assert main(["parse", "--pdf", str(pdf), "--out", str(scratch)]) == 0
    assert main(["chunk", "--provisions", str(scratch / "provisions.jsonl"), "--out", str(scratch)]) == 0
    return read_jsonl(scratch / "chunks.jsonl", Chunk)
