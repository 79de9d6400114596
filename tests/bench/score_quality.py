"""What each deterministic score catches: precision and recall on answers that people labelled with their faults.

Reads tests/benchmark/labelled_answers.yaml. Half of the questions were held back while the scores were made; both
halves are printed. Labels and answers were written for this set; answers of real models will have other faults as well.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]

from stand_in import sample_chunks  # noqa: E402 - after the path is set

from regtune.benchmark.rows import Scores  # noqa: E402
from regtune.benchmark.scores import score_answer  # noqa: E402
from regtune.config import load_config  # noqa: E402
from regtune.contracts import QAPair  # noqa: E402

LABELLED = REPOSITORY / "tests" / "benchmark" / "labelled_answers.yaml"
RIGHT = frozenset({"right", "terse", "long", "article", "regulation"})
"""A wrong citation alone does not make the advice wrong; it has a score of its own."""
SOURCES = {"복무규정": "service-2024-01-01", "취업규칙": "work-rules-2024-01-01"}


@dataclass(frozen=True)
class Catch:
    """What one score is for."""

    speaks: Callable[[Scores], bool]
    faults: frozenset[str]
    aside: frozenset[str] = frozenset()
    """Faults that bring this one along (a refusal states no figure): such answers are not counted here."""


def codes(words: str) -> frozenset[str]:
    """Codes of the file."""
    return frozenset(words.split())


CATCHES: Mapping[str, Catch] = {
    "correct (fails)": Catch(
        lambda s: not s.correct,
        codes(
            "number condition invented promise unrelated refusal absence case reversed addressee absolute language "
            "vague"
        ),
    ),
    "quantities": Catch(
        lambda s: s.quantities_right is False,
        codes("number case"),
        codes("refusal absence vague language condition reversed invented"),
    ),
    "conditions": Catch(
        lambda s: bool(s.missing_conditions), codes("condition"), codes("refusal absence vague language reversed case")
    ),
    "invention": Catch(
        lambda s: bool(s.invented or s.unsupported_quantities),
        codes("invented promise unrelated"),
        codes("number case vague language absolute"),
    ),
    "reversal": Catch(
        lambda s: bool(s.reversed_claims), codes("reversed addressee absolute"), codes("refusal absence case")
    ),
    "citation": Catch(lambda s: s.article_right is False, codes("article regulation")),
    "refusal": Catch(lambda s: s.refused, codes("refusal")),
    "language": Catch(lambda s: not s.korean, codes("language")),
}
"""Absence is counted apart, by type of question."""


@dataclass(frozen=True)
class Scored:
    """One labelled answer with its scores."""

    question: str
    type: str
    held_back: bool
    code: str
    answer: str
    scores: Scores


@dataclass(frozen=True)
class Found:
    """Counts of one score."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Of the answers caught, those that have the fault."""
        return self.hits / max(self.hits + self.false, 1)

    @property
    def recall(self) -> float:
        """Of the answers with the fault, those caught."""
        return self.hits / max(self.hits + self.missed, 1)


def scored_answers() -> list[Scored]:
    """Score every labelled answer with the shipped settings."""
    config = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").benchmark
    chunks = {(title, c.article): c for title, name in SOURCES.items() for c in sample_chunks(name, title)}
    found = []
    for entry in yaml.safe_load(LABELLED.read_text(encoding="utf-8")):
        chunk = chunks[entry["regulation"], entry["article"]]
        pair = QAPair(
            qa_id="q",
            type=entry["type"],
            question=entry["question"],
            answer=entry["reference"],
            chunk_id=chunk.chunk_id,
            evidence=None,
            model="",
            prompt_sha256="",
            request_sha256="",
        )
        for code, answer in entry["answers"]:
            scores = score_answer(answer, pair, chunk, config)
            held_back = bool(entry.get("held_back"))
            found.append(Scored(entry["question"], entry["type"], held_back, code, answer, scores))
    return found


def quality(answers: list[Scored]) -> dict[str, Found]:
    """Hits, false alarms and misses of each score."""
    found = {}
    for name, catch in CATCHES.items():
        rows = [row for row in answers if row.code not in catch.aside]
        caught = [row for row in rows if catch.speaks(row.scores)]
        hits = sum(row.code in catch.faults for row in caught)
        found[name] = Found(hits, len(caught) - hits, sum(row.code in catch.faults for row in rows) - hits)
    negatives = [row for row in answers if row.type == "negative"]
    others = [row for row in answers if row.type != "negative"]
    for name, rows, meant in (
        ("absence recognised (negatives)", negatives, RIGHT | {"promise", "unrelated"}),
        ("false absence (others)", others, frozenset({"absence"})),
    ):
        hits = sum(row.scores.absent and row.code in meant for row in rows)
        said = sum(row.scores.absent for row in rows)
        found[name] = Found(hits, said - hits, sum(row.code in meant for row in rows) - hits)
    return found


def main() -> int:
    """Print precision and recall of each score, for both halves; --errors: also what went wrong in the open half."""
    answers = scored_answers()
    for title, held_back in (("open half", False), ("held back", True)):
        part = [row for row in answers if row.held_back is held_back]
        print(f"{title}: {len(part)} answers, {sum(row.code not in RIGHT for row in part)} with a fault")
        for name, found in quality(part).items():
            print(
                f"  {name:32} precision {found.precision:.2f} recall {found.recall:.2f} "
                f"(caught {found.hits}, false alarms {found.false}, missed {found.missed})"
            )
    if "--errors" in sys.argv:
        for row in answers:
            wrong = [
                n
                for n, c in CATCHES.items()
                if row.code not in c.aside and c.speaks(row.scores) is not (row.code in c.faults)
            ]
            if not row.held_back and wrong:
                print(f"{row.code} ({', '.join(wrong)}): {row.question} -> {row.answer}\n    {_told(row.scores)}")
    return 0


def _told(scores: Scores) -> str:
    return ", ".join(f"{name}={value}" for name, value in scores if value not in ((), None, False))


if __name__ == "__main__":
    sys.exit(main())
