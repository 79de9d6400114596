"""Quantities in Korean text as values: number, unit and bound, whatever the spelling.

In: a text. Out: Quantity records in the order of the text. `삼십일`, `30 일` and `30일` are one value, and so are
`100분의 50`, `절반` and `50%`, `열흘` and `10일`, `오후 5시` and `17:00`. A citation (`제15조제2항`) is none.
It reads spellings; whether a quantity is the right one for a question is for the caller to judge.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from regtune.korean.quantity_grammar import (
    BOUND,
    CITATION,
    COMPARED_BOUNDS,
    COMPOUND,
    DAYS,
    DIGIT,
    EARLIER_SIDE,
    IN_EACH,
    LARGE,
    LEAD,
    NAMED_PERIODS,
    NARROWER,
    NATIVE,
    PER,
    PERIOD,
    PLAIN,
    QUANTITY,
    SIDE,
    SMALL,
    SPOKEN_BOUNDS,
    UNITS,
)


@dataclass(frozen=True)
class Quantity:
    """One value read from a text."""

    value: Decimal
    unit: str
    """Canonical: 일 영업일 개월 년 주 시간 분 원 % 명 회 세 …; `시각` is minutes after midnight, `날짜` YYYYMMDD,
    `월일` MMDD, `월` a month of the year, `째` an ordinal; empty for a number of two or more digits without a unit."""
    bound: str | None
    """이내 | 이하 | 미만 | 이상 | 초과; `6시간을 초과할 수 없다` and `최대 6시간` are 이하."""
    text: str
    """As it stands in the text."""
    start: int
    end: int
    side: str | None = None
    """전 | 후: `3일 전까지`, `3일 후`."""
    per: tuple[Decimal, str] | None = None
    """The period or occasion in which it counts: `월 3회`, `한 달에 세 번` and `3회` of `1개월에 3회` have 1 개월."""
    each: bool = False
    """`한 달에` of `한 달에 세 번`: names such a period, no amount."""


def read_quantities(text: str) -> list[Quantity]:
    """Return every quantity of an NFC text, in order; offsets are into `text`."""
    plain = text.translate(_FULL_WIDTH)
    for citation in CITATION.finditer(plain):
        plain = plain[: citation.start()] + "§" * len(citation.group()) + plain[citation.end() :]
    found: list[Quantity] = []
    for match in QUANTITY.finditer(plain):
        reading = _reading(match)
        if reading is None or _is_relative_clause(plain, match):
            continue
        value, unit = reading
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        bound, side = _bound_and_side(plain, start, match.end())
        found.append(Quantity(value, unit, bound, text[start : match.end()], start, match.end(), side))
    return _with_rates(plain, _compounds(text, found))


def same_value(one: Quantity, other: Quantity) -> bool:
    """Whether two readings are one value: 1년 is 12개월, 2주 is 14일, 90분 is 1시간 30분; bounds aside."""
    if {one.unit, other.unit} == {"날짜", "월일"}:
        return int(one.value) % 10000 == int(other.value) % 10000
    if {one.unit, other.unit} == {"시간", "일"}:
        hours, days = (one, other) if one.unit == "시간" else (other, one)
        return hours.value == 24 * days.value
    if one.unit == other.unit == "시각":
        return one.value == other.value or (
            abs(one.value - other.value) == _HALF_DAY and not (_names_half(one) and _names_half(other))
        )
    return _narrowed(one) == _narrowed(other)


def same_rate(one: Quantity, other: Quantity) -> bool:
    """False only when both name the period in which they count and come to different rates: 월 3회 is not 연 3회."""
    if one.per is None or other.per is None or one.per[1] != other.per[1]:
        return True
    return _narrowed(one)[0] * other.per[0] == _narrowed(other)[0] * one.per[0]


def within(one: Quantity, bounds: Iterable[Quantity]) -> bool | None:
    """Whether a case lies within the bounds of its dimension: 14주 in `12주 이상 15주 이내`; None where there is none.

    A deadline (`30일 전까지`) bounds nothing, and a case that repeats a bound word for word lies within it.
    """
    value, unit = _narrowed(one)
    verdicts = []
    limits: set[tuple[Decimal, str]] = set()
    for bound in bounds:
        limit, of = _narrowed(bound)
        if not bound.bound or bound.side == "전" or one.unit in _NO_CASES:
            continue
        if {of, unit} == {"일", "개월"}:
            scale = _DAYS_A_MONTH if unit == "개월" else 1 / _DAYS_A_MONTH
            value, unit = value * scale, of
        if of != unit:
            continue
        against = _AGAINST[_BOUND_CLASS[bound.bound]]
        if any((limit, other) in limits for other in against):
            return None  # `4시간 미만이면 …, 4시간 이상이면 …` holds both cases
        limits.add((limit, _BOUND_CLASS[bound.bound]))
        if limit == value and one.bound:
            verdicts.append(_BOUND_CLASS[bound.bound] in (_BOUND_CLASS[one.bound], _BOUND_CLASS[one.bound] + "="))
            continue
        beyond = value + (_HAIR if one.bound == "초과" else -_HAIR if one.bound == "미만" else 0)
        verdicts.append(_COMPARISONS[_BOUND_CLASS[bound.bound]](beyond, limit))
    return all(verdicts) if verdicts else None


_DAYS_A_MONTH = Decimal(30)
_NO_CASES = ("영업일", "시각", "날짜", "월일", "월", "")
_AGAINST: Mapping[str, tuple[str, ...]] = {"<": (">=",), "<=": (">",), ">": ("<=",), ">=": ("<",)}
_HAIR = Decimal("0.01")
_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def same_bound(one: Quantity, other: Quantity) -> bool:
    """False only when both state a bound or a side and they contradict; 이내 is 이하, `3일 전` is not `3일 이내`."""
    bounds = {_BOUND_CLASS[q.bound] for q in (one, other) if q.bound}
    sides = {q.side for q in (one, other) if q.side}
    if len(bounds) > 1 or len(sides) > 1:
        return False
    return not ((_is_before(one) and _is_within(other)) or (_is_before(other) and _is_within(one)))


def missing_from(text: str, source: str) -> list[Quantity]:
    """Return the quantities of `text` whose value `source` does not hold; bounds aside."""
    held = read_quantities(source)
    return [quantity for quantity in read_quantities(text) if not any(same_value(quantity, other) for other in held)]


def values_of(quantities: Iterable[Quantity]) -> frozenset[tuple[Decimal, str]]:
    """Return the set of values in one unit for each dimension: what two texts are compared by."""
    return frozenset(_narrowed(quantity) for quantity in quantities)


_FULL_WIDTH = str.maketrans("０１２３４５６７８９％，．／：", "0123456789%,./:")
_BOUND_CLASS = {"이내": "<=", "이하": "<=", "미만": "<", "이상": ">=", "초과": ">"}
_HALF_DAY = 720
_NOON = 12
_DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _reading(match: re.Match[str]) -> tuple[Decimal, str] | None:
    groups = {name: text or "" for name, text in match.groupdict().items()}
    return next(read(groups) for name, read in _READERS if groups[name])


def _time_of_day(group: Mapping[str, str]) -> tuple[Decimal, str]:
    hour = int(group["hour"]) if group["hour"] else NATIVE[group["hour_word"]]
    minute = 30 if group["half_past"] else int(group["minute"] or group["colon"] or 0)
    if group["half"] in ("오후", "저녁", "밤", "낮") and hour < _NOON:
        hour += _NOON
    if group["half"] in ("오전", "새벽") and hour == _NOON:
        hour = 0
    return Decimal(hour * 60 + minute), "시각"


def _date(group: Mapping[str, str]) -> tuple[Decimal, str]:
    return Decimal(int(group["y"]) * 10000 + int(group["m"]) * 100 + int(group["d"])), "날짜"


def _last_of_month(group: Mapping[str, str]) -> tuple[Decimal, str] | None:
    """`11월 말` is 11월 30일."""
    month = int(group["ending"])
    return (Decimal(month * 100 + _DAYS_OF_MONTHS[month - 1]), "월일") if 1 <= month <= len(_DAYS_OF_MONTHS) else None


def _counted(group: Mapping[str, str]) -> tuple[Decimal, str]:
    unit = group["native_unit"]
    return Decimal(NATIVE[group["native"]]), "명" if unit == "분" else UNITS[unit]


def _percent(part: Decimal, whole: Decimal) -> tuple[Decimal, str] | None:
    if whole == 0:
        return None
    return (part * 100 / whole).quantize(Decimal("0.0001")).normalize() + 0, "%"


def _number(text: str) -> Decimal:
    """`1만 5천` -> 15000, `삼십` -> 30, `1,000` -> 1000, `3천만` -> 30000000."""
    total = section = Decimal(0)
    current: Decimal | None = None
    for token in re.findall(rf"{PLAIN}|[가-힣]", text):
        if token in SMALL:
            section += (1 if current is None else current) * SMALL[token]
            current = None
        elif token in LARGE:
            total += (section + (current or 0) or 1) * LARGE[token]
            section, current = Decimal(0), None
        else:
            current = Decimal(DIGIT[token]) if token in DIGIT else Decimal(token.replace(",", ""))
    return total + section + (current or 0)


_READERS: tuple[tuple[str, Callable[[Mapping[str, str]], tuple[Decimal, str] | None]], ...] = (
    ("y", _date),
    ("month", lambda g: (Decimal(int(g["month"]) * 100 + int(g["day"])), "월일")),
    ("ending", _last_of_month),
    ("hour", _time_of_day),
    ("hour_word", _time_of_day),
    ("noon", lambda g: (Decimal(_HALF_DAY if g["noon"] == "정오" else 0), "시각")),
    ("whole", lambda g: _percent(_number(g["part"]), _number(g["whole"]))),
    ("slash_part", lambda g: _percent(Decimal(g["slash_part"]), Decimal(g["slash_whole"]))),
    ("majority", lambda _: (Decimal(50), "%")),
    ("moiety", lambda _: (Decimal(50), "%")),
    ("days", lambda g: (Decimal(DAYS[g["days"]]), "일")),
    ("half_year", lambda _: (Decimal(6), "개월")),
    ("half_hour", lambda _: (Decimal(30), "분")),
    ("week", lambda _: (Decimal(7), "일")),
    ("double", lambda _: (Decimal(2), "배")),
    ("tenths", lambda g: (_number(g["tenths"]) * 10, "%")),
    ("calendar", lambda g: (Decimal(g["calendar"]), "월")),
    ("from", lambda g: (_number(g["from"]), UNITS[g["from_unit"]])),
    ("number", lambda g: (_number(g["number"]), "개월" if g["unit"] == "월" else UNITS[g["unit"]])),
    ("sino", lambda g: (_number(g["sino"]), UNITS[g["sino_unit"]])),
    ("one", lambda g: (_number(g["one"]), UNITS[g["one_unit"]])),
    ("native", _counted),
    ("ordinal", lambda g: (Decimal("첫둘셋넷".index(g["ordinal"][0]) + 1), "째")),
    ("bare", lambda g: (Decimal(g["bare"]), "")),
)
"""Named group of `QUANTITY` -> how its value and unit are read."""


def _is_relative_clause(text: str, match: re.Match[str]) -> bool:
    """`운전을 한 사람` tells who drove, not one person."""
    if match["native"] != "한" or match["native_unit"] not in ("사람", "해", "건", "곳", "분", "날"):
        return False
    return bool(re.search(r"[을를도만]\s$", text[: match.start()]))


def _bound_and_side(text: str, start: int, end: int) -> tuple[str | None, str | None]:
    side_match = SIDE.match(text, end)
    earlier = EARLIER_SIDE.search(text[max(0, start - 4) : start])
    side = earlier["side"] if earlier else None
    if side_match:
        side = "전" if side_match["side"] in ("전", "이전", "앞") else "후"
    match = BOUND.match(text, end)
    if match:
        return ("이하" if match["cap"] else _bound_of(match["word"])), side
    lead = LEAD.search(text[max(0, start - 8) : start])
    if lead:
        return ("이상" if lead["least"] else "이하"), side
    return None, side


def _bound_of(word: str) -> str:
    if word in ("이내", "이하", "미만", "이상"):
        return word
    spoken = next((bound for mark, bound in SPOKEN_BOUNDS if mark in word), None)
    return spoken or COMPARED_BOUNDS[word[-1]]


def _compounds(text: str, found: list[Quantity]) -> list[Quantity]:
    """Join `1년 6개월`, `1시간 30분` and `1년 반` into one value."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if last is not None and not text[last.end : quantity.start].strip() and last.bound is None:
            for wide, narrow, factor in COMPOUND:
                if last.unit != wide:
                    continue
                if quantity.unit == narrow and wide != "주":
                    value, unit = last.value * factor + quantity.value, narrow
                elif quantity.text == "반":
                    value, unit = last.value + Decimal("0.5"), wide
                else:
                    continue
                span = text[last.start : quantity.end]
                joined[-1] = replace(quantity, value=value, unit=unit, text=span, start=last.start)
                break
            else:
                joined.append(quantity)
            continue
        joined.append(quantity)
    return joined


_COUNTED_IN = ("년", "개월", "주", "일", "시간", "회")


def _with_rates(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give each quantity the period before it, and mark those that are such a period."""
    rated: list[Quantity] = []
    for index, quantity in enumerate(found):
        named = PERIOD.search(text[max(0, quantity.start - 12) : quantity.start])
        last = found[index - 1] if index else None
        per = None
        if named:
            per = next((value, unit) for i, (_, value, unit) in enumerate(NAMED_PERIODS) if named[f"p{i}"])
        elif last is not None and last.unit in _COUNTED_IN and last.bound is None and last.side is None:
            between = PER.fullmatch(text[last.end : quantity.start])
            if between and (last.value == 1 or (between.group().strip() and last.unit != "회")):
                per = _narrowed(last)
        if per is not None and last is not None and not named and last.value == 1:
            rated[-1] = replace(rated[-1], each=True)
        each = quantity.value == 1 and bool(IN_EACH.match(text, quantity.end))
        rated.append(replace(quantity, per=per, each=each))
    return rated


def _narrowed(quantity: Quantity) -> tuple[Decimal, str]:
    unit, factor = NARROWER.get(quantity.unit, (quantity.unit, 1))
    return quantity.value * factor, unit


def _is_before(quantity: Quantity) -> bool:
    return quantity.side == "전" and quantity.bound is None


def _is_within(quantity: Quantity) -> bool:
    return quantity.bound == "이내" and quantity.side is None


def _names_half(quantity: Quantity) -> bool:
    return bool(re.match(r"오전|오후|아침|저녁|밤|새벽|낮|정오|자정", quantity.text)) or quantity.value > _HALF_DAY + 59
