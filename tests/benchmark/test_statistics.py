"""Claims about intervals and tests."""

import pytest

from regtune.benchmark.statistics import difference_estimate, estimate, excludes, mcnemar_p

RATE = (0.0, 1.0)


def test_intervals_cover_the_truth_when_rows_of_an_article_stand_together() -> None:
    """Over 200 samples of 60 articles with 3 alike rows each, about 95% of the intervals hold the true rate."""
    import numpy as np

    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        hard = rng.beta(2, 2, size=60)  # each article has a difficulty of its own; the true rate is one half
        values = [float(rng.random() < p) for p in hard for _ in range(3)]
        articles = [f"a{i}" for i in range(60) for _ in range(3)]
        found = estimate(values, articles, RATE, samples=400, seed=1)
        assert found is not None
        covered += found.low <= 0.5 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_rows_of_one_article_do_not_count_as_many() -> None:
    """The same values in few articles give a wider interval than in many."""
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0] * 10
    one_each = estimate(values, [str(i) for i in range(60)], RATE, 1000, 1)
    together = estimate(values, [str(i // 3) for i in range(60)], RATE, 1000, 1)
    assert one_each is not None
    assert together is not None
    assert together.high - together.low > 1.4 * (one_each.high - one_each.low)


def test_unanimous_rows_are_no_certainty() -> None:
    """30 right answers of 30 leave the interval that Clopper and Pearson give: from 88.4%."""
    found = estimate([1.0] * 30, [str(i) for i in range(30)], RATE, 500, 1)
    assert found is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.8843, abs=1e-3)


def test_unanimous_difference_of_one_row_shows_nothing() -> None:
    """One article is too little for any difference to be shown."""
    found = estimate([1.0], ["a"], (-1.0, 1.0), 500, 1)
    assert found is not None
    assert not excludes(found, 0.0)


def test_same_seed_same_interval() -> None:
    """The bootstrap is drawn by the seed alone."""
    values, articles = [0.0, 1.0, 1.0, 0.0, 1.0], list("aabbc")
    assert estimate(values, articles, RATE, 300, 7) == estimate(values, articles, RATE, 300, 7)
    assert estimate([], [], RATE, 300, 7) is None


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        pytest.param(0, 0, 1.0, id="no discordant row"),
        pytest.param(5, 0, 0.0625, id="5 to 0"),
        pytest.param(10, 2, 0.03857421875, id="10 to 2"),
        pytest.param(2, 10, 0.03857421875, id="either way round"),
        pytest.param(600, 500, 0.0028, id="many"),
    ],
)
def test_mcnemar_is_the_exact_binomial(gained: int, lost: int, p: float) -> None:
    """P-values are those of the two-sided binomial test at one half."""
    assert mcnemar_p(gained, lost) == pytest.approx(p, rel=0.05 if gained > 100 else 1e-9)


@pytest.mark.parametrize("articles", [pytest.param(n, id=f"{n} articles") for n in (1, 2, 3, 4, 8)])
def test_articles_that_say_the_same_leave_an_interval_of_some_width(articles: int) -> None:
    """Ten mixed rows of each article, the same in each, are no certainty: once +10.0~+10.0 stood there."""
    values = [1.0, *[0.0] * 9] * articles
    found = estimate(values, [f"a{i // 10}" for i in range(len(values))], (-1.0, 1.0), 500, 1)
    assert found is not None
    assert found.low < found.value < found.high
    assert not excludes(found, 0.0)


@pytest.mark.parametrize("articles", [pytest.param(n, id=f"{n} articles") for n in (1, 2, 3, 4, 5, 12)])
def test_no_difference_is_seldom_shown_however_few_the_articles(articles: int) -> None:
    """Of 200 pairs of systems that are equally good, at most a tenth are told apart; none on under five articles."""
    import numpy as np

    rng = np.random.default_rng(5)
    names = [f"a{i}" for i in range(articles) for _ in range(4)]
    shown = 0
    for _ in range(200):
        hard = np.repeat(rng.normal(0, 0.6, articles), 4)
        likely = 1 / (1 + np.exp(-hard))
        values = (rng.random(len(hard)) < likely).astype(float) - (rng.random(len(hard)) < likely)
        found = estimate(values.tolist(), names, (-1.0, 1.0), 300, 1)
        assert found is not None
        shown += excludes(found, 0.0)
    assert shown <= (20 if articles >= 5 else 0)


@pytest.mark.parametrize(
    ("gained", "lost", "shown"),
    [
        pytest.param(5, 0, False, id="once in 16 by chance"),
        pytest.param(6, 0, True, id="once in 32"),
        pytest.param(9, 3, False, id="McNemar says 0.15"),
        pytest.param(0, 6, True, id="a loss"),
    ],
)
def test_a_gain_on_five_articles_was_shown_though_mcnemar_denied_it(gained: int, lost: int, *, shown: bool) -> None:
    """Where hardly an article differs the interval of a difference agrees with the exact test."""
    values = [1.0] * gained + [-1.0] * lost + [0.0] * (120 - gained - lost)
    found = difference_estimate(values, [f"a{i}" for i in range(120)], (-1.0, 1.0), (1000, 1))
    assert found is not None
    assert excludes(found, 0.0) is shown
    assert (mcnemar_p(gained, lost) < 0.05) is shown
    assert found.low <= found.value <= found.high
