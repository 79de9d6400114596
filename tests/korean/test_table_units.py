"""Figures of tables: the unit above a table belongs to its bare figures, and to nothing else."""

import pytest

from regtune.korean.tables import with_units


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
