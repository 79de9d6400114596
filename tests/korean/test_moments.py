"""Claims about points in time told from another one."""

import pytest

from regtune.korean.moments import read_moments


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("다음 달 5일까지", [("개월", 1)], id="next month"),
        pytest.param("익월 5일까지, 내달부터", [("개월", 1), ("개월", 1)], id="its other names"),
        pytest.param("다음다음 달에", [("개월", 2)], id="the month after next is not next month"),
        pytest.param("그 달 25일, 당월 말", [("개월", 0), ("개월", 0)], id="the same month"),
        pytest.param("지급일이 휴일이면 그 전날에", [("일", -1)], id="the day before"),
        pytest.param("해당 연도 12월, 이듬해 1월", [("년", 0), ("년", 1)], id="years"),
        pytest.param("다음 영업일까지", [("영업일", 1)], id="working days"),
        pytest.param("다음 주소로, 다음 각 호의, 그 주인은, 이해당사자", [], id="words that only begin alike"),
    ],
)
def test_moments(text: str, values: list[tuple[str, int]]) -> None:
    """A moment is a unit and how many of it after the one it is told from, by whatever name."""
    assert [moment.value for moment in read_moments(text)] == values


def test_a_deadline_is_told() -> None:
    """`전날까지` is a deadline, `전날에` is none."""
    assert [moment.is_deadline for moment in read_moments("사용 전날까지 내고, 휴일 전날에 쉰다")] == [True, False]
