"""The judge beside people: kappa, and pass rates corrected for the judge's errors.

In: labels of some answers, the judge's pass or fail of all. Out: Agreement. Cohen's kappa by bootstrap over articles. A
rate p of passes becomes (p + specificity - 1) / (sensitivity + specificity - 1), Rogan and Gladen (1978). Each sample
of its bootstrap draws articles with their rows and their labels, so that the calibration's own error is in the interval
(why that matters: Lang and Reiczigel 2014); an error rate that the labels do not show is drawn from Jeffreys'
distribution.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regtune.benchmark.results import Agreement, CorrectedRate, Estimate, Label, SystemName
from regtune.benchmark.statistics import draws_of, estimate, positions_of, tails, unanimous
from regtune.errors import UnusableInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CHANCE = 0.05
"""Sensitivity + specificity - 1 below which the judge says nothing of right and wrong."""


@dataclass(frozen=True)
class Passes:
    """Pass or fail of one system's answers, and the article of each, by qa_id."""

    passed: Mapping[str, bool]
    articles: Mapping[str, str]


def agreement(
    labels: Sequence[Label],
    judged: Mapping[SystemName, Passes],
    scored: Mapping[SystemName, Passes],
    samples: int,
    seed: int,
) -> Agreement | None:
    """Compare judge and deterministic score with people.

    Args:
        labels: of any of the answers.
        judged: verdicts of the judge by system; unscored ones are absent.
        scored: the metric `correct` by system.
        samples: of the bootstrap.
        seed: the same seed gives the same intervals.

    Returns:
        None when no label is about an answer with a verdict.

    Raises:
        UnusableInputError: two labels of one answer contradict one another.
    """
    labels = _once(labels)
    by_judge = _beside(labels, judged)
    if not by_judge:
        return None
    corrected = []
    for system, passes in judged.items():
        rate = corrected_rate(passes, by_judge, samples, seed)
        raw = estimate(
            [float(value) for value in passes.passed.values()],
            [passes.articles[qa_id] for qa_id in passes.passed],
            (0.0, 1.0),
            samples,
            seed,
        )
        if rate is not None and raw is not None:
            corrected.append(CorrectedRate(system=system, judged=raw, corrected=rate))
    return Agreement(
        labels=len(by_judge),
        articles=len({article for _, _, article in by_judge}),
        kappa=kappa(by_judge, samples, seed),
        sensitivity=_hit_rate(by_judge, samples, seed, human=True),
        specificity=_hit_rate(by_judge, samples, seed, human=False),
        deterministic_kappa=kappa(_beside(labels, scored), samples, seed),
        corrected=tuple(corrected),
    )


def _once(labels: Sequence[Label]) -> list[Label]:
    """One label an answer, however often it is repeated."""
    found: dict[tuple[str, str], Label] = {}
    for label in labels:
        first = found.setdefault((label.system, label.qa_id), label)
        if first.correct is not label.correct:
            raise UnusableInputError(
                f"labels.jsonl: {label.system} {label.qa_id} is labelled both right and wrong; keep one of the lines."
            )
    return list(found.values())


def _hit_rate(both: "Sequence[Both]", samples: int, seed: int, *, human: bool) -> Estimate | None:
    """Of the answers that people call right (wrong), the share that the judge passes (fails)."""
    rows = [(float(judge is human), article) for said, judge, article in both if said is human]
    return estimate([hit for hit, _ in rows], [article for _, article in rows], (0.0, 1.0), samples, seed)


Both = tuple[bool, bool, str]
"""What people say, what the other says, the article."""


def _beside(labels: Sequence[Label], others: Mapping[SystemName, Passes]) -> list[Both]:
    return [
        (label.correct, others[label.system].passed[label.qa_id], others[label.system].articles[label.qa_id])
        for label in labels
        if label.system in others and label.qa_id in others[label.system].passed
    ]


def kappa(both: Sequence[Both], samples: int, seed: int) -> Estimate | None:
    """Cohen's kappa with its interval; None where one side never varies."""
    if len({human for human, _, _ in both}) + len({other for _, other, _ in both}) < 4:  # noqa: PLR2004 - two each
        return None
    import numpy as np

    positions, clusters = positions_of([article for _, _, article in both])
    cells = np.zeros((clusters, 4))
    for (human, other, _), position in zip(both, positions, strict=True):
        cells[position, 2 * human + other] += 1
    value = float(_kappa_of(cells.sum(axis=0, keepdims=True))[0])
    found = _kappa_of(draws_of(clusters, samples, seed) @ cells)
    return _estimate(value, found[np.isfinite(found)], len(both), clusters, (-1.0, 1.0))


def _kappa_of(cells: "Array") -> "Array":
    """Rows of counts: both no, only the other, only people, both yes."""
    import numpy as np

    total = cells.sum(axis=1)
    seen = (cells[:, 0] + cells[:, 3]) / total
    human, other = (cells[:, 2] + cells[:, 3]) / total, (cells[:, 1] + cells[:, 3]) / total
    by_chance = human * other + (1 - human) * (1 - other)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = (seen - by_chance) / (1 - by_chance)
    return found


def corrected_rate(passes: Passes, labelled: Sequence[Both], samples: int, seed: int) -> Estimate | None:
    """Rate of right answers behind a rate of passes.

    Args:
        passes: of the judge, of one system.
        labelled: answers of any system that people and the judge both saw.
        samples: of the bootstrap.
        seed: the same seed gives the same interval.

    Returns:
        None without labels of both kinds, or where the judge does no better than chance on them.
    """
    right = [judge for human, judge, _ in labelled if human]
    wrong = [judge for human, judge, _ in labelled if not human]
    if not passes.passed or not right or not wrong:
        return None
    sensitivity, specificity = sum(right) / len(right), 1 - sum(wrong) / len(wrong)
    if sensitivity + specificity - 1 < _CHANCE:
        return None
    import numpy as np

    rows = [passes.articles[qa_id] for qa_id in passes.passed]
    positions, clusters = positions_of([*rows, *(article for _, _, article in labelled)])
    counts = np.zeros((clusters, 6))  # passed, rows; passed of right, right; failed of wrong, wrong
    for position, passed in zip(positions, passes.passed.values(), strict=False):
        counts[position, :2] += (passed, 1)
    for position, (human, judge, _) in zip(positions[len(rows) :], labelled, strict=True):
        counts[position, 2:4] += (human and judge, human)
        counts[position, 4:] += (not human and not judge, not human)
    drawn = draws_of(clusters, samples, seed) @ counts
    rng = np.random.default_rng([seed, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _corrected(
            drawn[:, 0] / drawn[:, 1], _rate(drawn[:, 2], drawn[:, 3], rng), _rate(drawn[:, 4], drawn[:, 5], rng)
        )
    value = float(_corrected(np.array(sum(passes.passed.values()) / len(rows)), sensitivity, specificity))
    return _estimate(value, found[np.isfinite(found)], len(rows), len(set(rows)), (0.0, 1.0))


def _rate(hits: "Array", total: "Array", rng: "np.random.Generator") -> "Array":
    """Hits of the drawn labels; where they show no error, or nothing else, a draw from Jeffreys' distribution."""
    import numpy as np

    certain = (hits == 0) | (hits == total)
    found: Array = np.where(certain, rng.beta(hits + 0.5, total - hits + 0.5), hits / total)
    return found


def _corrected(passed: "Array", sensitivity: Any, specificity: Any) -> "Array":  # noqa: ANN401 - number or array
    """NaN where the judge tells nothing."""
    import numpy as np

    informed = sensitivity + specificity - 1
    found: Array = np.where(informed > _CHANCE, (passed + specificity - 1) / informed, np.nan)
    return found


def _estimate(value: float, found: "Array", rows: int, articles: int, bounds: tuple[float, float]) -> Estimate:
    """Keep value and interval within the bounds; where every sample gives one of them, it is no certainty."""
    import numpy as np

    value = float(np.clip(value, *bounds))
    within = np.clip(found, *bounds)
    if within.min() == within.max():
        low, high = unanimous(value, bounds, articles)
    else:
        low, high = (float(x) for x in np.quantile(within, tails(articles)))
    low, high = min(low, value), max(high, value)
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=rows, articles=articles)
