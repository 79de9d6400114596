"""From answers and verdicts to benchmark.json: scores, paired differences, comparisons, slices, examples.

In: the rows asked, scored answers, verdicts. Out: the parts of Benchmark. Pure: no file, no model, no clock.
A failed answer or an unscored verdict is in no mean; it is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from regtune.benchmark.agreement import agreement
from regtune.benchmark.calibration import Passes
from regtune.benchmark.metrics import METRICS, PASS_GRADE, PRIMARY, SYSTEM_TITLES, TYPE_TITLES, SystemName
from regtune.benchmark.results import Agreement, Difference, Estimate, Example, Score, Slice, SystemSummary
from regtune.benchmark.rows import Answer, Label, Verdict
from regtune.benchmark.statistics import difference_estimate, estimate, excludes, mcnemar_p
from regtune.benchmark.systems import Asked
from regtune.contracts import QA_TYPES

Change = Literal["gained", "lost", "both_wrong", "both_right"]
_SEEN = {True: "학습에 나온 조문", False: "학습에 없던 조문"}
_REVISED = {True: "이번에 바뀐 조문", False: "그대로인 조문"}
_SETS = {True: "시험 문항", False: "평가용 추가 문항"}
DIFFERENCES: tuple[tuple[SystemName, SystemName], ...] = (
    ("tuned", "base"),
    ("tuned", "reference"),
    ("tuned", "base_open_book"),
)


_FEWEST_RATINGS = 20
_UNIFORM = 0.99
"""Share of the answers with one and the same grade, from which on the grades tell nothing."""


@dataclass(frozen=True)
class Sampling:
    """Of the bootstrap."""

    samples: int
    seed: int


@dataclass(frozen=True)
class Measured:
    """Everything that is known of a run's answers."""

    asked: Mapping[str, Asked]
    """By qa_id."""
    answers: Mapping[tuple[SystemName, str], Answer]
    """By (system, qa_id), scored."""
    verdicts: Sequence[Verdict]
    sampling: Sampling

    def values(self, system: SystemName, metric: str) -> dict[str, float]:
        """Return a metric by qa_id, for the rows on which it has a meaning."""
        ratings = self._ratings(system) if metric.startswith("judge_") else {}
        found = {}
        for qa_id, row in self.asked.items():
            answer = self.answers.get((system, qa_id))
            value = None if answer is None else _value(metric, row, answer, ratings.get(qa_id))
            if value is not None:
                found[qa_id] = value
        return found

    def estimate(self, values: Mapping[str, float], bounds: tuple[float, float]) -> Estimate | None:
        """Mean and interval of values by qa_id."""
        articles = [self.asked[qa_id].article for qa_id in values]
        return estimate(list(values.values()), articles, bounds, self.sampling.samples, self.sampling.seed)

    def difference(
        self, values: Mapping[str, float], bounds: tuple[float, float], centre: float = 0.0
    ) -> Estimate | None:
        """Mean and interval of differences by qa_id."""
        articles = [self.asked[qa_id].article for qa_id in values]
        sampling = (self.sampling.samples, self.sampling.seed)
        return difference_estimate(list(values.values()), articles, bounds, sampling, centre)

    def _ratings(self, system: str) -> dict[str, Verdict]:
        return {v.qa_id: v for v in self.verdicts if v.kind == "rating" and v.system == system and v.unscored is None}


def _value(metric: str, row: Asked, answer: Answer, rating: Verdict | None) -> float | None:
    scores, negative = answer.scores, row.question.type == "negative"
    if scores is None:
        return None
    given = {
        "correct": scores.correct,
        "absence_recognised": scores.absent if negative else None,
        "false_absence": None if negative else scores.absent,
        "refused": scores.refused,
        "quantities_right": scores.quantities_right,
        "conditions_kept": not scores.missing_conditions if scores.has_conditions else None,
        "nothing_invented": not (scores.invented or scores.unsupported_quantities),
        "article_right": scores.article_right,
        "korean": scores.korean,
        "characters": scores.characters,
        "judge_correctness": rating.correctness if rating else None,
        "judge_completeness": rating.completeness if rating else None,
        "judge_groundedness": rating.groundedness if rating else None,
    }[metric]
    return None if given is None else float(given)


def all_scores(measured: Measured, systems: Iterable[SystemName]) -> tuple[Score, ...]:
    """Every metric of every system."""
    found = (_score(measured, system, metric, measured.asked) for system in systems for metric in METRICS)
    return tuple(score for score in found if score is not None)


def _score(measured: Measured, system: SystemName, metric: str, rows: Iterable[str]) -> Score | None:
    kept = set(rows)
    values = {qa_id: value for qa_id, value in measured.values(system, metric).items() if qa_id in kept}
    result = measured.estimate(values, (METRICS[metric].low, METRICS[metric].high))
    return None if result is None else Score(system=system, metric=metric, estimate=result)


def all_differences(measured: Measured, systems: Sequence[SystemName]) -> tuple[Difference, ...]:
    """Every metric of the tuned system against each other one, on the rows that both have."""
    pairs = [pair for pair in DIFFERENCES if set(pair) <= set(systems)]
    found = (_difference(measured, pair, metric, measured.asked) for pair in pairs for metric in METRICS)
    return tuple(difference for difference in found if difference is not None)


def _difference(
    measured: Measured, pair: tuple[SystemName, SystemName], metric: str, rows: Iterable[str]
) -> Difference | None:
    one, other = (measured.values(system, metric) for system in pair)
    both = [qa_id for qa_id in rows if qa_id in one and qa_id in other]
    width = METRICS[metric].high - METRICS[metric].low
    result = measured.difference({qa_id: one[qa_id] - other[qa_id] for qa_id in both}, (-width, width))
    if result is None:
        return None
    shown, higher = excludes(result, 0.0), METRICS[metric].higher_is_better
    gained, lost = sum(one[q] > other[q] for q in both), sum(one[q] < other[q] for q in both)
    return Difference(
        system=pair[0],
        baseline=pair[1],
        metric=metric,
        estimate=result,
        shown=shown,
        better=(result.value > 0) is higher if shown and higher is not None else None,
        mcnemar_p=round(mcnemar_p(gained, lost), 6) if METRICS[metric].is_rate else None,
    )


def ratings_tell(measured: Measured, systems: Iterable[SystemName]) -> bool:
    """Whether the judge's grades tell answers apart. Few ratings prove nothing."""
    grades = Counter(grade for name in systems for grade in measured.values(name, "judge_correctness").values())
    return grades.total() < _FEWEST_RATINGS or max(grades.values()) < _UNIFORM * grades.total()


def agreement_with(labels: Sequence[Label], measured: Measured, systems: Sequence[SystemName]) -> Agreement | None:
    """The judge and the primary metric beside people's labels; None without labels."""
    judged: dict[SystemName, Passes] = {}
    scored: dict[SystemName, Passes] = {}
    articles = {qa_id: row.article for qa_id, row in measured.asked.items()}
    for system in systems:
        grades, correct = (measured.values(system, metric) for metric in ("judge_correctness", PRIMARY))
        passed = {qa_id: grades[qa_id] >= PASS_GRADE if qa_id in grades else None for qa_id in correct}
        judged[system] = Passes(passed, articles)
        scored[system] = Passes({qa_id: bool(value) for qa_id, value in correct.items()}, articles)
    pairs = [pair for pair in DIFFERENCES if set(pair) <= set(systems)]
    return agreement(labels, judged, scored, pairs, (measured.sampling.samples, measured.sampling.seed))


def all_slices(measured: Measured, systems: Sequence[SystemName]) -> tuple[Slice, ...]:
    """The primary metric by type, regulation, whether training saw the article, set, and whether it was revised."""
    slices = []
    for dimension, part, rows in _parts(measured.asked):
        scores = [_score(measured, system, PRIMARY, rows) for system in systems]
        pair = DIFFERENCES[0]
        gain = _difference(measured, pair, PRIMARY, rows) if set(pair) <= set(systems) else None
        kept = tuple(score for score in scores if score is not None)
        slices.append(Slice(dimension=dimension, part=part, scores=kept, gain=gain))
    return tuple(slices)


_Dimension = Literal["type", "regulation", "article_seen", "set", "revision"]


def _parts(asked: Mapping[str, Asked]) -> list[tuple[_Dimension, str, list[str]]]:
    """Dimension, name of the part, its qa_ids; parts without a row are left out."""
    parts: dict[tuple[_Dimension, int, str], list[str]] = defaultdict(list)
    for qa_id, row in asked.items():
        qa_type = row.question.type
        parts["type", QA_TYPES.index(qa_type), TYPE_TITLES[qa_type]].append(qa_id)
        parts["regulation", 0, row.chunk.regulation_title].append(qa_id)
        parts["article_seen", not row.article_seen, _SEEN[row.article_seen]].append(qa_id)
        parts["set", not row.in_test, _SETS[row.in_test]].append(qa_id)
        if row.article_revised is not None:
            parts["revision", not row.article_revised, _REVISED[row.article_revised]].append(qa_id)
    dimensions: tuple[_Dimension, ...] = ("type", "regulation", "article_seen", "set", "revision")
    ordered = sorted(parts, key=lambda key: (dimensions.index(key[0]), key[1], key[2]))
    return [(dimension, part, parts[dimension, place, part]) for dimension, place, part in ordered]


def summaries(measured: Measured, systems: Mapping[SystemName, tuple[str, bool]]) -> tuple[SystemSummary, ...]:
    """Who answered, and how many answers are missing or cut.

    Args:
        measured: of the run.
        systems: name -> (model, whether it stands in).
    """
    found = []
    for name, (model, stand_in) in systems.items():
        answers = [answer for (system, _), answer in measured.answers.items() if system == name]
        given = [answer for answer in answers if answer.failure is None]
        ratings = [v for v in measured.verdicts if v.kind == "rating" and v.system == name]
        found.append(
            SystemSummary(
                name=name,
                title=SYSTEM_TITLES[name],
                model=model,
                stand_in=stand_in,
                rows=len(answers),
                failures=len(answers) - len(given),
                truncated=sum(answer.truncated for answer in given),
                ratings_unscored=sum(v.unscored is not None for v in ratings),
                mean_tokens=round(sum(answer.tokens for answer in given) / max(len(given), 1), 1),
            )
        )
    return tuple(found)


def pick_examples(measured: Measured, count: int) -> tuple[Example, ...]:
    """Questions for the report: each outcome in turn, within it each type, so that losses show as well as gains."""
    groups: dict[Change, list[str]] = {"gained": [], "lost": [], "both_wrong": [], "both_right": []}
    after, before = (measured.values(system, PRIMARY) for system in DIFFERENCES[0])
    for qa_id in sorted(after):
        right, was_right = after[qa_id], before.get(qa_id, after[qa_id])
        outcome: Change = "both_right" if right else "both_wrong"
        groups["gained" if right > was_right else "lost" if right < was_right else outcome].append(qa_id)
    queues = {outcome: _types_in_turn(measured.asked, qa_ids) for outcome, qa_ids in groups.items()}
    picked: list[Example] = []
    while len(picked) < count and any(queues.values()):
        for outcome, queue in queues.items():
            if queue and len(picked) < count:
                picked.append(Example(qa_id=queue.pop(0), why=outcome))
    return tuple(picked)


def _types_in_turn(asked: Mapping[str, Asked], qa_ids: Sequence[str]) -> list[str]:
    turns: dict[str, int] = defaultdict(int)
    keyed = []
    for qa_id in qa_ids:
        qa_type = asked[qa_id].question.type
        keyed.append((turns[qa_type], QA_TYPES.index(qa_type), qa_id))
        turns[qa_type] += 1
    return [qa_id for _, _, qa_id in sorted(keyed)]
