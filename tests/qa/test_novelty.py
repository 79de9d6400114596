"""What novelty.py claims."""

import pytest

from regtune.qa.duplicates import duplicate_pairs
from regtune.qa.novelty import Novelty
from regtune.qa.same_pairs import Candidate

EARLIER = (
    "병가를 신청하려면 어떤 서류를 제출해야 하나요?",
    "연차유급휴가는 며칠까지 이월할 수 있나요?",
    "출장 정산은 언제까지 해야 하나요?",
)


def after(*questions: str) -> Novelty:
    """Questions that were accepted."""
    novelty = Novelty({})
    for question in questions:
        novelty.accept(novelty.add(Candidate(question)))
    return novelty


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        pytest.param("병가를  신청하려면 어떤 서류를 제출해야 하나요", "duplicate", id="spaces and marks"),
        pytest.param("병가를 신청하려면 어떤 서류를 제출하여야 하나요?", "near_duplicate", id="another ending"),
        pytest.param("공가를 신청하려면 어떤 서류를 제출해야 하나요?", None, id="another noun"),
        pytest.param("병가를 신청하려면 언제까지 제출해야 하나요?", None, id="another kind of answer"),
        pytest.param("회사 규정은 어디에서 볼 수 있나요?", None, id="something else"),
    ],
)
def test_a_question_is_taken_once(question: str, reason: str | None) -> None:
    """Equal and near ones are refused under their reasons; another figure, noun or kind of answer is not."""
    assert after(*EARLIER).why_not(Candidate(question)) == reason


def test_what_was_proposed_and_not_accepted_stands_in_nobodys_way() -> None:
    """It is found as alike, but refuses nothing."""
    novelty = Novelty({})
    number = novelty.add(Candidate(EARLIER[0]))
    assert novelty.why_not(Candidate(EARLIER[0])) is None
    assert list(novelty.alike(Candidate(EARLIER[0]))) == [(number, "duplicate")]


def test_it_finds_what_comparing_each_with_each_finds() -> None:
    """Over ten matters in eight wordings, the same pairs as duplicates.py finds with nothing but the rule."""
    matters = ("병가", "공가", "경조휴가", "육아휴직", "출장비", "학자금", "숙박비", "재택근무", "시차출퇴근", "퇴직금")
    ways = (
        *("{}는 며칠인가요?", "{}는 총 며칠입니까?", "{} 일수는 며칠인가요?", "{}는 누가 승인하나요?"),
        *(
            "{} 신청은 언제까지 하나요?",
            "{}는 언제까지 신청해야 하나요?",
            "{} 신청 서류는 무엇인가요?",
            "{}는 얼마인가요?",
        ),
    )
    questions = [way.format(matter) for matter in matters for way in ways]
    found = set()
    novelty = Novelty({})
    for number, question in enumerate(questions):
        found |= {(other, number) for other, _ in novelty.alike(Candidate(question))}
        novelty.accept(novelty.add(Candidate(question)))
    pairs = duplicate_pairs([(f"{number:03}", text) for number, text in enumerate(questions)], 0.0)
    assert found == {(int(pair.a), int(pair.b)) for pair in pairs}
    assert found


def test_pairs_of_one_article_with_one_answer_are_one() -> None:
    """As validate has it by same_pairs.py: another answer, or another article, is another pair."""
    earlier = Candidate("안식휴가를 몇 번까지 쪼개 쓰나요?", "두 번까지입니다.", "one")
    question = "안식휴가는 최대 몇 회로 분할해 사용할 수 있습니까?"
    novelty = Novelty({"one": "안식휴가는 두 번까지 나누어 쓸 수 있다."})
    novelty.accept(novelty.add(earlier))
    assert novelty.why_not(Candidate(question, "2회입니다.", "one")) == "near_duplicate"
    assert novelty.why_not(Candidate(question, "3회입니다.", "one")) is None
    assert novelty.why_not(Candidate(question, "2회입니다.", "two")) is None
