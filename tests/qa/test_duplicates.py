"""Questions that ask the same are found; questions that only look alike are not."""

import pytest

from regtune.qa.duplicates import asks_otherwise, duplicate_pairs, groups_of

SIMILARITY = 0.9
OTHERS = (
    "재택근무자는 업무일지를 언제까지 등록해야 합니까?",
    "당직비는 1회 얼마입니까?",
    "비상근무를 명할 수 있는 사람은 누구입니까?",
    "업무용 차량의 배차는 어떻게 신청합니까?",
)


def _found(one: str, other: str) -> list[tuple[str, str]]:
    questions = [("a", one), ("b", other), *((f"o{index}", text) for index, text in enumerate(OTHERS))]
    return [(pair.a, pair.b) for pair in duplicate_pairs(questions, SIMILARITY)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("연차유급휴가는 며칠입니까?", "연차유급휴가는  며칠 입니까", id="spacing"),
        pytest.param("비밀번호는 며칠마다 변경해야 합니까?", "비밀번호는 며칠마다 변경해야 하나요?", id="ending"),
        pytest.param("수습 기간은 얼마 동안입니까?", "수습 기간은 얼마 동안인가요?", id="polite-form"),
        pytest.param("유·사산휴가는 며칠입니까?", "유ㆍ사산휴가는 며칠입니까?", id="middle-dot"),
    ],
)
def test_found(one: str, other: str) -> None:
    """A question asked twice is found, whatever its ending or spacing."""
    assert _found(one, other) == [("a", "b")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "3일을 초과하는 국내 출장은 누가 승인합니까?", "5일을 초과하는 국내 출장은 누가 승인합니까?", id="number"
        ),
        pytest.param("취업규칙 제24조의 휴가는 며칠입니까?", "취업규칙 제25조의 휴가는 며칠입니까?", id="article"),
        pytest.param("휴가는 부서장의 승인을 받습니까?", "휴가는 본부장의 승인을 받습니까?", id="actor"),
        pytest.param("국내 출장 정산서는 언제까지 냅니까?", "국외 출장 정산서는 언제까지 냅니까?", id="one-syllable"),
        pytest.param("생리휴가를 이월할 수 있는 경우는?", "생리휴가를 이월할 수 없는 경우는?", id="negation"),
        pytest.param("경조휴가는 언제까지 신청합니까?", "경조휴가는 어떻게 신청합니까?", id="question-word"),
        pytest.param(
            "취업규칙에서 말하는 ‘직원’이란 무엇입니까?",
            "취업규칙에서 말하는 ‘기간제 직원’이란 무엇입니까?",
            id="qualifier",
        ),
    ],
)
def test_vetoed(one: str, other: str) -> None:
    """Another number, article, actor, negation, question word or noun is another question."""
    assert asks_otherwise(one, other)
    assert _found(one, other) == []


def test_pairs_are_ordered_and_scored() -> None:
    """`a` comes before `b`, exact ones score 1.0, near ones less."""
    questions = [("z", "휴가는 며칠입니까?"), ("a", "휴가는 며칠입니까"), ("m", "휴가는 며칠인가요?")]
    found = {(pair.a, pair.b): pair.score for pair in duplicate_pairs(questions, SIMILARITY)}
    assert found[("a", "z")] == 1.0
    assert all(a < b for a, b in found)
    assert found[("a", "m")] < 1.0


@pytest.mark.parametrize("questions", [[], [("a", "휴가는 며칠입니까?")], [("a", "?"), ("b", "!!")]])
def test_few_or_empty_questions(questions: list[tuple[str, str]]) -> None:
    """Nothing to compare is no error."""
    assert isinstance(duplicate_pairs(questions, SIMILARITY), list)


def test_groups_join_chains() -> None:
    """What is linked through others is one group, named by its first."""
    assert groups_of(5, [(3, 1), (1, 4)]) == [0, 1, 2, 1, 1]
