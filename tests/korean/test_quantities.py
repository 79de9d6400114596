"""What a Korean reader takes as the same amount is one value; what differs for an employee is another."""

from decimal import Decimal

import pytest

from regtune.korean.quantities import (
    Quantity,
    missing_from,
    read_quantities,
    same_bound,
    same_rate,
    same_value,
    values_of,
    within,
)


def _read(text: str) -> list[tuple[str, str]]:
    return [(format(quantity.value.normalize(), "f"), quantity.unit) for quantity in read_quantities(text)]


def _one(text: str) -> Quantity:
    (quantity,) = read_quantities(text)
    return quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("삼십일 이내", [("30", "일")], id="sino-numeral"),
        pytest.param("백이십일", [("120", "일")], id="sino-hundreds"),
        pytest.param("열흘 안에", [("10", "일")], id="native-days"),
        pytest.param("보름 동안", [("15", "일")], id="half-month"),
        pytest.param("이틀 전까지", [("2", "일")], id="two-days"),
        pytest.param("한 달에 두 번", [("1", "개월"), ("2", "회")], id="native-counters"),
        pytest.param("한 차례", [("1", "회")], id="one-time"),
        pytest.param("출석위원 과반수의 찬성", [("50", "%")], id="majority"),
        pytest.param("기본급의 1천분의 3", [("0.3", "%")], id="thousandths"),
        pytest.param("1년 반째", [("1.5", "년")], id="in-the-second-year"),
        pytest.param("금 5그램, 금 10돈", [("5", "그램"), ("10", "돈")], id="weights-of-gold"),
        pytest.param("필요한 돈", [], id="money-is-no-weight"),
        pytest.param("3만원", [("30000", "원")], id="ten-thousands"),
        pytest.param("1만 5천원", [("15000", "원")], id="mixed-thousands"),
        pytest.param("1,000,000원", [("1000000", "원")], id="separators"),
        pytest.param("2억 3천만 원", [("230000000", "원")], id="hundred-millions"),
        pytest.param("오십만 원", [("500000", "원")], id="sino-won"),
        pytest.param("100분의 50", [("50", "%")], id="fraction-hundred"),
        pytest.param("2분의 1", [("50", "%")], id="fraction-half"),
        pytest.param("급여의 절반을", [("50", "%")], id="word-half"),
        pytest.param("1/4", [("25", "%")], id="slash"),
        pytest.param("50퍼센트", [("50", "%")], id="percent-word"),
        pytest.param("2024. 7. 1.부터", [("20240701", "날짜")], id="date-dots"),
        pytest.param("2024년 7월 1일", [("20240701", "날짜")], id="date-words"),
        pytest.param("다음 해 1월 31일까지", [("131", "월일")], id="day-of-year"),
        pytest.param("매년 11월에", [("11", "월")], id="month"),
        pytest.param("11월 말일까지", [("1130", "월일")], id="last-day-of-a-month"),
        pytest.param("6월 말과 12월 말을 기준으로", [("630", "월일"), ("1231", "월일")], id="ends-of-months"),
        pytest.param("11월 말씀", [("11", "월")], id="no-end-of-a-month"),
        pytest.param("이 시간은 근로시간으로", [], id="this-time-is-not-two-hours"),
        pytest.param("이년 이내", [("2", "년")], id="two-years"),
        pytest.param("직원에 대한 시차출퇴근제", [], id="no-clock-within-words"),
        pytest.param("한 단계 감경", [("1", "단계")], id="one-step"),
        pytest.param("3월 이내", [("3", "개월")], id="old-month-count"),
        pytest.param("오후 5시 30분까지", [("1050", "시각")], id="afternoon"),
        pytest.param("18:00", [("1080", "시각")], id="clock"),
        pytest.param("1년 6개월", [("18", "개월")], id="compound-year"),
        pytest.param("1년 반", [("1.5", "년")], id="year-and-half"),
        pytest.param("1시간 30분", [("90", "분")], id="compound-hour"),
        pytest.param("15~20일", [("15", "일"), ("20", "일")], id="range"),
        pytest.param("만 8세 이하", [("8", "세")], id="age-prefix"),
        pytest.param("5영업일", [("5", "영업일")], id="business-days"),
        pytest.param("셋째 이상의 자녀", [("3", "째")], id="ordinal"),
        pytest.param("119 신고", [("119", "")], id="bare"),
        pytest.param("제15조제2항에 따라 3일", [("3", "일")], id="citation-is-none"),
        pytest.param("15조 2항, 별표 2, 별지 제1호서식", [], id="loose-citations-are-none"),
        pytest.param("만일 사회 통념상 조사를 한 사람은 다시 시작한다", [], id="words-that-look-like-numbers"),
        pytest.param("한시적으로 정한 시각에", [], id="not-one-o'clock"),
        pytest.param("1. 신청서 작성\n2. 승인", [], id="list-marks-are-none"),
    ],
)
def test_reads(text: str, expected: list[tuple[str, str]]) -> None:
    """Every spelling is read as its value and canonical unit."""
    assert _read(text) == expected


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        pytest.param("3일 이내", "이내", id="within"),
        pytest.param("3일 안에", "이내", id="within-plain"),
        pytest.param("6세 이하", "이하", id="at-most"),
        pytest.param("4시간 미만", "미만", id="below"),
        pytest.param("20명 이상", "이상", id="at-least"),
        pytest.param("최소 20명", "이상", id="at-least-lead"),
        pytest.param("30일을 초과하는", "초과", id="above"),
        pytest.param("30일이 넘는", "초과", id="above-plain"),
        pytest.param("30일보다 짧은", "미만", id="shorter-than"),
        pytest.param("6시간을 초과할 수 없다", "이하", id="must-not-exceed"),
        pytest.param("최대 6시간", "이하", id="at-most-lead"),
        pytest.param("3만원을 한도로", "이하", id="ceiling"),
        pytest.param("10일의 범위에서", "이하", id="range"),
        pytest.param("60일(쌍둥이는 75일) 이상", "이상", id="past-a-parenthesis"),
        pytest.param("3일 전까지", None, id="none"),
    ],
)
def test_bound(text: str, bound: str | None) -> None:
    """A bound is read from what stands around the number."""
    assert read_quantities(text)[0].bound == bound


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("한 달", "1개월", True, id="month"),
        pytest.param("50%", "100분의 50", True, id="percent"),
        pytest.param("열흘", "10일", True, id="ten-days"),
        pytest.param("1년", "12개월", True, id="year-months"),
        pytest.param("2주", "14일", True, id="weeks-days"),
        pytest.param("90분", "1시간 30분", True, id="minutes"),
        pytest.param("24시간", "하루", True, id="hours-day"),
        pytest.param("7월 1일", "2024. 7. 1.", True, id="day-of-date"),
        pytest.param("오후 2시", "2시", True, id="half-day-left-out"),
        pytest.param("오후 2시", "오전 2시", False, id="other-half-day"),
        pytest.param("3개월", "3일", False, id="other-unit"),
        pytest.param("1개월", "30일", False, id="month-is-not-30-days"),
        pytest.param("5일", "5영업일", False, id="business-days-differ"),
        pytest.param("5만원", "50만원", False, id="tenfold"),
    ],
)
def test_same_value(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table's column
    """Values are compared across spellings and units."""
    assert same_value(_one(one), _one(other)) is same
    assert same_value(_one(other), _one(one)) is same


def test_bounds_contradict_only_when_both_are_stated() -> None:
    """이내 agrees with 이하 and with nothing said, and contradicts 초과; before contradicts after."""
    assert same_bound(_one("3일 이내"), _one("3일 이하"))
    assert same_bound(_one("3일 이내"), _one("3일"))
    assert not same_bound(_one("3일 이내"), _one("3일 초과"))
    assert not same_bound(_one("3일 전까지"), _one("3일 후"))


def test_missing_from_names_what_the_source_lacks() -> None:
    """Only values that the source does not hold in any spelling are missing."""
    source = "신청일부터 1개월 이내에 100분의 50을 지급한다."
    assert missing_from("한 달 안에 50%를 받습니다.", source) == []
    assert [quantity.text for quantity in missing_from("두 달 안에 50%를 받습니다.", source)] == ["두 달"]


def test_offsets_point_at_the_text() -> None:
    """Offsets cut out exactly what was read, citations before it notwithstanding."""
    text = "제15조제2항에 따라 휴가는 열흘, 수당은 1만 5천원이다."
    for quantity in read_quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text


def test_values_of_is_a_set_in_one_unit() -> None:
    """Two texts that say the same amounts have equal sets."""
    assert values_of(read_quantities("1년, 열흘")) == values_of(read_quantities("10일과 12개월"))
    assert (Decimal(12), "개월") in values_of(read_quantities("1년"))


@pytest.mark.parametrize(
    ("text", "per"),
    [
        pytest.param("월 3회", ("1", "개월"), id="named"),
        pytest.param("한 달에 세 번", ("1", "개월"), id="spoken"),
        pytest.param("1년에 두 번", ("12", "개월"), id="year"),
        pytest.param("4주마다 1회", ("28", "일"), id="every-so-many"),
        pytest.param("1회 2시간", ("1", "회"), id="occasion"),
        pytest.param("휴가 3일", None, id="none"),
    ],
)
def test_rates(text: str, per: tuple[str, str] | None) -> None:
    """An amount knows the period or the occasion that it is for, however that is said."""
    quantity = read_quantities(text)[-1]
    assert (quantity.per and (str(quantity.per[0]), quantity.per[1])) == per


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("월 3회", "한 달에 세 번", True, id="spelling"),
        pytest.param("월 3회", "연 3회", False, id="other-period"),
        pytest.param("반기에 한 번", "1년에 두 번", True, id="other-pace"),
        pytest.param("월 3회", "3회", True, id="unsaid"),
    ],
)
def test_same_rate(*, one: str, other: str, same: bool) -> None:
    """Rates are compared as rates; one that names no period contradicts none."""
    assert same_rate(read_quantities(one)[-1], read_quantities(other)[-1]) is same


@pytest.mark.parametrize(
    ("asked", "rule", "fits"),
    [
        pytest.param("임신 14주", "임신기간이 12주 이상 15주 이내인 경우", True, id="inside"),
        pytest.param("임신 18주", "임신기간이 12주 이상 15주 이내인 경우", False, id="outside"),
        pytest.param("30일을 초과하는 출장", "30일을 초과하는 기간", True, id="word-for-word"),
        pytest.param("3시간", "4시간 미만이면 1만원, 4시간 이상이면 2만원", None, id="both-sides"),
        pytest.param("3일", "사용일 3일 전까지", None, id="deadline"),
    ],
)
def test_within(*, asked: str, rule: str, fits: bool | None) -> None:
    """A case lies within the bounds of a rule or not; where the rule bounds nothing there is no verdict."""
    assert within(read_quantities(asked)[0], read_quantities(rule)) is fits


def test_a_side_may_stand_before_its_amount() -> None:
    """`시작 전 30일까지` was taken for `시작 후 30일 이내`."""
    before, after = _one("학기 시작 전 30일까지"), _one("학기 시작 후 30일 이내")
    assert (before.side, after.side) == ("전", "후")
    assert not same_bound(before, after)


def test_every_other_year_is_a_rate() -> None:
    """`격년으로 1회` is once in two years."""
    (once,) = read_quantities("격년으로 1회 실시한다")
    assert once.per == (Decimal(24), "개월")
    assert not same_rate(once, _one("매년 1회"))


def test_a_case_in_months_lies_within_bounds_in_days() -> None:
    """A stay of more than a month (`한 달 넘게`) is `30일 이상`."""
    assert within(_one("한 달 넘게"), [_one("30일 이상")])
    assert within(_one("열흘"), [_one("30일 이상")]) is False
