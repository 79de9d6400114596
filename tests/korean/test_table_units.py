"""Figures of tables: the unit above a table belongs to its bare figures, and to nothing else."""

import pytest

from regtune.korean.tables import cells_in, with_units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "(단위: 원)\n| 임원 | 45,000 | 제11조 |",
            "(단위: 원)\n| 임원 | 45,000원 | 제11조 |",
            id="won, words left alone",
        ),
        pytest.param(
            "(단위 : 미국 달러)\n| 갑 | 240 |", "(단위 : 미국 달러)\n| 갑 | 240달러 |", id="currency of two words"
        ),
        pytest.param("| 임원 | 45,000 |", "| 임원 | 45,000 |", id="no unit"),
        pytest.param("(단위: 원)\n1. 일비 45,000", "(단위: 원)\n1. 일비 45,000", id="no row"),
        pytest.param("(단위: 원)\n| 30% | 2일 |", "(단위: 원)\n| 30% | 2일 |", id="cells with units of their own"),
        pytest.param(
            "(단위: 원)\n| 10 |\n(단위: 일)\n| 10 |",
            "(단위: 원)\n| 10원 |\n(단위: 일)\n| 10일 |",
            id="the last unit holds",
        ),
    ],
)
def test_a_bare_figure_takes_the_unit_above_its_table(text: str, expected: str) -> None:
    """Only cells that are nothing but a figure change."""
    assert with_units(text) == expected


def test_a_cell_can_be_read_alone() -> None:
    """Each cell comes with the names of its row and column, the unit that its column counts, and the row's remarks."""
    cells, rest = cells_in(
        "앞\n| 구분 | 일수 | 비고 |\n| --- | --- | --- |\n| 결혼 | 5 | 본인 |\n| 사망 | 3 | 조부모 |\n뒤"
    )
    assert "결혼 일수 5일 본인" in cells
    assert "사망 일수 3일 조부모" in cells
    assert rest == "앞\n뒤"


def test_a_group_ends_with_the_next_of_its_rank() -> None:
    """A row that names a group leads the rows below it until the next row of its own rank."""
    cells, _ = cells_in("| 유형 | 처분 |\n| --- | --- |\n| 1. 태만 | |\n| 가. 지각 | 견책 |\n| 2. 누설 | 해고 |")
    assert "1. 태만 가. 지각 처분 견책" in cells
    assert "2. 누설 처분 해고" in cells
