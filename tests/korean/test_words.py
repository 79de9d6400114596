"""Bare words tell one question from another; the kind of answer asked for is read from the question word."""

import pytest

from regtune.korean.words import bare_words, kinds_of


def test_endings_and_particles_do_not_matter() -> None:
    """Two ways to end one question leave the same words."""
    assert bare_words("비밀번호는 며칠마다 변경해야 합니까?") == bare_words("비밀번호를 며칠마다 변경해야 하나요?")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        pytest.param("언제까지 신청합니까?", "time", id="time"),
        pytest.param("수당은 얼마입니까?", "amount", id="amount"),
        pytest.param("누구의 승인을 받습니까?", "who", id="who"),
        pytest.param("어디에서 신청합니까?", "where", id="where"),
        pytest.param("어떻게 신청합니까?", "how", id="how"),
        pytest.param("이월할 수 있습니까?", "whether", id="whether"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    """The question word decides."""
    assert kind in kinds_of(question)
