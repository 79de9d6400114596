"""Win rate at equal length and without the advantage of a place, from pairwise verdicts.

In: verdicts of both orders, with the differences in length and in the deterministic score. Out: Estimate. Judges favour
the longer answer and the first place. A logistic regression of the verdict on tanh(length difference / its root mean
square), on the place and on which answer the deterministic score calls right gives the win rate at which length and
place are nil, over the rows' own right and wrong: the length control of AlpacaEval 2 (Dubois et al. 2024,
arXiv:2404.04475) with the deterministic score in the stead of its term for the instruction, so that what a right answer
gains is not taken for what its length gains, and with a term for the place. What quality the score does not see and
length goes with is taken away too: read it beside the plain win rate.

A judge that goes by the place in close cases alone, as real ones do, is put right by this; one that goes by it in a
share of all cases, close or not, is not, and verdicts cannot tell the two apart: for that one, the rate among questions
on which both orders agree is the right one (Comparison.decided).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regtune.benchmark.results import Estimate
from regtune.benchmark.statistics import draws_of, positions_of, tails, unanimous

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_STEPS = 8
_RIDGE = (0.01, 1.0, 1.0, 1.0)
"""Of intercept, length, place and score: keeps the last three finite where they part wins from losses."""
_LARGEST = 12.0
_CLOSE = 1e-6
_AT_A_TIME = 50
"""Samples fitted together: as many as stay in a core's cache."""


@dataclass(frozen=True)
class Outcome:
    """One verdict of one order, seen from the system."""

    article: str
    points: float
    """1 won, 0 lost, 0.5 a tie."""
    longer_by: float
    """Characters of the system's answer minus the opponent's."""
    first: bool
    """The system's answer stood as A."""
    right_by: float = 0.0
    """1: the deterministic score calls the system's answer right and the opponent's wrong; -1: the reverse."""


def controlled_win_rate(outcomes: Sequence[Outcome], samples: int, seed: int) -> Estimate | None:
    """Return the win rate at no difference in length and no place, None without a verdict.

    Args:
        outcomes: verdicts that could be read; those of both orders.
        samples: of the bootstrap over articles.
        seed: the same seed gives the same interval.
    """
    if not outcomes:
        return None
    import numpy as np

    positions, clusters = positions_of([outcome.article for outcome in outcomes])
    points = np.array([outcome.points for outcome in outcomes])
    features = _features(outcomes)
    value = float(_rates(features, points, np.ones((1, len(outcomes))))[0])
    if len(set(points.tolist())) == 1:
        value = float(points[0])
        low, high = unanimous(value, (0.0, 1.0), clusters)
    else:
        weights = draws_of(clusters, samples, seed)[:, positions]
        blocks = range(0, samples, _AT_A_TIME)
        rates = np.concatenate([_rates(features, points, weights[i : i + _AT_A_TIME]) for i in blocks])
        low, high = (float(x) for x in np.quantile(rates, tails(clusters)))
        if high - low < _CLOSE:  # every article says the same: the judge went by the place alone
            low, high = unanimous(value, (0.0, 1.0), clusters)
    return Estimate(
        value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=len(outcomes), articles=clusters
    )


def _features(outcomes: Sequence[Outcome]) -> "Array":
    """Intercept, length, place, score: one row a verdict."""
    import numpy as np

    longer = np.array([outcome.longer_by for outcome in outcomes])
    spread = float(np.sqrt(np.mean(longer**2))) or 1.0
    place = np.array([0.5 if outcome.first else -0.5 for outcome in outcomes])
    right_by = np.array([outcome.right_by for outcome in outcomes])
    return np.column_stack([np.ones(len(outcomes)), np.tanh(longer / spread), place, right_by])


def _rates(features: "Array", points: "Array", weights: "Array") -> "Array":
    """Fit every weighting (samples x rows) at once by Newton's method; the win rates at no length and no place."""
    import numpy as np

    ridge = np.array(_RIDGE)
    products = (features[:, :, None] * features[:, None, :]).reshape(len(points), -1)
    found = np.zeros((len(weights), features.shape[1]))
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-(found @ features.T)))
        slope = (weights * (points - likely)) @ features - ridge * found
        bend = ((weights * likely * (1 - likely)) @ products).reshape(-1, len(ridge), len(ridge)) + np.diag(ridge)
        before, found = found, np.clip(found + np.linalg.solve(bend, slope[:, :, None])[:, :, 0], -_LARGEST, _LARGEST)
        if np.abs(found - before).max() < _CLOSE:
            break
    levels = np.unique(features[:, 3])
    shares = np.column_stack([weights[:, features[:, 3] == level].sum(axis=1) for level in levels])
    there = 1 / (1 + np.exp(-(found[:, :1] + found[:, 3:] * levels)))
    rates: Array = (shares * there).sum(axis=1) / shares.sum(axis=1)
    return rates
