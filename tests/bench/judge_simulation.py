"""Simulated judges of known bias, and what the report's estimates make of their verdicts.

A simulation draws articles with questions, the odds by which the tuned model's answer is the better one, and lengths.
The judge fails to reply in 5% and leans: to the first place, to the longer answer in several ways, by article, to one
model's manner; or, rating, it passes wrong answers and fails right ones, alike for both models or kinder to one. The
truth is the rate of the judge without its leanings, or of right answers. Printed for each judge and each estimate of
the report: how often the 95% interval covers the truth, and the mean error. What verdicts alone cannot tell is among
them: a judge that names a place unseen in a share of the cases (`decided` is for that one), one that likes a manner;
and a deterministic score that errs, on which the rate at equal length leans.
"""

import argparse
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "plugins"))

import numpy as np  # noqa: E402, TID253 - after the path is set; this module does nothing without it
from numpy.typing import NDArray  # noqa: E402, TID253

from regtune.benchmark.agreement import kappa  # noqa: E402
from regtune.benchmark.calibration import Both, Passes, corrected_rate, corrections, difference  # noqa: E402
from regtune.benchmark.preference import Outcome, controlled_win_rate  # noqa: E402
from regtune.benchmark.results import Estimate  # noqa: E402
from regtune.benchmark.statistics import difference_estimate, estimate  # noqa: E402

Array = NDArray[np.float64]
ARTICLES, ROWS, SAMPLES = 90, 330, 1000
SPREAD = 0.6
"""Standard deviation of the articles' log odds."""
FAILED = 0.05
LEAN_FIRST, LEAN_LONG = 0.8, 1.0
"""In log odds: at even odds the first place wins 69%, an answer longer by one standard deviation 68%."""
SENSITIVITY, SPECIFICITY, LABELS = 0.92, 0.75, 100
RIGHT_ODDS = 2.5
"""Log odds that the only right one of two answers wins."""
_MANY = np.random.default_rng(0).normal(size=100_000)
"""Articles that stand for all."""
ESTIMATORS = ("one order", "both orders", "decided", "length and place controlled")

Run = Callable[[int], tuple[float, dict[str, Estimate | None]]]
"""A simulation: seed -> the truth, and the estimates of it."""


@dataclass(frozen=True)
class Coverage:
    """Of many simulations."""

    covered: int
    simulations: int
    mean_error: float


def logistic(odds: Array) -> Array:
    """From log odds to a share."""
    return 1 / (1 + np.exp(-odds))


@dataclass(frozen=True)
class Judge:
    """What a judge leans to, beside the better answer; in log odds where no other unit is named."""

    first: float = 0.0
    long: float = 0.0
    """For an answer longer by as much as the differences spread."""
    shape: Callable[[Array], Array] = np.tanh
    """How the lean to the longer grows with the difference, in such spreads."""
    careless: float = 0.0
    """Share of the verdicts that go to the first place unseen."""
    manner: float = 0.0
    """For the tuned model's way of writing."""
    mood: float = 0.0
    """Standard deviation of what it leans to, article by article."""
    ties: float = 0.0
    """Share of the questions that it calls a tie."""
    fails_on_long: float = 0.0
    """Further share of replies that fail where the tuned model's answer is the longer one by more than is usual."""
    sharp: float = 1.0
    """Factor of the odds: a judge that is sure but in close cases."""
    better_is_longer: float = 0.0
    """Characters by which a right answer is longer than a wrong one; the deterministic score knows which is right."""
    score_errs: float = 0.0
    """Share of the answers on which the deterministic score is wrong, where better_is_longer counts."""


JUDGES: Mapping[str, Judge] = {
    "no leaning": Judge(),
    "prefers the first": Judge(first=LEAN_FIRST),
    "prefers the long": Judge(long=LEAN_LONG),
    "prefers the first and the long": Judge(first=LEAN_FIRST, long=LEAN_LONG),
    "prefers the first, and the long in proportion": Judge(LEAN_FIRST, LEAN_LONG, shape=lambda x: x),
    "prefers the first, and any longer answer alike": Judge(LEAN_FIRST, LEAN_LONG, shape=np.sign),
    "sure, and goes by place and length in close cases": Judge(LEAN_FIRST, LEAN_LONG, sharp=4.0),
    "prefers the first, has moods by article": Judge(first=LEAN_FIRST, mood=0.8),
    "prefers the first and the long, a fifth are ties": Judge(LEAN_FIRST, LEAN_LONG, ties=0.2),
    "prefers the first, fails on long answers": Judge(first=LEAN_FIRST, fails_on_long=0.2),
    "no leaning, better answers are longer": Judge(better_is_longer=60.0),
    "no leaning, better answers are shorter": Judge(better_is_longer=-60.0),
    "no leaning, better answers are longer, the automatic score errs in 20%": Judge(
        better_is_longer=60.0, score_errs=0.2
    ),
    "names the first unseen in 20%": Judge(careless=0.2, sharp=8.0),
    "likes the tuned model's manner": Judge(manner=0.8),
}


def pairwise_run(seed: int, judge: Judge = Judge(LEAN_FIRST, LEAN_LONG)) -> tuple[float, dict[str, Estimate | None]]:
    """One comparison: the truth, and each estimator's estimate."""
    rng = np.random.default_rng([seed, 7])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    level = rng.uniform(-0.8, 0.8)
    odds = level + rng.normal(0, SPREAD, ARTICLES)[article]
    one = other = right_by = np.zeros(ROWS)
    if judge.better_is_longer:
        one, other = _right(odds, rng)
        right_by = one - other
        odds = level + RIGHT_ODDS * right_by
    elif judge.sharp > 1:
        odds = odds + rng.normal(0, 1, ROWS)
    longer = rng.normal(40, 60, ROWS) + judge.better_is_longer * right_by
    lean = judge.long * judge.shape(longer / longer.std()) + judge.manner
    lean = lean + rng.normal(0, judge.mood, ARTICLES)[article]
    seen = right_by
    if judge.score_errs:
        seen = _misread(one, judge.score_errs, rng) - _misread(other, judge.score_errs, rng)
    fails = FAILED + judge.fails_on_long * (longer > 40)
    tied = rng.random(ROWS) < judge.ties
    wins, outcomes = {}, []
    for first in (True, False):
        won = rng.random(ROWS) < logistic(judge.sharp * odds + lean + (judge.first if first else -judge.first))
        won = np.where(rng.random(ROWS) < judge.careless, first, won)
        points = np.where(tied, 0.5, won)
        wins[first] = np.where(rng.random(ROWS) < fails, np.nan, points)
        outcomes += [
            Outcome(f"a{a:03}", float(w), float(more), first, float(right))
            for a, w, more, right in zip(article, wins[first], longer, seen, strict=True)
            if not np.isnan(w)
        ]
    names = [f"a{a:03}" for a in article]
    agreed = np.where(wins[True] == wins[False], wins[True], 0.5)
    both = np.where(np.isnan(wins[True] + wins[False]), np.nan, agreed)
    scored = ~np.isnan(both)
    kept = [name for name, is_scored in zip(names, scored, strict=True) if is_scored]
    found = {
        ESTIMATORS[0]: _mean(wins[True], names, seed),
        ESTIMATORS[1]: difference_estimate(both[scored].tolist(), kept, (0.0, 1.0), (SAMPLES, seed), 0.5),
        ESTIMATORS[2]: _mean(np.where(both == 0.5, np.nan, both), names, seed),
        ESTIMATORS[3]: controlled_win_rate(outcomes, SAMPLES, seed),
    }
    return _truth_of(judge, level), found


def _right(odds: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Whether the tuned model's answer is right, and the other's."""
    return (rng.random(ROWS) < logistic(odds)).astype(float), (rng.random(ROWS) < 0.5).astype(float)


def _misread(right: Array, share: float, rng: np.random.Generator) -> Array:
    """What a deterministic score says that is wrong in a share of the answers."""
    return np.where(rng.random(ROWS) < share, 1 - right, right)


def _truth_of(judge: Judge, level: float) -> float:
    """Rate of the judge without its leanings, over all articles and rows."""
    rng = np.random.default_rng(1)
    odds = level + SPREAD * _MANY
    if judge.better_is_longer:
        odds = level + RIGHT_ODDS * (
            (rng.random(len(odds)) < logistic(odds)).astype(float) - (rng.random(len(odds)) < 0.5)
        )
    elif judge.sharp > 1:
        odds = odds + rng.normal(0, 1, len(odds))
    rate = float(logistic(judge.sharp * odds).mean())
    return judge.ties / 2 + (1 - judge.ties) * rate


def truth_at(level: float) -> float:
    """Rate of right answers over all articles, of which a simulation draws some."""
    return float(logistic(level + SPREAD * _MANY).mean())


def _mean(values: Array, names: Sequence[str], seed: int) -> Estimate | None:
    there = ~np.isnan(values)
    kept = [name for name, is_there in zip(names, there, strict=True) if is_there]
    return estimate(values[there].tolist(), kept, (0.0, 1.0), SAMPLES, seed)


@dataclass(frozen=True)
class Rater:
    """How often a judge passes right answers and fails wrong ones, of the tuned model and of the other."""

    sensitivity: tuple[float, float] = (0.92, 0.92)
    specificity: tuple[float, float] = (0.75, 0.75)
    long: float = 0.0
    """Log odds of passing an answer longer by a standard deviation; the tuned model's are longer by one."""
    mood: float = 0.0
    """Standard deviation of its leniency, article by article."""
    fails_on_wrong: float = 0.0
    """Further share of replies about wrong answers that cannot be read."""


RATERS: Mapping[str, Rater] = {
    "errs alike": Rater(),
    "is kinder to the tuned model": Rater((0.97, 0.85), (0.6, 0.85)),
    "is harsher to the tuned model": Rater((0.8, 0.95), (0.9, 0.6)),
    "prefers the long": Rater(long=0.8),
    "has moods by article": Rater(mood=1.0),
    "passes everything": Rater((1.0, 1.0), (0.0, 0.0)),
    "fails on wrong answers": Rater(fails_on_wrong=0.1),
}


def rating_run(seed: int, rater: Rater = Rater()) -> tuple[float, dict[str, Estimate | None]]:
    """The gain of one system over another: the judge's, by labels of both, and the truth."""
    (one, other), truths = _rated(seed, rater)
    labelled = {"tuned": one[1], "base": other[1]}
    found = corrections({"tuned": one[0], "base": other[0]}, labelled, SAMPLES, seed)
    gain = difference(found["tuned"], found["base"]) if len(found) == len(labelled) else None
    ours, theirs = one[0].read, other[0].read
    shared = sorted(set(ours) & set(theirs))
    gaps = [float(ours[q]) - float(theirs[q]) for q in shared]
    raw = estimate(gaps, [one[0].articles[q] for q in shared], (-1.0, 1.0), SAMPLES, seed)
    return truths[0] - truths[1], {"judge's gain": raw, "gain corrected by labels": gain}


def rate_run(seed: int, rater: Rater = Rater()) -> tuple[float, dict[str, Estimate | None]]:
    """One system's pass rate: the truth, the judge's, by its own labels, and by those of both."""
    (one, other), truths = _rated(seed, rater)
    read = one[0].read
    raw = _mean(np.array([float(p) for p in read.values()]), [one[0].articles[q] for q in read], seed)
    return truths[0], {
        "judge's pass rate": raw,
        "corrected by own labels": corrected_rate(one[0], one[1], SAMPLES, seed, own=True),
        "corrected by the labels of both": corrected_rate(one[0], [*one[1], *other[1]], SAMPLES, seed, own=False),
    }


def _rated(seed: int, rater: Rater) -> tuple[list[tuple[Passes, list[Both]]], list[float]]:
    """Verdicts and labels of two systems, and their true rates."""
    rng = np.random.default_rng([seed, 8])
    article = np.sort(rng.integers(0, ARTICLES, ROWS))
    hard = rng.normal(0, SPREAD, ARTICLES)
    mood = rng.normal(0, rater.mood, ARTICLES)[article]
    found, truths = [], []
    for which, level in enumerate((rng.uniform(-0.5, 1.5), rng.uniform(-1.5, 0.5))):
        right = rng.random(ROWS) < logistic(level + hard[article])
        longer = rng.normal(1.0 - which, 1.0, ROWS)
        rate = np.where(right, rater.sensitivity[which], 1 - rater.specificity[which])
        odds = np.log(np.maximum(rate, 1e-9)) - np.log(np.maximum(1 - rate, 1e-9))
        passed = rng.random(ROWS) < logistic(odds + rater.long * longer + mood)
        read = rng.random(ROWS) >= FAILED + rater.fails_on_wrong * ~right
        verdicts = [bool(p) if there else None for p, there in zip(passed, read, strict=True)]
        labelled = rng.choice(ROWS, LABELS, replace=False)
        labels: list[Both] = [(bool(right[i]), verdicts[i], f"a{article[i]:03}") for i in labelled]
        names = {f"q{i}": f"a{a:03}" for i, a in enumerate(article)}
        passes = Passes({f"q{i}": verdict for i, verdict in enumerate(verdicts)}, names)
        found.append((passes, labels))
        truths.append(truth_at(level))
    return found, truths


def scores_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """A score of one system; the truth is its rate over all articles."""
    names, one, _, level, _ = _two_systems(seed)
    return truth_at(level), {"mean of a score": _mean(one, names, seed)}


def difference_run(seed: int) -> tuple[float, dict[str, Estimate | None]]:
    """The same questions answered by two systems, of which one finds the same articles hard as the other."""
    names, one, other, level, below = _two_systems(seed)
    found = difference_estimate((one - other).tolist(), names, (-1.0, 1.0), (SAMPLES, seed))
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


def coverage(run: Run, simulations: int, start: int = 0) -> dict[str, Coverage]:
    """How often each estimator's interval covers the truth."""
    runs = [run(seed) for seed in range(start, start + simulations)]
    found = {}
    for name in runs[0][1]:
        pairs = [(truth, e) for truth, estimates in runs if (e := estimates[name]) is not None]
        covered = sum(e.low <= truth <= e.high for truth, e in pairs)
        error = float(np.mean([e.value - truth for truth, e in pairs])) if pairs else 0.0
        found[name] = Coverage(covered, len(pairs), error)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print every judge's simulations; --simulations: how many."""
    parser = argparse.ArgumentParser(description="coverage of the report's intervals under simulated judges")
    parser.add_argument("--simulations", type=int, default=100)
    parser.add_argument("--start", type=int, default=0, help="first seed")
    parser.add_argument("--only", default="", help="judges and raters whose name holds this; others are left out")
    arguments = parser.parse_args(argv)
    runs: list[tuple[str, Run]] = [
        *((f"judge {name}, win rate of ", functools.partial(pairwise_run, judge=one)) for name, one in JUDGES.items()),
        *(
            (f"judge {name}, ", functools.partial(run, rater=one))
            for name, one in RATERS.items()
            for run in (rating_run, rate_run)
        ),
        *(("", run) for run in (scores_run, difference_run, kappa_run)),
    ]
    for of, run in (one for one in runs if arguments.only in one[0]):
        _print(coverage(run, arguments.simulations, arguments.start), of)
    return 0


def _print(found: dict[str, Coverage], of: str = "") -> None:
    for name, one in found.items():
        if not one.simulations:
            print(f"{of}{name}: no estimate is given")
            continue
        print(
            f"{one.simulations} simulations, {of}{name}: 95% intervals cover the truth in {one.covered} "
            f"({one.covered / one.simulations:.1%}), mean error {one.mean_error * 100:+.1f} points",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
