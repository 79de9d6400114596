"""A simulated judge of known bias, and what the report's estimates make of its verdicts.

Each simulation draws articles with questions, the odds by which the tuned model's answer is the better one, and answer
lengths. The judge leans to the first place and to the longer answer and fails to reply in 5%; or, rating, passes wrong
answers and fails right ones at known rates. The truth is the rate of a judge without leanings. Printed: how often the
95% interval covers it and the mean error, for each estimate of the report: the win rate of both orders (and, for
contrast, of one) and with length and place controlled, under a judge with no leaning, with one and with both; a mean,
a paired difference, the judge's pass rate as it is and corrected by labels, and kappa.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "plugins"))

import numpy as np  # noqa: E402, TID253 - after the path is set; this module does nothing without it
from numpy.typing import NDArray  # noqa: E402, TID253

from regtune.benchmark.agreement import Passes, corrected_rate, kappa  # noqa: E402
from regtune.benchmark.preference import Outcome, controlled_win_rate  # noqa: E402
from regtune.benchmark.results import Estimate  # noqa: E402
from regtune.benchmark.statistics import estimate  # noqa: E402

Array = NDArray[np.float64]
ARTICLES, ROWS, SAMPLES = 90, 330, 1000
SPREAD = 0.6
"""Standard deviation of the articles' log odds."""
FAILED = 0.05
LEAN_FIRST, LEAN_LONG = 0.8, 1.0
"""In log odds: at even odds the first place wins 69%, an answer longer by one standard deviation 68%."""
SENSITIVITY, SPECIFICITY, LABELS = 0.92, 0.75, 150
_MANY = np.random.default_rng(0).normal(size=100_000)
"""Articles that stand for all."""
LEANINGS = {
    "no leaning": (0.0, 0.0),
    "prefers the first": (LEAN_FIRST, 0.0),
    "prefers the first and the long": (LEAN_FIRST, LEAN_LONG),
}
ESTIMATORS = ("one order", "both orders", "both orders, length controlled")


@dataclass(frozen=True)
class Coverage:
    """Of many simulations."""

    covered: int
    simulations: int
    mean_error: float


def logistic(odds: Array) -> Array:
    """From log odds to a share."""
    return 1 / (1 + np.exp(-odds))


def pairwise_run(
    seed: int, lean_first: float = LEAN_FIRST, lean_long: float = LEAN_LONG
) -> tuple[float, dict[str, Estimate | None]]:
    """One comparison: the truth, and each estimator's estimate."""
    rng = np.random.default_rng([seed, 7])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    level = rng.uniform(-0.8, 0.8)
    odds = level + rng.normal(0, SPREAD, ARTICLES)[article]
    longer = rng.normal(40, 60, ROWS)
    lean = lean_long * np.tanh(longer / longer.std())
    wins, outcomes = {}, []
    for first in (True, False):
        won = rng.random(ROWS) < logistic(odds + lean + (lean_first if first else -lean_first))
        wins[first] = np.where(rng.random(ROWS) < FAILED, np.nan, won)
        outcomes += [
            Outcome(f"a{a:03}", float(w), float(more), first)
            for a, w, more in zip(article, wins[first], longer, strict=True)
            if not np.isnan(w)
        ]
    names = [f"a{a:03}" for a in article]
    both = (wins[True] + wins[False]) / 2
    found = {
        ESTIMATORS[0]: _mean(wins[True], names, seed),
        ESTIMATORS[1]: _mean(both, names, seed),
        ESTIMATORS[2]: controlled_win_rate(outcomes, SAMPLES, seed),
    }
    return truth_at(level), found


def truth_at(level: float) -> float:
    """Rate of an unbiased judge over all articles, of which a simulation draws some."""
    return float(logistic(level + SPREAD * _MANY).mean())


def _mean(values: Array, names: Sequence[str], seed: int) -> Estimate | None:
    there = ~np.isnan(values)
    kept = [name for name, is_there in zip(names, there, strict=True) if is_there]
    return estimate(values[there].tolist(), kept, (0.0, 1.0), SAMPLES, seed)


def rating_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """One system's pass rate: the truth, the judge's, and the one corrected by labels."""
    rng = np.random.default_rng([seed, 8])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    level = rng.uniform(-0.5, 1.5)
    right = rng.random(ROWS) < logistic(level + rng.normal(0, SPREAD, ARTICLES)[article])
    passed = np.where(right, rng.random(ROWS) < SENSITIVITY, rng.random(ROWS) > SPECIFICITY)
    labelled = rng.choice(ROWS, LABELS, replace=False)
    labels = [(bool(right[i]), bool(passed[i]), f"a{article[i]:03}") for i in labelled]
    scored = np.flatnonzero(rng.random(ROWS) >= FAILED)
    passes = Passes({f"q{i}": bool(passed[i]) for i in scored}, {f"q{i}": f"a{article[i]:03}" for i in scored})
    raw = _mean(passed[scored].astype(float), [f"a{article[i]:03}" for i in scored], seed)
    corrected = corrected_rate(passes, labels, SAMPLES, seed)
    return truth_at(level), {"judge's pass rate": raw, "corrected by labels": corrected}


def scores_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """A score of one system; the truth is its rate over all articles."""
    names, one, _, level, _ = _two_systems(seed)
    return truth_at(level), {"mean of a score": _mean(one, names, seed)}


def difference_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """The same questions answered by two systems, of which one finds the same articles hard as the other."""
    names, one, other, level, below = _two_systems(seed)
    found = estimate((one - other).tolist(), names, (-1.0, 1.0), SAMPLES, seed)
    return truth_at(level) - truth_at(below), {"paired difference": found}


def _two_systems(seed: int) -> tuple[list[str], Array, Array, float, float]:
    rng = np.random.default_rng([seed, 9])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    level, below = float(rng.uniform(-0.5, 1.5)), float(rng.uniform(-1.5, 0.5))
    hard = rng.normal(0, SPREAD, ARTICLES)
    own = 0.8 * hard + 0.6 * rng.normal(0, SPREAD, ARTICLES)  # the same spread
    one = (rng.random(ROWS) < logistic(level + hard[article])).astype(float)
    other = (rng.random(ROWS) < logistic(below + own[article])).astype(float)
    return [f"a{a:03}" for a in article], one, other, level, below


def kappa_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """Labels beside a judge of known error rates; the truth is kappa over all articles."""
    rng = np.random.default_rng([seed, 10])
    article = np.sort(rng.integers(0, ARTICLES, LABELS))
    level = rng.uniform(-0.5, 1.5)
    right = rng.random(LABELS) < logistic(level + rng.normal(0, SPREAD, ARTICLES)[article])
    passed = np.where(right, rng.random(LABELS) < SENSITIVITY, rng.random(LABELS) > SPECIFICITY)
    rate = truth_at(level)
    passes = rate * SENSITIVITY + (1 - rate) * (1 - SPECIFICITY)
    agreed, by_chance = rate * SENSITIVITY + (1 - rate) * SPECIFICITY, rate * passes + (1 - rate) * (1 - passes)
    both = [(bool(h), bool(j), f"a{a:03}") for h, j, a in zip(right, passed, article, strict=True)]
    return (agreed - by_chance) / (1 - by_chance), {"kappa": kappa(both, SAMPLES, seed)}


def coverage(
    run: Callable[[int], tuple[float, dict[str, Estimate | None]]], simulations: int, start: int = 0
) -> dict[str, Coverage]:
    """How often each estimator's interval covers the truth."""
    runs = [run(seed) for seed in range(start, start + simulations)]
    found = {}
    for name in runs[0][1]:
        pairs = [(truth, e) for truth, estimates in runs if (e := estimates[name]) is not None]
        covered = sum(e.low <= truth <= e.high for truth, e in pairs)
        found[name] = Coverage(covered, len(pairs), float(np.mean([e.value - truth for truth, e in pairs])))
    return found


def main() -> int:
    """Print 100 simulations, and 300 others."""
    for simulations, start in ((100, 0), (300, 1000)):
        for judge, (first, long) in LEANINGS.items():
            run = functools.partial(pairwise_run, lean_first=first, lean_long=long)
            _print(coverage(run, simulations, start), f"judge {judge}, win rate of ")
        for other in (scores_run, difference_run, rating_run, kappa_run):
            _print(coverage(other, simulations, start))
    return 0


def _print(found: dict[str, Coverage], of: str = "") -> None:
    for name, one in found.items():
        print(
            f"{one.simulations} simulations, {of}{name}: 95% intervals cover the truth in {one.covered} "
            f"({one.covered / one.simulations:.1%}), mean error {one.mean_error * 100:+.1f} points"
        )


if __name__ == "__main__":
    sys.exit(main())
