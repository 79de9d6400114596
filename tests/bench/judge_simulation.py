"""A simulated judge of known bias, and what the report's estimates make of its verdicts.

Each simulation draws articles with questions, the odds by which the tuned model's answer is the better one, and answer
lengths. The judge leans to the first place and to the longer answer and fails to reply in 5%; or, rating, passes wrong
answers and fails right ones at known rates. The truth is the rate of a judge without leanings. Printed: how often the
95% interval covers it and the mean error, for one order alone, both orders, and both with length controlled.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "plugins"))

import numpy as np  # noqa: E402, TID253 - after the path is set; this module does nothing without it
from numpy.typing import NDArray  # noqa: E402, TID253

from regtune.benchmark.agreement import Passes, corrected_rate  # noqa: E402
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


def pairwise_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """One comparison: the truth, and each estimator's estimate."""
    rng = np.random.default_rng([seed, 7])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    level = rng.uniform(-0.8, 0.8)
    odds = level + rng.normal(0, SPREAD, ARTICLES)[article]
    longer = rng.normal(40, 60, ROWS)
    lean = LEAN_LONG * np.tanh(longer / longer.std())
    wins, outcomes = {}, []
    for first in (True, False):
        won = rng.random(ROWS) < logistic(odds + lean + (LEAN_FIRST if first else -LEAN_FIRST))
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
    return float(logistic(level + SPREAD * np.random.default_rng(0).normal(size=100_000)).mean())


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
        for run in (pairwise_run, rating_run):
            for name, found in coverage(run, simulations, start).items():
                print(
                    f"{found.simulations} simulations, {name}: 95% intervals cover the truth in {found.covered} "
                    f"({found.covered / found.simulations:.1%}), mean error {found.mean_error * 100:+.1f} points"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
