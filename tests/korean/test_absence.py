"""An answer that says 없음 is known in its variants; one that forbids or states a rule is not taken for it."""

import pytest

from regtune.korean.absence import says_absent


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("없음", id="bare"),
        pytest.param("없음. 취업규칙에는 관련 내용이 없습니다.", id="with-a-sentence"),
        pytest.param("규정에 관련 내용이 없습니다.", id="sentence"),
        pytest.param("사내 규정에서 정한 바가 없습니다.", id="not-laid-down"),
        pytest.param("복무규정은 이에 관하여 따로 정하고 있지 않습니다.", id="does-not-lay-down"),
        pytest.param("해당 사항은 규정되어 있지 않습니다.", id="is-not-laid-down"),
        pytest.param("해당 없음", id="not-applicable"),
    ],
)
def test_absence(answer: str) -> None:
    """Natural variants of 없음 count."""
    assert says_absent(answer)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("월 6시간을 초과할 수 없음.", id="forbids"),
        pytest.param("재택근무를 할 수 없습니다.", id="forbids-politely"),
        pytest.param("15일의 연차유급휴가를 줍니다.", id="states-a-rule"),
        pytest.param("정당한 사유 없이 결근한 때에는 징계합니다.", id="without-cause"),
        pytest.param("부서장이 승인합니다. 제출 기한은 3일입니다. 그 밖의 내용은 규정에 없습니다.", id="said-last"),
    ],
)
def test_no_absence(answer: str) -> None:
    """A prohibition or a rule is an answer."""
    assert not says_absent(answer)
