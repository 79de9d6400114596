"""Words that exclude one another are read as sides, and a negated word counts for the other side."""

import pytest

from regtune.korean.opposites import name_of, sides_of


@pytest.mark.parametrize(
    ("one", "other", "pair"),
    [
        pytest.param("그 기간은 유급으로 한다.", "휴가는 무급입니다.", "유급/무급", id="paid"),
        pytest.param("수습 기간은 근속기간에 포함한다.", "근속기간에서 제외됩니다.", "포함/제외", id="counted"),
        pytest.param("휴가일수에 산입하지 아니한다.", "휴가일수에 산입합니다.", "포함/제외", id="negated"),
        pytest.param("임금을 삭감하여서는 아니 된다.", "임금을 삭감합니다.", "증액/인하", id="forbidden"),
        pytest.param("구두로 보고할 수 있다.", "서면으로 보고해야 합니다.", "구두/서면", id="form"),
    ],
)
def test_opposite_sides(one: str, other: str, pair: str) -> None:
    """Two sentences that exclude one another take opposite sides."""
    sides, contrary = sides_of(one), sides_of(other)
    shared = [index for index in sides if index in contrary and name_of(index) == pair]
    assert shared
    assert all(sides[index] == -contrary[index] for index in shared)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("최초 1일은 유급으로 하고 나머지는 무급으로 한다.", id="both"),
        pytest.param("연장근로를 하려는 직원은 신청한다.", id="part-of-a-word"),
    ],
)
def test_no_side(text: str) -> None:
    """A text with both words, or with a word that only contains one, takes no side."""
    assert not {"유급/무급", "연장/단축"} & {name_of(index) for index in sides_of(text)}
