"""May, must, must not and need not are told apart in the forms that regulations and answers use."""

import pytest

from regtune.korean.modality import Claim, Sense, claims_of, contradicts, is_conditional


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("직원은 휴가를 신청할 수 있다.", [Claim("신청", "may")], id="may"),
        pytest.param("나눠 쓸 수 있습니다.", [Claim("쓰", "may")], id="may-native-verb"),
        pytest.param("신청 가능합니다.", [Claim("신청", "may")], id="may-possible"),
        pytest.param("휴가를 반드시 주어야 합니다.", [Claim("", "must")], id="adverbs-are-no-predicates"),
        pytest.param("신청서를 제출하여야 한다.", [Claim("제출", "must")], id="must"),
        pytest.param("신청서를 제출해야 합니다.", [Claim("제출", "must")], id="must-spoken"),
        pytest.param("재택근무를 할 수 없다.", [Claim("재택", "must_not")], id="must-not"),
        pytest.param("자리를 떠나서는 아니 된다.", [Claim("떠나", "must_not")], id="must-not-formal"),
        pytest.param("받으면 안 됩니다.", [Claim("받", "must_not")], id="must-not-spoken"),
        pytest.param("불가능합니다.", [Claim("", "must_not")], id="must-not-bare"),
        pytest.param("진단서를 첨부하지 아니할 수 있다.", [Claim("첨부", "need_not")], id="need-not"),
        pytest.param("제출하지 않아도 됩니다.", [Claim("제출", "need_not")], id="need-not-spoken"),
        pytest.param("제출할 필요가 없습니다.", [Claim("제출", "need_not")], id="no-need"),
        pytest.param("다음 달로 이월되지 않습니다.", [Claim("이월", "not")], id="not"),
        pytest.param("퇴직자는 제외한다.", [Claim("퇴직", "not")], id="excluded"),
        pytest.param("월 6시간을 초과할 수 없다.", [], id="a-bound-is-no-claim"),
        pytest.param("사용하지 않은 휴가는 수당으로 지급한다.", [], id="an-attribute-is-no-claim"),
        pytest.param("입금하지 아니하면 임금에서 공제한다.", [], id="a-condition-is-no-claim"),
    ],
)
def test_claims(sentence: str, expected: list[Claim]) -> None:
    """Each predicate is read with its sense."""
    assert claims_of(sentence) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("may", "must", True, id="may-must"),
        pytest.param("may", "must_not", True, id="may-must-not"),
        pytest.param("must", "need_not", True, id="must-need-not"),
        pytest.param("may", "need_not", False, id="may-need-not"),
        pytest.param("not", "must_not", False, id="not-must-not"),
        pytest.param("must", "must", False, id="same"),
    ],
)
def test_contradictions(one: Sense, other: Sense, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Only senses that cannot both hold contradict, in either order."""
    assert contradicts(one, other) is expected
    assert contradicts(other, one) is expected


def test_a_negated_condition_is_seen() -> None:
    """승인 없이 … 할 수 없다 says that one may with approval; such sentences are marked."""
    assert is_conditional("승인 없이 출장할 수 없다.")
    assert not is_conditional("출장할 수 없다.")
