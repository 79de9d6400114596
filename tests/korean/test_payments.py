"""Claims about which way money goes."""

import pytest

from regtune.korean.payments import ways_of


@pytest.mark.parametrize(
    ("sentence", "ways"),
    [
        pytest.param("통신비로 1일 3천원을 지급합니다.", {"in"}, id="paid"),
        pytest.param("휴업 기간에는 평균임금의 70%를 받습니다.", {"in"}, id="received"),
        pytest.param("통신비로 1일 3천원을 공제합니다.", {"out"}, id="taken"),
        pytest.param("발급비 5천원을 부담합니다.", {"out"}, id="borne by whoever it is about"),
        pytest.param("발급비 5천원은 회사가 부담합니다.", {"in"}, id="borne by the company"),
        pytest.param(
            "회사가 300만원을 지원한 직원이 지원금을 반환하여야 합니다.", {"out"}, id="the nearest subject counts"
        ),
        pytest.param("신청하지 아니하면 임금으로 지급한다.", {"in"}, id="a word for money is enough"),
        pytest.param("부서장의 승인을 받습니다.", set(), id="no money at all"),
    ],
)
def test_ways(sentence: str, ways: set[str]) -> None:
    """Paid to people or taken from them, by the verb and its subject."""
    assert ways_of(sentence) == ways
