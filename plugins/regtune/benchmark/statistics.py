"""Rates, means and differences with 95% intervals, by bootstrap over articles.

In: a value for each row and the article of each row. Out: Estimate. Questions about one article are not independent
(one article that was learned badly spoils all of them), so articles are drawn, not rows: the clustered percentile
bootstrap of Field and Welsh (2007). It tells sampling error only; not what the judge or the questions get wrong.
"""

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from regtune.benchmark.results import Estimate

if TYPE_CHECKING:
    import numpy as np

_TAIL = 0.025


def estimate(
    values: Sequence[float], articles: Sequence[str], bounds: tuple[float, float], samples: int, seed: int
) -> Estimate | None:
    """Mean of the rows with its 95% interval.

    Args:
        values: one a row.
        articles: the cluster of each row.
        bounds: the least and the greatest value that a row can have.
        samples: of the bootstrap.
        seed: the same seed gives the same interval.

    Returns:
        None when there is no row.
    """
    if not values:
        return None
    import numpy as np

    names = sorted(set(articles))
    position = {name: i for i, name in enumerate(names)}
    index = np.array([position[article] for article in articles])
    sums = np.bincount(index, weights=np.array(values, dtype=float), minlength=len(names))
    counts = np.bincount(index, minlength=len(names))
    value = float(sum(values) / len(values))
    if len(set(values)) == 1:
        low, high = _unanimous(value, bounds, len(names))
    else:
        draws = _draws(len(names), samples, seed)
        means = (draws @ sums) / (draws @ counts)
        low, high = (float(x) for x in np.quantile(means, [_TAIL, 1 - _TAIL]))
    return Estimate(
        value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=len(values), articles=len(names)
    )


def _unanimous(value: float, bounds: tuple[float, float], articles: int) -> tuple[float, float]:
    """Interval where every row has the same value and a bootstrap would claim certainty.

    Clopper and Pearson's bound for 0 of n, n being the articles: with 95% confidence, a share of at most
    1 - 0.025 ** (1 / n) of them would differ, and by at most what the bounds allow.
    """
    share = 1 - _TAIL ** (1 / articles)
    low, high = bounds
    return value - (value - low) * share, value + (high - value) * share


@functools.lru_cache(maxsize=32)
def _draws(clusters: int, samples: int, seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """How often each cluster is drawn in each sample: samples x clusters."""
    import numpy as np

    rng = np.random.default_rng([seed, clusters])
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=samples).astype(np.float64)


def excludes(interval: Estimate, value: float) -> bool:
    """Whether the interval lies wholly on one side of `value`."""
    return interval.low > value or interval.high < value


def mcnemar_p(gained: int, lost: int) -> float:
    """Exact two-sided p of McNemar's test.

    Args:
        gained: rows on which only the first system passes.
        lost: rows on which only the second one does.
    """
    discordant = gained + lost
    tail = sum(math.comb(discordant, i) for i in range(min(gained, lost) + 1))
    return min(1.0, float(Fraction(2 * tail, 1 << discordant)))
