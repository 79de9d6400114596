"""Quantities in Korean text as values: number, unit and bound, whatever the spelling.

In: a text. Out: Quantity records in the order of the text. `삼십일`, `30 일` and `30일` are one value, and so are
`100분의 50`, `절반` and `50%`, `열흘` and `10일`, `오후 5시` and `17:00`. A citation (`제15조제2항`) is none.
It reads spellings; whether a quantity is the right one for a question is for the caller to judge.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

_SURFACES = {
    "일": "일 일간 일분 일째 날",
    "영업일": "영업일 근무일 근로일",
    "개월": "개월 개월간 달 달간 월간 개월분",
    "년": "년 년간 개년 해 연간",
    "주": "주 주일 주간",
    "시간": "시간",
    "분": "분 분간",
    "초": "초",
    "원": "원",
    "달러": "달러 불 USD",
    "%": "% 퍼센트 프로",
    "%p": "%p 퍼센트포인트",
    "명": "명 인 사람 분",
    "회": "회 번 차례 회차",
    "째": "번째",
    "차": "차",
    "세": "세 살",
    "km": "km ㎞ 킬로미터 킬로",
    "m": "m 미터",
    "㎡": "㎡ 제곱미터",
    "kg": "kg ㎏ 킬로그램",
    "마일": "마일",
    "등급": "등급",
    "급": "급",
    "직급": "직급",
    "단계": "단계",
    "호봉": "호봉",
    "점": "점",
    "건": "건",
    "개": "개 가지",
    "배": "배",
    "벌": "벌",
    "켤레": "켤레",
    "박": "박",
    "끼": "식 끼",
    "학기": "학기",
    "분기": "분기",
    "학년": "학년",
    "자": "자 글자",
    "부": "부",
    "통": "통",
    "매": "매",
    "층": "층",
    "곳": "곳 개소",
    "대": "대",
}
_UNITS = {surface: unit for unit, surfaces in reversed(_SURFACES.items()) for surface in surfaces.split()}
_NOT_AFTER = {
    "자": "녀격",
    "부": "서장터문분상",
    "대": "표리",
    "회": "사",
    "급": "여",
    "세": "부",
    "점": "검",
    "매": "월년",
}
_UNIT = "|".join(
    re.escape(surface) + (f"(?![{_NOT_AFTER[surface]}])" if surface in _NOT_AFTER else "")
    for surface in sorted(_UNITS, key=len, reverse=True)
)

_DIGIT = {"영": 0, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "륙": 6, "칠": 7, "팔": 8, "구": 9}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8}
_NATIVE_ONES = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
_NATIVE_TENS = {"열": 10, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90}
_NATIVE = {
    **_NATIVE_ONES,
    **_NATIVE_TENS,
    **{tens + ones: t + o for tens, t in _NATIVE_TENS.items() for ones, o in _NATIVE_ONES.items()},
    "스무": 20,
}
_DAY_ONES = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9}
_DAYS = {**_DAY_ONES, **{"열" + word: 10 + days for word, days in _DAY_ONES.items()}, "열흘": 10, "보름": 15}

_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MIXED = rf"(?:{_PLAIN})(?:\s?[십백천만억]+(?:\s?(?:{_PLAIN})(?=\s?[십백천만원]))?)*"
_ONE = "[일이삼사오육륙칠팔구]"
_SINO = rf"(?:{_ONE}?[십백천]|{_ONE}[만억]|[만억](?!\s?\d))(?:{_ONE}|[십백천만억])*"
_AFTER_ONE = r"(?=\s?(?:이내|이상|이하|미만|초과|전|후|간|까지|동안|안에|째|을 초과))"
_BEFORE = r"(?<![가-힣A-Za-z0-9.,])"
_TENS_FOR_BARE = r"(?!만일|만년|만세|만점|만분|천일|천년|천만에)"
_QUANTITY = re.compile(
    rf"(?P<y>\d{{4}})\s*(?:[./-]|년)\s*(?P<m>\d{{1,2}})\s*(?:[./-]|월)\s*(?P<d>\d{{1,2}})(?:\s*일|\.)?"
    r"|(?<!\d)(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일(?!간)"
    r"|(?P<half>오전|오후|아침|저녁|밤|새벽|낮)?\s*(?<![\d.])"
    rf"(?:(?P<hour>\d{{1,2}})|(?P<hour_word>{'|'.join(sorted(_NATIVE, key=len, reverse=True))})(?=\s?시))"
    r"\s?(?:시(?!간|작|기|점|행|절|각|적|한)\s*(?:(?P<minute>\d{1,2})\s*분|(?P<half_past>반))?|:(?P<colon>\d{2}))"
    r"|(?P<noon>정오|자정)"
    rf"|(?P<whole>{_PLAIN}|{_BEFORE}(?:백|천|[이삼사오육칠팔구]))\s?분의\s?(?P<part>{_PLAIN}|[일이삼사오육칠팔구십백]+)"
    r"|(?P<slash_part>(?<![\d/])\d{1,2})/(?P<slash_whole>\d{1,3})(?![\d/])"
    rf"|{_BEFORE}(?P<moiety>절반|반(?=\s|을|으로|만\s|이|에|[.,]|$))"
    rf"|{_BEFORE}(?P<days>{'|'.join(sorted(_DAYS, key=len, reverse=True))})(?!하|빨)"
    rf"|{_BEFORE}(?P<half_year>반년)"
    rf"|(?<![가-힣A-Za-z\d.])(?P<calendar>\d{{1,2}})월(?!\s?(?:이내|이상|이하|미만|초과|간|동안))"
    rf"|(?<![A-Za-z\d.])(?P<from>{_PLAIN})(?=\s?[~∼〜–-]\s?(?:{_MIXED})\s?(?P<from_unit>{_UNIT}))"
    rf"|(?<![A-Za-z\d.])(?P<number>{_MIXED})\s?(?P<unit>{_UNIT}|월(?=\s?(?:이내|이상|이하|미만|초과|간|동안)))"
    rf"|{_BEFORE}{_TENS_FOR_BARE}(?P<sino>{_SINO})\s?(?P<sino_unit>{_UNIT}(?!의\s))"
    rf"|{_BEFORE}(?P<one>[일이삼사오육칠팔구])\s?(?P<one_unit>개월|퍼센트|시간|영업일|(?:년|일|주일|주|회){_AFTER_ONE})"
    rf"|{_BEFORE}(?P<native>{'|'.join(sorted(_NATIVE, key=len, reverse=True))})"
    r"\s?(?P<native_unit>달|번째|번|시간|주일|주|해|명|사람|분(?=\s|[이을의])|살|차례|날(?=\s|이|간|부)|개|가지|벌|켤레|배|건|곳|학기|끼)"
    r"|(?P<ordinal>첫째|둘째|셋째|넷째)"
    r"|(?<![가-힣A-Za-z\d.,-])(?P<bare>\d{2,})(?![\d.,:/%A-Za-z-])"
    r"(?!\s?(?:조|항|호|목|장|절|편|관|년|월))"
)
_CITATION = re.compile(
    r"제?\s?\d+\s?(?:조|항|호|목)(?:의\s?\d+)?(?=[의제\s및와과에을를은는이가,.·)\d서]|$)|(?:별표|별지|부칙)\s?\d+"
)
_CAP = (
    r"(?:[을를]\s?)?(?:초과할 수 없|초과하여[^.]{0,12}(?:아니|않|없|못)|초과하지|초과해서는"
    r"|넘을 수 없|넘지|넘길 수 없|넘어서는|넘겨서는)|[을를]?\s?한도|(?:의)?\s?범위"
)
_BOUND_WORD = (
    r"이내|이하|미만|이상|(?:[을를] )?초과|안에|내에|내로|내(?=\s|[의로])|밖|(?:[을를이] )?넘"
    r"|보다 (?:많|긴|길|적|짧)"
)
_BOUND = re.compile(
    rf"\s?(?:간|동안|분|씩|까지)?\s?(?:\([^()]{{0,60}}\))?(?:의)?\s?(?:(?P<cap>{_CAP})|(?P<word>{_BOUND_WORD}))"
)
_SPOKEN_BOUNDS = (("내", "이내"), ("안", "이내"), ("초과", "초과"), ("넘", "초과"), ("밖", "초과"))
_COMPARED_BOUNDS = {"많": "초과", "긴": "초과", "길": "초과", "적": "미만", "짧": "미만"}
_SIDE = re.compile(
    r"\s?(?:\([^()]{0,60}\))?\s?(?:이상\s?)?(?P<side>전(?!원|부|체|자|화|액)|이전|앞|후(?!임|보)|이후|뒤|지나)"
)
_LEAD = re.compile(r"(?P<least>최소한?|적어도)\s*$|(?P<most>최대|많아야|길어야)\s*$")
_NARROWER = {"년": ("개월", 12), "주": ("일", 7), "시간": ("분", 60)}
_COMPOUND = (("년", "개월", 12), ("시간", "분", 60), ("주", "일", 7))


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


def read_quantities(text: str) -> list[Quantity]:
    """Return every quantity of an NFC text, in order; offsets are into `text`."""
    plain = text.translate(_FULL_WIDTH)
    for citation in _CITATION.finditer(plain):
        plain = plain[: citation.start()] + "§" * len(citation.group()) + plain[citation.end() :]
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(plain):
        reading = _reading(match)
        if reading is None or _is_relative_clause(plain, match):
            continue
        value, unit = reading
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        bound, side = _bound_and_side(plain, start, match.end())
        found.append(Quantity(value, unit, bound, text[start : match.end()], start, match.end(), side))
    return _compounds(text, found)


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


def _reading(match: re.Match[str]) -> tuple[Decimal, str] | None:
    groups = {name: text or "" for name, text in match.groupdict().items()}
    return next(read(groups) for name, read in _READERS if groups[name])


def _time_of_day(group: Mapping[str, str]) -> tuple[Decimal, str]:
    hour = int(group["hour"]) if group["hour"] else _NATIVE[group["hour_word"]]
    minute = 30 if group["half_past"] else int(group["minute"] or group["colon"] or 0)
    if group["half"] in ("오후", "저녁", "밤", "낮") and hour < _NOON:
        hour += _NOON
    if group["half"] in ("오전", "새벽") and hour == _NOON:
        hour = 0
    return Decimal(hour * 60 + minute), "시각"


def _date(group: Mapping[str, str]) -> tuple[Decimal, str]:
    return Decimal(int(group["y"]) * 10000 + int(group["m"]) * 100 + int(group["d"])), "날짜"


def _counted(group: Mapping[str, str]) -> tuple[Decimal, str]:
    unit = group["native_unit"]
    return Decimal(_NATIVE[group["native"]]), "명" if unit == "분" else _UNITS[unit]


def _percent(part: Decimal, whole: Decimal) -> tuple[Decimal, str] | None:
    if whole == 0:
        return None
    return (part * 100 / whole).quantize(Decimal("0.0001")).normalize() + 0, "%"


def _number(text: str) -> Decimal:
    """`1만 5천` -> 15000, `삼십` -> 30, `1,000` -> 1000, `3천만` -> 30000000."""
    total = section = Decimal(0)
    current: Decimal | None = None
    for token in re.findall(rf"{_PLAIN}|[가-힣]", text):
        if token in _SMALL:
            section += (1 if current is None else current) * _SMALL[token]
            current = None
        elif token in _LARGE:
            total += (section + (current or 0) or 1) * _LARGE[token]
            section, current = Decimal(0), None
        else:
            current = Decimal(_DIGIT[token]) if token in _DIGIT else Decimal(token.replace(",", ""))
    return total + section + (current or 0)


_READERS: tuple[tuple[str, Callable[[Mapping[str, str]], tuple[Decimal, str] | None]], ...] = (
    ("y", _date),
    ("month", lambda g: (Decimal(int(g["month"]) * 100 + int(g["day"])), "월일")),
    ("hour", _time_of_day),
    ("hour_word", _time_of_day),
    ("noon", lambda g: (Decimal(_HALF_DAY if g["noon"] == "정오" else 0), "시각")),
    ("whole", lambda g: _percent(_number(g["part"]), _number(g["whole"]))),
    ("slash_part", lambda g: _percent(Decimal(g["slash_part"]), Decimal(g["slash_whole"]))),
    ("moiety", lambda _: (Decimal(50), "%")),
    ("days", lambda g: (Decimal(_DAYS[g["days"]]), "일")),
    ("half_year", lambda _: (Decimal(6), "개월")),
    ("calendar", lambda g: (Decimal(g["calendar"]), "월")),
    ("from", lambda g: (_number(g["from"]), _UNITS[g["from_unit"]])),
    ("number", lambda g: (_number(g["number"]), "개월" if g["unit"] == "월" else _UNITS[g["unit"]])),
    ("sino", lambda g: (_number(g["sino"]), _UNITS[g["sino_unit"]])),
    ("one", lambda g: (_number(g["one"]), _UNITS[g["one_unit"]])),
    ("native", _counted),
    ("ordinal", lambda g: (Decimal("첫둘셋넷".index(g["ordinal"][0]) + 1), "째")),
    ("bare", lambda g: (Decimal(g["bare"]), "")),
)
"""Named group of `_QUANTITY` -> how its value and unit are read."""


def _is_relative_clause(text: str, match: re.Match[str]) -> bool:
    """`운전을 한 사람` tells who drove, not one person."""
    if match["native"] != "한" or match["native_unit"] not in ("사람", "해", "건", "곳", "분", "날"):
        return False
    return bool(re.search(r"[을를도만]\s$", text[: match.start()]))


def _bound_and_side(text: str, start: int, end: int) -> tuple[str | None, str | None]:
    side_match = _SIDE.match(text, end)
    side = None
    if side_match:
        side = "전" if side_match["side"] in ("전", "이전", "앞") else "후"
    match = _BOUND.match(text, end)
    if match:
        return ("이하" if match["cap"] else _bound_of(match["word"])), side
    lead = _LEAD.search(text[max(0, start - 8) : start])
    if lead:
        return ("이상" if lead["least"] else "이하"), side
    return None, side


def _bound_of(word: str) -> str:
    if word in ("이내", "이하", "미만", "이상"):
        return word
    spoken = next((bound for mark, bound in _SPOKEN_BOUNDS if mark in word), None)
    return spoken or _COMPARED_BOUNDS[word[-1]]


def _compounds(text: str, found: list[Quantity]) -> list[Quantity]:
    """Join `1년 6개월`, `1시간 30분` and `1년 반` into one value."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if last is not None and not text[last.end : quantity.start].strip() and last.bound is None:
            for wide, narrow, factor in _COMPOUND:
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


def _narrowed(quantity: Quantity) -> tuple[Decimal, str]:
    unit, factor = _NARROWER.get(quantity.unit, (quantity.unit, 1))
    return quantity.value * factor, unit


def _is_before(quantity: Quantity) -> bool:
    return quantity.side == "전" and quantity.bound is None


def _is_within(quantity: Quantity) -> bool:
    return quantity.bound == "이내" and quantity.side is None


def _names_half(quantity: Quantity) -> bool:
    return bool(re.match(r"오전|오후|아침|저녁|밤|새벽|낮|정오|자정", quantity.text)) or quantity.value > _HALF_DAY + 59
