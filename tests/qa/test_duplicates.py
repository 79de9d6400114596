"""Questions that ask the same are found; questions that only look alike are not."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qa.duplicate_pairs import HELD_BACK, TUNE, f1_of

from regtune.qa.asked import ask_the_same, read_question
from regtune.qa.duplicates import duplicate_pairs, groups_of, near_pairs

SIMILARITY = 0.6
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
    assert not ask_the_same(read_question(one), read_question(other))
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


@pytest.mark.parametrize(
    ("half", "least"), [pytest.param(TUNE, 0.95, id=TUNE), pytest.param(HELD_BACK, 0.85, id=HELD_BACK)]
)
def test_labelled_pairs(half: str, least: float) -> None:
    """F1 on the pairs labelled by hand; nothing that is vetoed is called a duplicate."""
    precision, _, score = f1_of(half, lambda questions: {(p.a, p.b) for p in duplicate_pairs(questions, SIMILARITY)})
    assert precision == 1.0
    assert score >= least


_WORDS = st.sampled_from(
    ("연차", "병가", "출장", "숙박비", "계약직", "3일", "10명", "승인", "신청", "사용하지 않은", "부서장")
)
_ASKS = st.sampled_from(
    ("며칠입니까?", "얼마인가요?", "누가 합니까?", "언제까지 하나요?", "할 수 있습니까?", "어떻게 됩니까?")
)
_QUESTIONS = st.lists(
    st.tuples(st.lists(_WORDS, min_size=1, max_size=3), _ASKS).map(lambda parts: " ".join((*parts[0], parts[1]))),
    min_size=2,
    max_size=30,
    unique=True,
)


@settings(max_examples=40)
@given(_QUESTIONS, st.sampled_from((0.4, 0.6, 0.9)))
def test_blocks_and_prefixes_lose_nothing(texts: list[str], similarity: float) -> None:
    """The pairs found are those of comparing each question with each."""
    from regtune.qa.duplicates import _vectors

    vectors = _vectors([read_question(text) for text in texts])
    cosines = (vectors @ vectors.T).toarray()
    clear = [(i, j) for i, j in combinations(range(len(texts)), 2) if abs(cosines[i, j] - similarity) > 1e-9]
    near = {(i, j) for i, j, _ in near_pairs(texts, similarity)}
    assert {pair for pair in clear if cosines[pair] > similarity} == near & set(clear)
    found = {(int(p.a), int(p.b)) for p in duplicate_pairs([(f"{i:03}", t) for i, t in enumerate(texts)], similarity)}
    asked = [read_question(text) for text in texts]
    same = {(i, j) for i, j in clear if cosines[i, j] > similarity and ask_the_same(asked[i], asked[j])}
    assert same == {pair for pair in found if pair in set(clear)} - {p for p in found if cosines[p] < similarity}


def test_a_question_asked_thousands_of_times_does_not_fill_the_memory() -> None:
    """Of many equal questions each is listed with the first, not with each other."""
    found = duplicate_pairs([(f"{index:05}", "휴가는 며칠입니까?") for index in range(3000)], SIMILARITY)
    assert len(found) == 2999
    assert {pair.a for pair in found} == {"00000"}
