"""Labelled pairs of questions, and how well something finds those that ask the same.

duplicate_pairs.tsv, written by hand: half, whether both ask the same, the kind of likeness or of trap, two questions.
What was held back at first moved to the tune half once it had been learnt from; of the present held-back half the
wording of some questions was looked at too. The fresh part is of people who had not seen the rules, about regulations
of their own; its second hundred was tuned on, and endings that all of it showed were mended.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TUNE, HELD_BACK, FRESH = "tune", "held_back", "fresh"


@dataclass(frozen=True)
class Labelled:
    """Two questions."""

    half: str
    same: bool
    kind: str
    one: str
    other: str


def read_labelled() -> list[Labelled]:
    """Return every labelled pair."""
    with Path(__file__).with_suffix(".tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Labelled(row["half"], row["same"] == "1", row["class"], row["a"], row["b"]) for row in rows]


def f1_of(half: str, find: Callable[[list[tuple[str, str]]], set[tuple[str, str]]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over the labelled pairs of a half, all its questions being one collection."""
    labelled = [pair for pair in read_labelled() if pair.half == half]
    questions = [
        (f"{i:03}{side}", text) for i, p in enumerate(labelled) for side, text in (("a", p.one), ("b", p.other))
    ]
    found = find(questions)
    hits = [pair.same for i, pair in enumerate(labelled) if (f"{i:03}a", f"{i:03}b") in found]
    precision = sum(hits) / len(hits) if hits else 0.0
    recall = sum(hits) / sum(pair.same for pair in labelled)
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0
