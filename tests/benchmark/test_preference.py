"""Claims about the win rate at equal length and without the advantage of a place."""

from collections.abc import Callable

import pytest
from judge_simulation import (
    ESTIMATORS,
    coverage,
    difference_run,
    kappa_run,
    pairwise_run,
    rating_run,
    scores_run,
)

from regtune.benchmark.preference import Outcome, controlled_win_rate
from regtune.benchmark.results import Estimate


def outcomes(wins_first: int, wins_second: int, longer_by: float = 0.0) -> list[Outcome]:
    """Twenty questions in both orders, so many of them won."""
    return [
        Outcome(f"a{i}", float(i < wins), longer_by, first)
        for first, wins in ((True, wins_first), (False, wins_second))
        for i in range(20)
    ]


def test_a_place_gives_no_advantage() -> None:
    """A judge that prefers the first place alone leaves a win rate of one half."""
    found = controlled_win_rate(outcomes(16, 4), 500, 1)
    assert found is not None
    assert found.value == pytest.approx(0.5, abs=0.001)
    assert found.low < 0.5 < found.high


def test_a_judge_that_goes_by_the_place_alone_tells_nothing() -> None:
    """Always the first: one half, with the interval of no knowledge and not of certainty."""
    found = controlled_win_rate(outcomes(20, 0), 500, 1)
    assert found is not None
    assert found.value == pytest.approx(0.5, abs=0.001)
    assert found.low < 0.45
    assert found.high > 0.55


def test_length_gives_no_advantage() -> None:
    """A judge that prefers the longer answer four times of five leaves nothing shown of who is better."""
    rows = [
        Outcome(f"a{i}", float((i % 4 != 0) is (i % 5 != 0)), 50.0 if i % 4 else -50.0, i % 2 == 0) for i in range(200)
    ]
    found = controlled_win_rate(rows, 500, 1)
    assert found is not None
    assert found.low < 0.5 < found.high


def test_without_a_verdict_there_is_no_rate_and_without_a_loss_no_certainty() -> None:
    """No verdict gives None; twenty wins of twenty leave an interval below one."""
    assert controlled_win_rate([], 500, 1) is None
    found = controlled_win_rate(outcomes(20, 20), 500, 1)
    assert found is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.8 < found.low < 1.0


def test_swap_and_length_control_remove_the_planted_bias() -> None:
    """Over 100 simulated judges the controlled intervals cover the truth in 92-98; one order alone hardly ever does."""
    found = coverage(pairwise_run, 100)
    one, both, controlled = (found[name] for name in ESTIMATORS)
    assert 92 <= controlled.covered <= 98
    assert abs(controlled.mean_error) < 0.01 < both.mean_error < one.mean_error


@pytest.mark.parametrize("run", [scores_run, difference_run, kappa_run])
def test_the_other_intervals_cover_the_truth_too(
    run: Callable[[int], tuple[float, dict[str, Estimate | None]]],
) -> None:
    """Means, paired differences and kappa: 92-98% of 300 simulated runs, and no error on average."""
    (found,) = coverage(run, 300, 1000).values()
    assert 276 <= found.covered <= 294
    assert abs(found.mean_error) < 0.01


def test_labels_remove_the_error_of_the_rating() -> None:
    """Over 100 simulated judges the corrected intervals cover the truth in 92-98; the raw pass rate is off."""
    found = coverage(rating_run, 100)
    assert 92 <= found["corrected by labels"].covered <= 98
    assert abs(found["corrected by labels"].mean_error) < 0.01 < found["judge's pass rate"].mean_error
