"""An answer that says 없음 is known in its variants; one that forbids or states a rule is not taken for it."""

import pytest

from regtune.korean.absence import denies_a_thing, says_absent


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("없음", id="bare"),
        pytest.param("없음.", id="bare-stop"),
        pytest.param("없음 - 관련 조항이 존재하지 않음", id="bare-dash"),
        pytest.param("답변: 없음", id="labelled"),
        pytest.param("관련 규정 없음", id="no-rule"),
        pytest.param("없음. 취업규칙에는 관련 내용이 없습니다.", id="with-a-sentence"),
        pytest.param("규정에 관련 내용이 없습니다.", id="sentence"),
        pytest.param("사내 규정에서 정한 바가 없습니다.", id="not-laid-down"),
        pytest.param("정한 바 없다.", id="not-laid-down-plain"),
        pytest.param("복무규정은 이에 관하여 따로 정하고 있지 않습니다.", id="does-not-lay-down"),
        pytest.param("해당 사항은 규정되어 있지 않습니다.", id="is-not-laid-down"),
        pytest.param("해당 없음", id="not-applicable"),
        pytest.param("그 내용은 사내 규정에서 찾을 수 없습니다.", id="not-found"),
        pytest.param("규정에 나와 있지 않습니다.", id="does-not-appear"),
        pytest.param("규정에는 나오지 않아요.", id="does-not-appear-short"),
        pytest.param("명시되어 있지 않다.", id="not-stated"),
        pytest.param("확인되지 않습니다.", id="not-confirmed"),
        pytest.param("사내 규정에서 확인되지 않습니다.", id="not-confirmed-in-rules"),
        pytest.param("이 사항을 정한 규정은 없는 것으로 확인됩니다.", id="seems-to-be-none"),
        pytest.param("관련 규정을 확인할 수 없습니다.", id="cannot-confirm"),
        pytest.param("체육대회 일정은 규정에서 다루고 있지 않습니다.", id="not-dealt-with"),
        pytest.param("현재 규정에 언급된 바가 없습니다.", id="not-mentioned"),
        pytest.param("규정상 근거를 찾을 수 없음.", id="no-ground"),
        pytest.param("그런 기준은 마련되어 있지 않아요.", id="not-provided"),
        pytest.param("규정에는 없습니다.", id="not-in-the-rules"),
        pytest.param("칠순에 대한 휴가는 따로 정해 두지 않았습니다.", id="not-laid-down-beforehand"),
        pytest.param("취업규칙은 이에 관하여 침묵합니다.", id="silent"),
        pytest.param("그런 규정 못 찾겠어요", id="cannot-find-in-speech"),
        pytest.param("미규정", id="unregulated-bare"),
        pytest.param("노동위원회 구제신청 절차는 나와 있지 않습니다.", id="a-procedure-that-does-not-appear"),
    ],
)
def test_absence(answer: str) -> None:
    """Natural variants of 없음 count."""
    assert says_absent(answer)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("월 6시간을 초과할 수 없음.", id="forbids"),
        pytest.param("아니요, 그 기간의 급여는 나오지 않습니다.", id="a-thing-that-does-not-come"),
        pytest.param("재택근무를 할 수 없습니다.", id="forbids-politely"),
        pytest.param("15일의 연차유급휴가를 줍니다.", id="states-a-rule"),
        pytest.param("정당한 사유 없이 결근한 때에는 징계합니다.", id="without-cause"),
        pytest.param("부서장이 승인합니다. 제출 기한은 3일입니다. 그 밖의 내용은 규정에 없습니다.", id="said-last"),
        pytest.param("그 기간에는 휴가 없음으로 처리합니다.", id="no-leave"),
        pytest.param("징계가 없는 한 매년 승급합니다.", id="as-long-as"),
        pytest.param("따로 정한 규정이 없는 한 보수 전액을 지급합니다.", id="unless-a-rule"),
        pytest.param("사실이 확인되지 않은 때에는 지급을 보류합니다.", id="unconfirmed-condition"),
        pytest.param("후임자가 정해지지 않은 경우 부서장이 지정합니다.", id="not-yet-decided"),
        pytest.param("취소 수수료는 없습니다.", id="no-fee"),
        pytest.param("증빙서류는 요구하지 않습니다.", id="not-required"),
        pytest.param("수당은 통상임금에 포함되지 않습니다.", id="not-included"),
        pytest.param("거짓 서류로는 지급 대상자로 정하지 아니한 사람에게 줄 수 없습니다.", id="adnominal"),
    ],
)
def test_no_absence(answer: str) -> None:
    """A prohibition, a condition or a rule is an answer."""
    assert not says_absent(answer)


@pytest.mark.parametrize(
    ("sentence", "denies"),
    [
        pytest.param("반려동물 장례 휴가는 없습니다.", True, id="there-is-none"),
        pytest.param("반려동물 장례 휴가는 부여되지 않습니다.", True, id="not-given"),
        pytest.param("경조휴가 대상에 반려동물은 포함되지 않습니다.", True, id="not-among-them"),
        pytest.param("일수 제한은 없습니다.", False, id="no-limit"),
        pytest.param("신청은 필요 없습니다.", False, id="no-need"),
        pytest.param("5일을 초과할 수 없습니다.", False, id="a-bound"),
        pytest.param("휴가는 없으며 하루를 쉴 수 있습니다.", False, id="goes-on"),
    ],
)
def test_a_thing_that_is_not_given(sentence: str, denies: bool) -> None:  # noqa: FBT001
    """That there is no such thing is no 없음 of the rules, and told apart from a limit or a need that is not there."""
    assert denies_a_thing(sentence) is denies
    assert not says_absent(sentence)
