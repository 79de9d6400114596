"""Pairs with one answer to like questions are one; another answer, case or word of the article keeps them apart."""

import pytest

from regtune.contracts import QAPair
from regtune.qa.same_pairs import same_pairs

TEXT = "사무직의 건강검진은 2년마다, 생산직의 건강검진은 매년 실시한다. 안식휴가는 두 번까지 나누어 쓸 수 있다."


def _pair(qa_id: str, question: str, answer: str, qa_type: str = "lookup", chunk_id: str = "one") -> QAPair:
    row = {"qa_id": qa_id, "type": qa_type, "question": question, "answer": answer, "chunk_id": chunk_id}
    neutral = {"evidence": None, "model": "", "prompt_sha256": "", "request_sha256": ""}
    return QAPair.model_validate({**neutral, **row})


def _found(one: QAPair, other: QAPair) -> bool:
    return bool(same_pairs([one, other], {"one": TEXT, "two": TEXT}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            _pair("a", "안식휴가를 몇 번까지 나눠 쓸 수 있어요?", "두 번까지입니다."),
            _pair("b", "안식휴가는 최대 몇 회로 분할해 사용할 수 있습니까?", "2회입니다."),
            id="amounts",
        ),
        pytest.param(
            _pair("a", "사내 도서를 빌리는 규정이 있나요?", "없음", "negative"),
            _pair("b", "사내 도서를 빌릴 수 있는 규정이 있습니까?", "정한 바가 없습니다.", "negative"),
            id="negatives",
        ),
    ],
)
def test_found(one: QAPair, other: QAPair) -> None:
    """The answers tell that two wordings ask the same."""
    assert _found(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            _pair("a", "사무직의 건강검진은 얼마나 자주 하나요?", "2년마다 합니다."),
            _pair("b", "생산직의 건강검진은 얼마나 자주 하나요?", "매년 합니다."),
            id="another-answer",
        ),
        pytest.param(
            _pair("a", "사무직의 건강검진은 누가 받나요?", "직원이 1회 받습니다."),
            _pair("b", "생산직의 건강검진은 누가 받나요?", "직원이 1회 받습니다."),
            id="two-words-of-the-article",
        ),
        pytest.param(
            _pair("a", "안식휴가를 몇 번까지 나눠 쓸 수 있어요?", "두 번까지입니다."),
            _pair("b", "안식휴가는 최대 몇 회로 분할해 사용할 수 있습니까?", "2회입니다.", chunk_id="two"),
            id="another-article",
        ),
    ],
)
def test_kept_apart(one: QAPair, other: QAPair) -> None:
    """Another amount, another case of the article, or another article is another question."""
    assert not _found(one, other)
