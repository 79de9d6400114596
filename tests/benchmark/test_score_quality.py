"""Claims about what the deterministic scores catch of answers labelled by hand."""

import pytest
from score_quality import RIGHT, Scored, quality, scored_answers


@pytest.fixture(scope="module")
def answers() -> list[Scored]:
    """Every labelled answer with its scores."""
    return scored_answers()


def test_the_set_is_large_and_half_of_it_held_back(answers: list[Scored]) -> None:
    """At least 200 answers, of which about half took no part in making the scores; faults and right ones in both."""
    held_back = [row for row in answers if row.held_back]
    assert len(answers) >= 200
    assert 0.4 < len(held_back) / len(answers) < 0.6
    assert min(sum(row.code in RIGHT for row in held_back), sum(row.code not in RIGHT for row in held_back)) >= 40


@pytest.mark.parametrize(
    ("score", "precision", "recall"),
    [
        pytest.param("correct (fails)", 0.9, 0.95, id="pass or fail"),
        pytest.param("quantities", 0.9, 0.9, id="quantities"),
        pytest.param("invention", 0.85, 0.95, id="inventions"),
        pytest.param("reversal", 0.75, 0.9, id="claims turned round, absolutes, somebody else in charge"),
        pytest.param("citation", 1.0, 1.0, id="citations with the regulation's name"),
        pytest.param("refusal", 1.0, 0.9, id="refusals"),
        pytest.param("absence recognised (negatives)", 0.95, 0.9, id="없음 on negatives"),
        pytest.param("false absence (others)", 1.0, 1.0, id="없음 where there is a rule"),
    ],
)
def test_faults_are_caught_in_the_half_held_back(
    answers: list[Scored], score: str, precision: float, recall: float
) -> None:
    """Precision and recall of each score do not fall below what was measured."""
    found = quality([row for row in answers if row.held_back])[score]
    assert found.precision >= precision
    assert found.recall >= recall
