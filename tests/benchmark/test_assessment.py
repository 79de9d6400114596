"""Claims about how answers and verdicts become scores, differences, comparisons and slices."""

from collections.abc import Callable

import pytest
from benchmark_samples import answer_of

from regtune.benchmark.assessment import (
    Measured,
    Sampling,
    all_differences,
    all_scores,
    all_slices,
    pick_examples,
    ratings_tell,
    summaries,
)
from regtune.benchmark.comparing import all_comparisons
from regtune.benchmark.rows import Verdict
from regtune.benchmark.systems import Asked
from regtune.config import PipelineConfig

SAMPLING = Sampling(200, 1)


def measured_of(
    rows: dict[str, Asked],
    config: PipelineConfig,
    wrong: dict[str, str],
    verdicts: list[Verdict] | None = None,
    failed: tuple[tuple[str, str], ...] = (),
) -> Measured:
    """Every system gives the reference answers, but on the rows that `wrong` names (a word of qa_ids each)."""
    answers = {}
    for system in ("base", "tuned"):
        for qa_id, row in rows.items():
            text = "99일입니다." if qa_id in wrong.get(system, "") else row.question.answer
            failure = "timed out" if (system, qa_id) in failed else None
            answers[system, qa_id] = answer_of(row, system, text, config, failure)
    return Measured(rows, answers, verdicts or [], SAMPLING)


def pairwise(qa_id: str, first: str, second: str, winner: str | None) -> Verdict:
    """One order of one pair."""
    unscored = "unreadable" if winner is None else None
    return Verdict.model_validate(
        {
            "kind": "pairwise",
            "qa_id": qa_id,
            "system": first,
            "opponent": second,
            "winner": winner,
            "attempts": 1,
            "unscored": unscored,
            "request_sha256": "",
        }
    )


def rating(qa_id: str, system: str, grade: int) -> Verdict:
    """One grade throughout."""
    grades = dict.fromkeys(("correctness", "completeness", "groundedness"), grade)
    told = {"kind": "rating", "qa_id": qa_id, "system": system, "opponent": None, **grades}
    return Verdict.model_validate({**told, "attempts": 1, "unscored": None, "request_sha256": ""})


def test_a_failed_answer_is_in_no_rate(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """A row without an answer is neither right nor wrong, is left out of the pair, and is counted."""
    measured = measured_of(rows, config, {"tuned": "a"}, failed=(("tuned", "b"),))
    rates = {s.metric: s.estimate for s in all_scores(measured, ["tuned"])}
    assert (rates["correct"].rows, rates["correct"].value) == (5, pytest.approx(4 / 5))
    difference = next(d for d in all_differences(measured, ["base", "tuned"]) if d.metric == "correct")
    assert difference.estimate.rows == 5
    (summary,) = summaries(measured, {"tuned": ("tiny", True)})
    assert (summary.rows, summary.failures) == (6, 1)


def test_absence_is_asked_of_negatives_and_forbidden_to_others(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """The two rates of 없음 rest on disjoint rows."""
    rates = {s.metric: s.estimate for s in all_scores(measured_of(rows, config, {}), ["tuned"])}
    assert (rates["absence_recognised"].rows, rates["absence_recognised"].value) == (2, 1.0)
    assert (rates["false_absence"].rows, rates["false_absence"].value) == (4, 0.0)


def test_a_difference_is_shown_only_when_its_interval_leaves_zero(
    rows: dict[str, Asked], config: PipelineConfig
) -> None:
    """Six rows of two articles show nothing, even when all of them changed; a fall of a bad rate is better."""
    many = {f"{qa_id}{i}": _moved(row, i) for i in range(20) for qa_id, row in rows.items()}
    few = next(d for d in all_differences(measured_of(rows, config, {"base": "abcdef"}), ["base", "tuned"]))
    assert (few.metric, few.shown, few.better) == ("correct", False, None)
    answers = measured_of(many, config, {"base": "".join(many)})
    shown = next(d for d in all_differences(answers, ["base", "tuned"]))
    assert (shown.shown, shown.better, shown.estimate.value) == (True, True, 1.0)
    assert shown.mcnemar_p is not None
    assert shown.mcnemar_p < 0.001


def _moved(row: Asked, place: int) -> Asked:
    """The same row about an article of its own."""
    chunk = row.chunk.model_copy(update={"article": f"제{place + 100}조"})
    question = row.question.model_copy(update={"qa_id": f"{row.question.qa_id}{place}"})
    return Asked(question, chunk, row.in_test, row.article_seen)


def test_orders_that_disagree_are_a_tie(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """A judge that always prefers the first place gives no win to anybody, and is found out."""
    orders = (("tuned", "base"), ("base", "tuned"))
    verdicts = [pairwise(qa_id, first, second, first) for qa_id in rows for first, second in orders]
    (comparison,) = all_comparisons(measured_of(rows, config, {}, verdicts), ["base", "tuned"])
    assert (comparison.wins, comparison.ties, comparison.losses) == (0, 6, 0)
    assert comparison.disagreements == 6
    assert comparison.win_rate is not None
    assert comparison.win_rate.value == 0.5


@pytest.mark.parametrize(
    ("winner_of", "tells"),
    [
        pytest.param(lambda first, _place: first, False, id="always A"),
        pytest.param(lambda _first, _place: "tie", False, id="always a tie"),
        pytest.param(lambda _first, _place: "tuned", True, id="always the same system"),
        pytest.param(lambda first, place: first if place % 4 == 0 else "base", True, id="sometimes A"),
    ],
)
def test_a_judge_that_tells_nothing_is_found_out(
    rows: dict[str, Asked], config: PipelineConfig, winner_of: Callable[[str, int], str], *, tells: bool
) -> None:
    """By questions on which both orders agree, and by verdicts other than a tie; nothing of it is then shown."""
    many = {f"a{i}": _moved(rows["a"], i) for i in range(12)}
    orders = (("tuned", "base"), ("base", "tuned"))
    verdicts = [pairwise(qa_id, one, other, winner_of(one, i)) for i, qa_id in enumerate(many) for one, other in orders]
    (comparison,) = all_comparisons(measured_of(many, config, {}, verdicts), ["base", "tuned"])
    assert comparison.tells is tells
    assert comparison.shown is tells


@pytest.mark.parametrize(("last", "tells"), [(5, False), (2, True)])
def test_grades_that_are_all_the_same_are_found_out(
    rows: dict[str, Asked], config: PipelineConfig, last: int, *, tells: bool
) -> None:
    """Twenty-four fives tell nothing; four lower ones among them tell something."""
    many = {f"a{i}": _moved(rows["a"], i) for i in range(12)}
    verdicts = [rating(qa_id, name, last if i > 9 else 5) for i, qa_id in enumerate(many) for name in ("base", "tuned")]
    assert ratings_tell(measured_of(many, config, {}, verdicts), ["base", "tuned"]) is tells


def test_a_pair_with_an_unscored_order_is_left_out(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """Half a verdict is none, and is counted."""
    verdicts = [
        pairwise("a", "tuned", "base", "tuned"),
        pairwise("a", "base", "tuned", None),
        pairwise("b", "tuned", "base", "tuned"),
        pairwise("b", "base", "tuned", "tuned"),
    ]
    (comparison,) = all_comparisons(measured_of(rows, config, {}, verdicts), ["base", "tuned"])
    assert (comparison.wins, comparison.unscored) == (1, 1)


def test_slices_part_the_rows(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """In each dimension every row is in exactly one part."""
    slices = all_slices(measured_of(rows, config, {}), ["base", "tuned"])
    for dimension in ("type", "regulation", "article_seen", "set"):
        parts = [part for part in slices if part.dimension == dimension]
        assert sum(part.scores[0].estimate.rows for part in parts) == len(rows)
    assert [part.part for part in slices if part.dimension == "article_seen"] == [
        "학습에 나온 조문",
        "학습에 없던 조문",
    ]


def test_examples_show_losses_too(rows: dict[str, Asked], config: PipelineConfig) -> None:
    """With a gain, a loss, a failure of both and a success of both, four examples show each once."""
    examples = pick_examples(measured_of(rows, config, {"base": "ac", "tuned": "bc"}), 4)
    assert {example.why: example.qa_id for example in examples} == {
        "gained": "a",
        "lost": "b",
        "both_wrong": "c",
        "both_right": "d",
    }
