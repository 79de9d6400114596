"""Rates, means and differences with 95% intervals, by bootstrap over articles.

In: a value for each row and the article of each row. Out: Estimate. Questions about one article are not independent
(one article that was learned badly spoils all of them), so articles are drawn, not rows: the clustered percentile
bootstrap of Field and Welsh (2007), widened where articles are few. It tells sampling error only; not what the judge or
the questions get wrong.
"""

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING

from regtune.benchmark.metrics import FEWEST_ARTICLES
from regtune.benchmark.results import Estimate

if TYPE_CHECKING:
    import numpy as np

TAIL = 0.025
_FEWEST_CLUSTERS = 3
_CLOSE = 1e-9
_FEW_DIFFER = 20
"""Articles; of more, bootstrap and exact test say the same."""


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

    positions, clusters = positions_of(articles)
    sums = np.bincount(positions, weights=np.array(values, dtype=float), minlength=clusters)
    counts = np.bincount(positions, minlength=clusters)
    value = float(sum(values) / len(values))
    draws = draws_of(clusters, samples, seed)
    means = (draws @ sums) / (draws @ counts)
    low, high = (float(x) for x in np.quantile(means, tails(clusters)))
    if high - low < _CLOSE:  # every article has the same mean, or there is but one
        low, high = unanimous(value, bounds, clusters)
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=len(values), articles=clusters)


def difference_estimate(
    values: Sequence[float],
    articles: Sequence[str],
    bounds: tuple[float, float],
    sampling: tuple[int, int],
    centre: float = 0.0,
) -> Estimate | None:
    """`estimate` of differences, no narrower than an exact sign test where hardly an article differs.

    Five articles gained and none lost happen by chance once in 16; a bootstrap of them excludes zero all the same.

    Args:
        values: one a row.
        articles: the cluster of each row.
        bounds: the least and the greatest value that a row can have.
        sampling: samples of the bootstrap, and its seed.
        centre: the value of no difference.
    """
    found = estimate(values, articles, bounds, *sampling)
    nets: dict[str, float] = {}
    for value, article in zip(values, articles, strict=True):
        nets[article] = nets.get(article, 0.0) + value - centre
    differing = [net for net in nets.values() if abs(net) > _CLOSE]
    if found is None or not 0 < len(differing) <= _FEW_DIFFER:
        return found
    scale = sum(abs(net) for net in differing) / len(values)
    shares = _clopper_pearson(sum(net > 0 for net in differing), len(differing))
    low, high = (centre + (2 * share - 1) * scale for share in shares)
    low, high = max(bounds[0], min(low, found.low)), min(bounds[1], max(high, found.high))
    return found.model_copy(update={"low": round(low, 6), "high": round(high, 6)})


def _clopper_pearson(hits: int, trials: int) -> tuple[float, float]:
    """Exact interval of a share, by bisection of the binomial tails."""

    def tail(share: float, counts: range) -> float:
        return sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in counts)

    def solve(counts: range, *, rises: bool) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if (tail(middle, counts) < TAIL) is rises else (low, middle)
        return low

    return (
        solve(range(hits, trials + 1), rises=True) if hits else 0.0,
        solve(range(hits + 1), rises=False) if hits < trials else 1.0,
    )


def tails(clusters: int) -> tuple[float, float]:
    """Shares at which a bootstrap distribution is cut for 95%: a little wider than 2.5% each for few clusters.

    The expanded percentile interval of Hesterberg (2015), What Teachers Should Know about the Bootstrap, section 4.1:
    plain percentiles are as narrow as a normal interval with the plug-in variance. Student's quantile is taken by its
    expansion in 1/n (Abramowitz and Stegun 26.7.5).
    """
    if clusters < _FEWEST_CLUSTERS:
        return 0.0, 1.0
    normal, free = NormalDist(), clusters - 1
    z = normal.inv_cdf(1 - TAIL)
    student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    tail = 1 - normal.cdf(student * math.sqrt(clusters / free))
    return tail, 1 - tail


def positions_of(articles: Sequence[str]) -> "tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]":
    """Number of each row's article among the sorted ones, and how many there are."""
    import numpy as np

    place = {name: i for i, name in enumerate(sorted(set(articles)))}
    return np.array([place[article] for article in articles]), len(place)


def unanimous(value: float, bounds: tuple[float, float], articles: int) -> tuple[float, float]:
    """Interval where every article has the same mean and a bootstrap would claim certainty.

    Clopper and Pearson's bound for 0 of n, n being the articles: with 95% confidence, a share of at most
    1 - 0.025 ** (1 / n) of them would differ, and by at most what the bounds allow.
    """
    share = 1 - TAIL ** (1 / articles)
    low, high = bounds
    return value - (value - low) * share, value + (high - value) * share


@functools.lru_cache(maxsize=32)
def draws_of(clusters: int, samples: int, seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """How often each cluster is drawn in each sample: samples x clusters."""
    import numpy as np

    rng = np.random.default_rng([seed, clusters])
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=samples).astype(np.float64)


def resampled(
    value: float,
    found: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    rows: int,
    articles: int,
    bounds: tuple[float, float],
) -> Estimate:
    """Estimate with the interval of its bootstrap samples, both kept within the bounds.

    Where every sample is the same, it is no certainty.
    """
    import numpy as np

    value = float(np.clip(value, *bounds))
    within = np.clip(found, *bounds)
    if within.min() == within.max():
        low, high = unanimous(value, bounds, articles)
    else:
        low, high = (float(x) for x in np.quantile(within, tails(articles)))
    low, high = min(low, value), max(high, value)
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=rows, articles=articles)


def excludes(interval: Estimate, value: float) -> bool:
    """Whether the interval lies wholly on one side of `value`; never said of fewer than FEWEST_ARTICLES."""
    return is_judged(interval) and (interval.low > value or interval.high < value)


def is_judged(interval: Estimate) -> bool:
    """Whether it rests on enough articles for its ends to be believed."""
    return interval.articles >= FEWEST_ARTICLES


def unpaired(one: Estimate, other: Estimate) -> Estimate:
    """Difference of two rates measured on different questions, with its interval (MOVER, Zou and Donner 2008)."""
    value = one.value - other.value
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    rows, articles = min(one.rows, other.rows), min(one.articles, other.articles)
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6), rows=rows, articles=articles)


def mcnemar_p(gained: int, lost: int) -> float:
    """Exact two-sided p of McNemar's test.

    Args:
        gained: rows on which only the first system passes.
        lost: rows on which only the second one does.
    """
    discordant = gained + lost
    tail = sum(math.comb(discordant, i) for i in range(min(gained, lost) + 1))
    return min(1.0, float(Fraction(2 * tail, 1 << discordant)))
