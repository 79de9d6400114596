"""Claims about when an adapter becomes champion."""

from datetime import date

import pytest

from regtune.benchmark.promotion import Results, rule
from regtune.benchmark.results import Benchmark, Difference, Estimate, Score, SystemSummary
from regtune.benchmark.rows import Answer, Scores

SCORES = Scores(
    correct=True,
    absent=False,
    refused=False,
    quantities_right=None,
    missing_quantities=(),
    unsupported_quantities=(),
    contradicting_quantities=(),
    missing_conditions=(),
    has_conditions=False,
    invented=(),
    reversed_claims=(),
    article_right=None,
    korean=True,
    content_recall=1.0,
    characters=10,
)


def estimate(value: float, half: float) -> Estimate:
    """A value with its interval."""
    return Estimate(value=value, low=value - half, high=value + half, rows=200, articles=80)


def run_of(name: str, gain: Estimate | None, tuned: Estimate | None, right: frozenset[int] | None = None) -> Results:
    """A run with its gain over base, its tuned rate, and which of 200 questions its tuned model got right."""
    difference = gain and Difference(
        system="tuned", baseline="base", metric="correct", estimate=gain, shown=True, better=True, mcnemar_p=None
    )
    benchmark = Benchmark(
        run_name=name,
        as_of=date(2025, 7, 1),
        headline="",
        stand_ins=(),
        warnings=(),
        test_rows=30,
        pool_rows=170,
        rows_by_type={},
        articles=80,
        systems=(),
        scores=(Score(system="tuned", metric="correct", estimate=tuned),) if tuned else (),
        differences=(difference,) if difference else (),
        comparisons=(),
        slices=(),
        efficiency=(),
        examples=(),
        unscored_verdicts=0,
        judge_model="judge",
        judge_tokens={},
        inputs={},
        seed=1,
        bootstrap_samples=500,
    )
    answers = [
        Answer(
            qa_id=f"q{i:03}",
            article=f"a{i % 80}",
            system="tuned",
            answer="",
            failure=None,
            truncated=False,
            tokens=1,
            seconds=0.1,
            scores=SCORES.model_copy(update={"correct": i in right}),
        )
        for i in (range(200) if right is not None else ())
    ]
    return Results(benchmark, answers)


GOOD = estimate(0.2, 0.05)
SIXTY, FIFTY = frozenset(range(120)), frozenset(range(100))


@pytest.mark.parametrize(
    ("this", "champion", "decision"),
    [
        pytest.param(run_of("new", GOOD, estimate(0.6, 0.06)), None, "champion", id="better than base, the first"),
        pytest.param(run_of("new", estimate(0.02, 0.05), estimate(0.6, 0.06)), None, "not_champion", id="not shown"),
        pytest.param(run_of("new", None, None), None, "not_compared", id="base was not asked"),
        pytest.param(
            run_of("new", GOOD, estimate(0.6, 0.06), SIXTY),
            run_of("old", GOOD, estimate(0.5, 0.06), FIFTY),
            "champion",
            id="better than the champion on the same questions",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.5, 0.06), FIFTY),
            run_of("old", GOOD, estimate(0.6, 0.06), SIXTY),
            "not_champion",
            id="worse than the champion on the same questions",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.6, 0.06), SIXTY),
            run_of("old", GOOD, estimate(0.6, 0.06), SIXTY),
            "champion",
            id="the same answers",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.6, 0.06)),
            run_of("old", GOOD, estimate(0.6, 0.06)),
            "not_champion",
            id="equal rates on other questions: the interval is too wide",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.8, 0.04)),
            run_of("old", GOOD, estimate(0.6, 0.06)),
            "champion",
            id="clearly better on other questions",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.6, 0.06)),
            run_of("old", None, None),
            "not_champion",
            id="nothing is known of the champion",
        ),
        pytest.param(
            run_of("new", GOOD, estimate(0.6, 0.06)),
            run_of("new", GOOD, estimate(0.9, 0.06)),
            "champion",
            id="the run is no rival of itself",
        ),
    ],
)
def test_the_rule(this: Results, champion: Results | None, decision: str) -> None:
    """Better than base, and not worse than the champion by more than the margin, by intervals."""
    assert rule(this, champion, min_gain=0.0, margin=0.05).decision == decision


def test_the_ruling_tells_its_figures() -> None:
    """The asset event gets both differences with both ends, and the reason names the interval."""
    ruling = rule(run_of("new", GOOD, None, SIXTY), run_of("old", GOOD, None, FIFTY), min_gain=0.0, margin=0.05)
    figures = ruling.figures()
    assert ruling.paired
    assert figures["gain_over_champion"] == pytest.approx(0.1)
    assert {"gain_over_base_low", "gain_over_champion_low", "gain_over_champion_high"} <= set(figures)
    assert "같은 문항" in ruling.reason


@pytest.mark.parametrize(
    ("failures", "decision"), [pytest.param(112, "not_champion", id="most"), pytest.param(6, "champion", id="a few")]
)
def test_a_model_that_mostly_fails_to_answer_is_not_promoted(failures: int, decision: str) -> None:
    """Failures are in no rate: 8 right answers of 120 questions are no gain, and the reason says how many failed."""
    run = run_of("new", GOOD, estimate(0.9, 0.05))
    tuned = SystemSummary(
        name="tuned",
        title="튜닝한 모델",
        model="m",
        stand_in=False,
        rows=120,
        failures=failures,
        truncated=0,
        ratings_unscored=0,
        mean_tokens=9.0,
    )
    ruling = rule(Results(run.benchmark.model_copy(update={"systems": (tuned,)}), []), None, min_gain=0.0, margin=0.05)
    assert ruling.decision == decision
    assert ("120문항 중 112문항에 답하지 못했습니다" in ruling.reason) is (decision == "not_champion")


def test_a_gain_on_four_articles_promotes_nothing() -> None:
    """However far the interval lies above zero, fewer than five articles are not judged, and the reason says so."""
    few = GOOD.model_copy(update={"articles": 4})
    ruling = rule(run_of("new", few, estimate(0.9, 0.05)), None, min_gain=0.0, margin=0.05)
    assert ruling.decision == "not_champion"
    assert "조문이 5개보다 적어 판단하지 않음" in ruling.reason
