"""Words joined across a wrap, and not glued where a space was."""

import pytest
from documents.layouts import lines_of

from regtune.documents.wrapping import Wraps

_TEXT = (
    "직원은 휴가를 신청하여야 한다",
    "휴가를 신청하는 직원은 부서장의 승인을 받아야 한다",
    "부서장의 승인을 받은 직원은 제2항에 따라 휴가를 사용한다",
)


def _wraps() -> Wraps:
    lines = lines_of(*_TEXT * 3)
    return Wraps(lines, [False] * len(lines))


@pytest.mark.parametrize(
    ("left", "right", "between"),
    [
        pytest.param("모든 직원은 휴", "가를 신청한다", "", id="inside a word"),
        pytest.param("모든 직원은", "휴가를 신청한다", " ", id="between words"),
        pytest.param("부서장의 승", "인을 받는다", "", id="inside a word again"),
        pytest.param("휴가, 휴직,", "파견", " ", id="after a comma"),
        pytest.param("이 경우 제", "3항을 준용", "", id="inside a citation"),
        pytest.param("그 준수", "여부를 확인", " ", id="a word that always stands alone"),
        pytest.param("따로 정할", "수 있다", " ", id="what can be done"),
        pytest.param("연간 횟", "수 있는 경우", "", id="the rest of a word that reads the same"),
        pytest.param("계약 상대방에게", "통지한다", " ", id="after a particle that the file never shows"),
    ],
)
def test_between(left: str, right: str, between: str) -> None:
    """The file's own spacing tells what a wrap was."""
    before, after = lines_of(left, right)
    assert _wraps().between(before, after) == between


def test_a_blank_printed_at_the_line_end_decides() -> None:
    """Where the file prints its trailing blanks, they are believed."""
    before, after = lines_of("모든 직원은 휴", "가를 신청한다")
    assert _wraps().between(before._replace(ends_blank=True), after) == " "


def test_a_file_that_wraps_between_words_only_gets_spaces() -> None:
    """When nearly all wraps look like spaces, all of them are."""
    lines = lines_of(*_TEXT * 3)
    wraps = Wraps(lines, [True] * len(lines))
    before, after = lines_of("모든 직원은 휴", "가를 신청한다")
    assert wraps.between(before, after) == " "


def test_few_likely_wraps_tell_that_words_stay_whole() -> None:
    """Ten wraps that are each a space rather than not, and never surely inside a word, tell it together."""
    pairs = ["직원의", "휴가를", "회사가", "근무를", "신청을"]
    lines = lines_of(*(f"{left} {right}" for left in pairs for right in pairs), *pairs * 2)
    wraps = Wraps(lines, [False] * 25 + [True] * 10)
    before, after = lines_of("모든 부서", "담당자는 따른다")
    assert wraps.between(before, after) == " "
