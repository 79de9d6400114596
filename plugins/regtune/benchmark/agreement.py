"""The judge beside people: kappa, its error rates, and pass rates put right by labels.

In: labels of some answers, the judge's pass or fail of all. Out: Agreement. Kappa and error rates by bootstrap over
articles; calibration.py puts the rates right.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from regtune.benchmark.calibration import Both, Correction, Passes, corrections, difference
from regtune.benchmark.metrics import SystemName
from regtune.benchmark.results import Agreement, CorrectedDifference, CorrectedRate, Estimate
from regtune.benchmark.rows import Label
from regtune.benchmark.statistics import draws_of, estimate, excludes, positions_of, resampled
from regtune.errors import UnusableInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def agreement(
    labels: Sequence[Label],
    judged: Mapping[SystemName, Passes],
    scored: Mapping[SystemName, Passes],
    pairs: Sequence[tuple[SystemName, SystemName]],
    drawing: tuple[int, int],
) -> Agreement | None:
    """Compare judge and deterministic score with people.

    Args:
        labels: of any of the answers, one each.
        judged: verdicts of the judge by system; unscored ones are absent.
        scored: the metric `correct` by system.
        pairs: systems whose corrected rates are subtracted.
        drawing: samples of the bootstrap, and its seed: the same gives the same intervals.

    Returns:
        None when no label is about an answer with a verdict.
    """
    samples, seed = drawing
    by_system = {system: _beside([one for one in labels if one.system == system], judged) for system in judged}
    by_judge = [both for found in by_system.values() for both in found if both[1] is not None]
    if not by_judge:
        return None
    corrected = corrections(judged, by_system, samples, seed)
    return Agreement(
        labels=len(by_judge),
        articles=len({article for _, _, article in by_judge}),
        kappa=kappa(by_judge, samples, seed),
        sensitivity=_hit_rate(by_judge, samples, seed, human=True),
        specificity=_hit_rate(by_judge, samples, seed, human=False),
        deterministic_kappa=kappa(_beside(labels, scored), samples, seed),
        corrected=tuple(
            _rate(system, judged[system], by_system[system], found, drawing) for system, found in corrected.items()
        ),
        differences=tuple(
            _difference(pair, corrected[pair[0]], corrected[pair[1]]) for pair in pairs if set(pair) <= set(corrected)
        ),
    )


def _rate(
    system: SystemName, passes: Passes, own: Sequence[Both], correction: Correction, drawing: tuple[int, int]
) -> CorrectedRate:
    samples, seed = drawing
    values = [float(value) for value in passes.read.values()]
    raw = estimate(values, [passes.articles[qa_id] for qa_id in passes.read], (0.0, 1.0), samples, seed)
    assert raw is not None, "corrections() leaves out a system without a verdict"
    return CorrectedRate(
        system=system,
        judged=raw,
        corrected=correction.estimate,
        labels=len(own),
        own_labels=correction.own,
        sensitivity=_hit_rate(own, samples, seed, human=True),
        specificity=_hit_rate(own, samples, seed, human=False),
    )


def _difference(pair: tuple[SystemName, SystemName], one: Correction, other: Correction) -> CorrectedDifference:
    found = difference(one, other)
    return CorrectedDifference(
        system=pair[0],
        baseline=pair[1],
        estimate=found,
        shown=excludes(found, 0.0),
        own_labels=one.own and other.own,
    )


def each_once(labels: Sequence[Label]) -> list[Label]:
    """One label an answer, however often it is repeated.

    Raises:
        UnusableInputError: two labels of one answer contradict one another.
    """
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
    rows = [(float(judge is human), article) for said, judge, article in both if said is human and judge is not None]
    return estimate([hit for hit, _ in rows], [article for _, article in rows], (0.0, 1.0), samples, seed)


def _beside(labels: Sequence[Label], others: Mapping[SystemName, Passes]) -> list[Both]:
    return [
        (label.correct, others[label.system].passed[label.qa_id], others[label.system].articles[label.qa_id])
        for label in labels
        if label.system in others and label.qa_id in others[label.system].passed
    ]


def kappa(both: Sequence[Both], samples: int, seed: int) -> Estimate | None:
    """Cohen's kappa with its interval; None where one side never varies."""
    both = [one for one in both if one[1] is not None]
    if len({human for human, _, _ in both}) + len({other for _, other, _ in both}) < 4:  # noqa: PLR2004 - two each
        return None
    import numpy as np

    positions, clusters = positions_of([article for _, _, article in both])
    cells = np.zeros((clusters, 4))
    for (human, other, _), position in zip(both, positions, strict=True):
        cells[position, 2 * human + bool(other)] += 1
    value = float(_kappa_of(cells.sum(axis=0, keepdims=True))[0])
    found = _kappa_of(draws_of(clusters, samples, seed) @ cells)
    return resampled(value, found[np.isfinite(found)], len(both), clusters, (-1.0, 1.0))


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
