"""The judge's pass rates put right by labels of people, and their differences.

In: pass or fail of every judged answer by system, and labels of some. Out: CorrectedRate and CorrectedDifference. A
system with `OWN_LABELS` labels of its own is put right by them alone: the share of right answers among those that the
judge passes, those that it fails and those of which it gave no verdict, each weighted by how many there are
(post-stratification, the best case of prediction-powered inference for pass and fail: Angelopoulos et al. 2023,
arXiv:2311.01453). That holds whatever the judge leans to, style, length or one system's manner, and whichever answers
it fails to judge, as long as the labelled answers were drawn by chance. Another
system is put right by the labels of all, (p + specificity - 1) / (sensitivity + specificity - 1), Rogan and Gladen
(1978), which holds only where the judge errs alike on every system. Each sample of the bootstrap draws articles with
their rows and their labels, so that the calibration's own error is in the interval (why that matters: Lang and
Reiczigel 2014); a share that the labels do not show is drawn from Jeffreys' distribution.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regtune.benchmark.metrics import SystemName
from regtune.benchmark.results import Estimate
from regtune.benchmark.statistics import draws_of, resampled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OWN_LABELS = 20
"""Of one system: with fewer, those of all are taken."""
_CHANCE = 0.05
"""Sensitivity + specificity - 1 below which the judge says nothing of right and wrong."""

Both = tuple[bool, bool | None, str]
"""What people say, what the other says (None: nothing that could be read), the article."""

Counted = tuple[str, tuple[float, ...]]
"""Article, and what one row adds to its counts."""


@dataclass(frozen=True)
class Passes:
    """Pass or fail of one system's answers, and the article of each, by qa_id."""

    passed: Mapping[str, bool | None]
    """None: the judge gave no verdict that could be read."""
    articles: Mapping[str, str]

    @property
    def read(self) -> dict[str, bool]:
        """Those with a verdict."""
        return {qa_id: passed for qa_id, passed in self.passed.items() if passed is not None}


@dataclass(frozen=True)
class Correction:
    """Rate of right answers behind one system's rate of passes."""

    estimate: Estimate
    own: bool
    """By labels of the system itself."""
    samples: "Array"
    """Of the bootstrap; those of all systems draw the same articles, so that they can be subtracted."""


def corrections(
    judged: Mapping[SystemName, Passes], labelled: Mapping[SystemName, Sequence[Both]], samples: int, seed: int
) -> dict[SystemName, Correction]:
    """Put right what labels allow.

    Args:
        judged: verdicts of the judge by system.
        labelled: labels of each system's answers that the judge saw.
        samples: of the bootstrap.
        seed: the same seed gives the same intervals.

    Returns:
        By system; one is absent where the judge does no better than chance on the labels of all, and its own are few.
    """
    pooled = [label for labels in labelled.values() for label in labels]
    names = sorted(
        {passes.articles[qa_id] for passes in judged.values() for qa_id in passes.passed} | {a for _, _, a in pooled}
    )
    place = {name: i for i, name in enumerate(names)}
    found = {}
    for number, (system, passes) in enumerate(judged.items()):
        own = labelled.get(system, ())
        by_own = len(own) >= OWN_LABELS
        correction = _correction(passes, own if by_own else pooled, place, (samples, seed, number), own=by_own)
        if correction is not None:
            found[system] = correction
    return found


def corrected_rate(passes: Passes, labelled: Sequence[Both], samples: int, seed: int, *, own: bool) -> Estimate | None:
    """Rate of right answers of one system; `own`: the labels are of its answers."""
    names = sorted({passes.articles[qa_id] for qa_id in passes.passed} | {a for _, _, a in labelled})
    place = {name: i for i, name in enumerate(names)}
    found = _correction(passes, labelled, place, (samples, seed, 0), own=own)
    return None if found is None else found.estimate


def difference(one: Correction, other: Correction) -> Estimate:
    """`one` minus `other`, by the samples of both."""
    value = one.estimate.value - other.estimate.value
    found = one.samples - other.samples
    articles = min(one.estimate.articles, other.estimate.articles)
    rows = min(one.estimate.rows, other.estimate.rows)
    return resampled(value, found, rows, articles, (-1.0, 1.0))


def _correction(
    passes: Passes, labelled: Sequence[Both], place: Mapping[str, int], drawing: tuple[int, int, int], *, own: bool
) -> Correction | None:
    if not passes.read or not labelled:
        return None
    import numpy as np

    samples, seed, number = drawing
    counted = _by_verdict(passes, labelled) if own else _by_truth(passes, labelled)
    counts = np.zeros((len(place), len(counted[0][1])))
    for article, cells in counted:
        counts[place[article]] += cells
    whole = counts.sum(axis=0, keepdims=True)
    combine = _weighted if own else _rogan_gladen
    value = float(combine(whole, _plain)[0])
    if not np.isfinite(value):
        return None
    rng = np.random.default_rng([seed, 1, number])

    def drawn(hits: "Array", total: "Array") -> "Array":
        return _or_jeffreys(hits, total, rng)

    found = combine(draws_of(len(place), samples, seed) @ counts, drawn)
    known = np.isfinite(found)
    if not known.any():
        return None
    found = np.clip(np.where(known, found, value), 0.0, 1.0)
    rows = passes.passed if own else passes.read
    articles = len({passes.articles[qa_id] for qa_id in rows})
    estimate = resampled(value, found[known], len(rows), articles, (0.0, 1.0))
    return Correction(estimate, own, found)


def _by_verdict(passes: Passes, labelled: Sequence[Both]) -> list[Counted]:
    """Article and counts of each row: of passed, failed and unread in turn, answers, labels, labels that say right."""
    verdicts = (True, False, None)
    found: list[Counted] = [
        (passes.articles[qa_id], tuple(float(k == 0 and passed is v) for v in verdicts for k in range(3)))
        for qa_id, passed in passes.passed.items()
    ]
    return found + [
        (article, tuple(float(judge is v and (k == 1 or (k == 2 and human))) for v in verdicts for k in range(3)))  # noqa: PLR2004
        for human, judge, article in labelled
    ]


def _by_truth(passes: Passes, labelled: Sequence[Both]) -> list[Counted]:
    """Passed, answers; passed of right, right; failed of wrong, wrong."""
    found: list[Counted] = [
        (passes.articles[qa_id], (float(passed), 1.0, 0.0, 0.0, 0.0, 0.0)) for qa_id, passed in passes.read.items()
    ]
    return found + [
        (article, (0.0, 0.0, float(human and judge), float(human), float(not (human or judge)), float(not human)))
        for human, judge, article in labelled
        if judge is not None
    ]


def _weighted(counts: "Array", share: Any) -> "Array":  # noqa: ANN401 - one of the two functions below
    parts = [counts[:, i] * share(counts[:, i + 2], counts[:, i + 1]) for i in (0, 3, 6)]
    found: Array = sum(parts) / counts[:, (0, 3, 6)].sum(axis=1)
    return found


def _rogan_gladen(counts: "Array", share: Any) -> "Array":  # noqa: ANN401
    """NaN where the judge tells nothing."""
    import numpy as np

    if not (counts[:, 3].any() and counts[:, 5].any()):
        return np.full(len(counts), np.nan)
    sensitivity, specificity = share(counts[:, 2], counts[:, 3]), share(counts[:, 4], counts[:, 5])
    informed = sensitivity + specificity - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = (counts[:, 0] / counts[:, 1] + specificity - 1) / informed
        found: Array = np.where(informed > _CHANCE, raw, np.nan)
    return found


def _plain(hits: "Array", total: "Array") -> "Array":
    """Hits of all; one half of none."""
    import numpy as np

    found: Array = np.where(total > 0, hits / np.maximum(total, 1), 0.5)
    return found


def _or_jeffreys(hits: "Array", total: "Array", rng: "np.random.Generator") -> "Array":
    """Hits of the drawn labels; where they show no error, or nothing else, a draw from Jeffreys' distribution."""
    import numpy as np

    certain = (hits == 0) | (hits == total)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(certain, rng.beta(hits + 0.5, total - hits + 0.5), hits / total)
    return found
