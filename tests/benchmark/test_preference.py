"""Claims about the win rate at equal length and without the advantage of a place."""

import functools

import pytest
from judge_simulation import (
    ESTIMATORS,
    JUDGES,
    RATERS,
    Run,
    coverage,
    difference_run,
    kappa_run,
    pairwise_run,
    rate_run,
    rating_run,
    scores_run,
)

from regtune.benchmark.preference import Outcome, controlled_win_rate


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


def test_what_a_right_answer_gains_is_not_taken_for_what_its_length_gains() -> None:
    """Of a judge that names the right answer, short ones here: at equal length the right one still wins."""
    rows = [
        Outcome(f"a{i}", float(i % 4 != 0), -80.0 if i % 4 else 20.0, i % 2 == 0, 1.0 if i % 4 else -1.0)
        for i in range(200)
    ]
    found = controlled_win_rate(rows, 500, 1)
    assert found is not None
    assert found.low > 0.5


def test_swap_and_length_control_remove_the_planted_bias() -> None:
    """Over 100 simulated judges the controlled intervals cover the truth in 92-98; one order alone hardly ever does."""
    found = coverage(pairwise_run, 100)
    one, both, _, controlled = (found[name] for name in ESTIMATORS)
    assert 92 <= controlled.covered <= 98
    assert abs(controlled.mean_error) < 0.01 < both.mean_error < one.mean_error


@pytest.mark.parametrize("run", [scores_run, difference_run, kappa_run])
def test_the_other_intervals_cover_the_truth_too(run: Run) -> None:
    """Means, paired differences and kappa: 92-98 of 100 simulated runs, and no error on average."""
    (found,) = coverage(run, 100).values()
    assert 92 <= found.covered <= 98
    assert abs(found.mean_error) < 0.01


@pytest.mark.parametrize("rater", ["errs alike", "is kinder to the tuned model"])
def test_labels_remove_the_error_of_the_rating(rater: str) -> None:
    """Over 100 simulated judges the corrected intervals cover the truth in 92-98, of a rate and of a difference."""
    rates = coverage(functools.partial(rate_run, rater=RATERS[rater]), 100)
    gains = coverage(functools.partial(rating_run, rater=RATERS[rater]), 100)
    for found in (rates["corrected by own labels"], gains["gain corrected by labels"]):
        assert 92 <= found.covered <= 98
        assert abs(found.mean_error) < 0.015
    assert abs(rates["judge's pass rate"].mean_error) > 0.03


def test_a_judge_that_names_the_first_unseen_is_seen_by_the_questions_on_which_its_orders_agree() -> None:
    """A fifth of the verdicts go to the first place: the decided rate has less error than one order's."""
    found = coverage(functools.partial(pairwise_run, judge=JUDGES["names the first unseen in 20%"]), 30)
    assert found["decided"].covered >= 25
    assert abs(found["decided"].mean_error) < 0.03 < found["one order"].mean_error
