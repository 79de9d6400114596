"""Everyday words of a question are read as what regulations write for them."""

import pytest

from regtune.korean.everyday import ENTRIES, concepts_in


@pytest.mark.parametrize(
    ("question", "written"),
    [
        pytest.param("회사를 나간 사람의 기록은 언제 지우나요?", {"퇴직", "파기"}, id="leaving-and-erasing"),
        pytest.param("출장 가서 쓴 방값도 주나요?", {"숙박비"}, id="lodging"),
        pytest.param("부업을 해도 되나요?", {"겸직"}, id="second-job"),
        pytest.param("억울하면 다시 따질 수 있나요?", {"재심", "이의"}, id="objection"),
        pytest.param("경찰이 자료를 달라고 하면요?", {"수사기관", "요청"}, id="police"),
    ],
)
def test_everyday_words_stand_for_those_of_regulations(question: str, written: set[str]) -> None:
    """Each question names the concept in other words than the regulation, and it is found."""
    concepts, _ = concepts_in(question)
    assert written <= {word for concept in concepts for word in concept.written}


def test_what_was_read_is_taken_out() -> None:
    """No word counts twice: as itself and as the concept that it names."""
    concepts, rest = concepts_in("연장근로는 밤샘 근무와 무엇이 다릅니까?")
    assert concepts
    assert "밤샘" not in rest
    assert "연장근로는" in rest


def test_the_table_is_broad() -> None:
    """At least 150 entries, each with something said and something written."""
    assert len(ENTRIES) >= 150
    assert all(pattern.pattern and written for pattern, written in ENTRIES)
