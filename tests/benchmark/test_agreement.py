"""Claims about the judge beside people."""

import pytest

from regtune.benchmark.agreement import agreement, each_once, kappa
from regtune.benchmark.calibration import OWN_LABELS, Both, Passes, corrected_rate
from regtune.benchmark.rows import Label
from regtune.errors import UnusableInputError


def both(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[Both]:
    """So many answers of each combination of people and judge, each of an article of its own."""
    cells = [(True, True)] * yes_yes + [(True, False)] * yes_no + [(False, True)] * no_yes + [(False, False)] * no_no
    return [(human, judge, f"a{i:03}") for i, (human, judge) in enumerate(cells)]


def passes(passed: int, rows: int) -> Passes:
    """So many of the rows passed, an article each."""
    names = [f"q{i:03}" for i in range(rows)]
    return Passes({n: i < passed for i, n in enumerate(names)}, {n: f"a{i:03}" for i, n in enumerate(names)})


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param((20, 5, 10, 15), 0.4, id="the example of Cohen's kappa"),
        pytest.param((25, 0, 0, 25), 1.0, id="one mind"),
        pytest.param((0, 25, 25, 0), -1.0, id="always the reverse"),
    ],
)
def test_kappa(cells: tuple[int, int, int, int], expected: float) -> None:
    """Kappa is what it is by hand, inside its interval."""
    found = kappa(both(*cells), 500, 1)
    assert found is not None
    assert found.value == pytest.approx(expected)
    assert found.low <= found.value <= found.high


def test_kappa_needs_two_kinds_on_either_side() -> None:
    """People who call everything right tell nothing of agreement."""
    assert kappa(both(10, 5, 0, 0), 500, 1) is None


def test_the_correction_is_rogan_and_gladens() -> None:
    """60% passes with sensitivity 0.9 and specificity 0.8 are (0.6 + 0.8 - 1) / 0.7 right answers."""
    found = corrected_rate(passes(60, 100), both(45, 5, 10, 40), 500, 1, own=False)
    assert found is not None
    assert found.value == pytest.approx(0.4 / 0.7, abs=1e-6)
    assert found.low < found.value < found.high


@pytest.mark.parametrize("own", [True, False])
def test_few_labels_make_a_wide_interval(own: bool) -> None:  # noqa: FBT001
    """A tenth of the labels, without one error among them, tells less and says so."""
    many, few = (corrected_rate(passes(60, 100), both(n, 0, 0, n), 500, 1, own=own) for n in (50, 5))
    assert many is not None
    assert few is not None
    assert few.high - few.low > many.high - many.low


def test_a_judge_no_better_than_chance_corrects_nothing() -> None:
    """Where passes say nothing of right and wrong, no corrected rate is given."""
    assert corrected_rate(passes(60, 100), both(25, 25, 25, 25), 500, 1, own=False) is None


def test_a_system_that_never_passes_is_not_certainly_always_wrong() -> None:
    """Not one pass, and a judge that also passes wrong answers elsewhere: the corrected rate is 0 with an interval."""
    found = corrected_rate(passes(0, 100), both(40, 10, 5, 45), 500, 1, own=False)
    assert found is not None
    assert found.value == 0.0
    assert 0.01 < found.high < 0.1


def test_labels_of_other_answers_are_no_agreement() -> None:
    """Without one label about an answer that was judged there is nothing to tell."""
    label = Label(qa_id="elsewhere", system="tuned", correct=True)
    assert agreement([label], {"tuned": passes(5, 10)}, {"tuned": passes(5, 10)}, [], (100, 1)) is None


def test_agreement_counts_only_what_both_saw() -> None:
    """Labels and verdicts are matched by system and question; the judge's two error rates come from them."""
    labels = [Label(qa_id=f"q{i:03}", system="tuned", correct=i < 6) for i in range(10)]
    found = agreement(labels, {"tuned": passes(5, 10)}, {"tuned": passes(6, 10)}, [], (200, 1))
    assert found is not None
    assert found.labels == 10
    assert found.sensitivity is not None
    assert found.specificity is not None
    assert (found.sensitivity.value, found.specificity.value) == (pytest.approx(5 / 6, abs=1e-4), 1.0)
    assert found.sensitivity.low < found.sensitivity.value < found.sensitivity.high
    assert found.specificity.low < 1.0
    assert found.deterministic_kappa is not None
    assert found.deterministic_kappa.value == 1.0
    assert [rate.system for rate in found.corrected] == ["tuned"]


def test_a_repeated_label_counts_once_and_a_contradicted_one_not_at_all() -> None:
    """Five copies of the labels tell no more than one; right and wrong of one answer stop in one line."""
    labels = [Label(qa_id=f"q{i:03}", system="tuned", correct=i < 6) for i in range(10)]
    assert each_once(labels * 5) == labels
    with pytest.raises(UnusableInputError, match="tuned q000 is labelled both right and wrong"):
        each_once([*labels, labels[0].model_copy(update={"correct": False})])


def test_own_labels_weigh_what_the_judge_passes_and_what_it_fails() -> None:
    """60% passes, of which people call 90% right, and of the failed 25%: 0.6 * 0.9 + 0.4 * 0.25 right answers."""
    found = corrected_rate(passes(60, 100), both(27, 5, 3, 15), 500, 1, own=True)
    assert found is not None
    assert found.value == pytest.approx(0.64, abs=1e-6)
    assert found.low < found.value < found.high


def test_a_judge_that_passes_everything_is_put_right_by_own_labels() -> None:
    """It tells right from wrong nowhere; the share that people call right is the rate."""
    assert corrected_rate(passes(100, 100), both(20, 0, 20, 0), 500, 1, own=False) is None
    found = corrected_rate(passes(100, 100), both(20, 0, 20, 0), 500, 1, own=True)
    assert found is not None
    assert found.value == pytest.approx(0.5)


def labelled(system: str, count: int, right: int) -> list[Label]:
    """So many labels of a system, the first of them right."""
    return [Label.model_validate({"qa_id": f"q{i:03}", "system": system, "correct": i < right}) for i in range(count)]


def test_a_judge_kinder_to_one_system_does_not_decide_the_corrected_difference() -> None:
    """Both systems are right in half; the judge passes nine tenths of one and a tenth of the other."""
    judged = {"tuned": passes(90, 100), "base": passes(10, 100)}
    labels = [*labelled("tuned", 100, 50), *labelled("base", 100, 50)]
    found = agreement(labels, judged, judged, [("tuned", "base")], (500, 1))
    assert found is not None
    assert [rate.corrected.value for rate in found.corrected] == [0.5, 0.5]
    (difference,) = found.differences
    assert difference.own_labels
    assert not difference.shown
    assert difference.estimate.value == pytest.approx(0.0, abs=1e-6)


def test_a_system_with_few_labels_takes_those_of_all_and_says_so() -> None:
    """Below the floor the other system's labels count, and the record tells."""
    judged = {"tuned": passes(60, 100), "base": passes(40, 100)}
    labels = [*labelled("tuned", 100, 55), *labelled("base", OWN_LABELS - 1, 10)]
    found = agreement(labels, judged, judged, [("tuned", "base")], (500, 1))
    assert found is not None
    assert [(rate.labels, rate.own_labels) for rate in found.corrected] == [(100, True), (OWN_LABELS - 1, False)]
    assert not found.differences[0].own_labels
