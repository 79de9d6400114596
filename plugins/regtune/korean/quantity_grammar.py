"""How quantities are spelt in Korean: units, numerals, and the patterns that find amounts, bounds and periods.

What quantities.py reads with; it has no meaning of its own.
"""

import re
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
    "%p": "%p %포인트 퍼센트포인트",
    "명": "명 인 사람 분",
    "회": "회 번 차례 회차",
    "째": "번째",
    "차": "차",
    "세": "세 살",
    "km": "km ㎞ 킬로미터 킬로",
    "m": "m 미터",
    "㎡": "㎡ 제곱미터",
    "kg": "kg ㎏ 킬로그램",
    "그램": "그램",
    "돈": "돈",
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
UNITS = {surface: unit for unit, surfaces in reversed(_SURFACES.items()) for surface in surfaces.split()}
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
    for surface in sorted(UNITS, key=len, reverse=True)
)

DIGIT = {"영": 0, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "륙": 6, "칠": 7, "팔": 8, "구": 9}
SMALL = {"십": 10, "백": 100, "천": 1000}
LARGE = {"만": 10**4, "억": 10**8}
_NATIVE_ONES = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
_NATIVE_TENS = {"열": 10, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90}
NATIVE = {
    **_NATIVE_ONES,
    "석": 3,
    "넉": 4,
    **_NATIVE_TENS,
    **{tens + ones: t + o for tens, t in _NATIVE_TENS.items() for ones, o in _NATIVE_ONES.items()},
    "스무": 20,
}
_DAY_ONES = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9}
DAYS = {**_DAY_ONES, **{"열" + word: 10 + days for word, days in _DAY_ONES.items()}, "열흘": 10, "보름": 15}

PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MIXED = rf"(?:{PLAIN})(?:\s?[십백천만억]+(?:\s?(?:{PLAIN})(?=\s?[십백천만원]))?)*"
_ONE = "[일이삼사오육륙칠팔구]"
_SINO = rf"(?:{_ONE}?[십백천]|{_ONE}[만억]|[만억](?!\s?\d))(?:{_ONE}|[십백천만억])*"
_AFTER_ONE = r"(?=\s?(?:이내|이상|이하|미만|초과|전|후|간|까지|동안|안에|째|을 초과))"
_BEFORE = r"(?<![가-힣A-Za-z0-9.,])"
_TENS_FOR_BARE = r"(?!만일|만년|만세|만점|만분|천일|천년|천만에)"
_FIRST_SYLLABLES = "".join(
    sorted({word[0] for word in (*NATIVE, *DAYS, *DIGIT, *SMALL, *LARGE, *"오아저밤새낮정자과절반갑곱첫둘셋넷")})
)
QUANTITY = re.compile(
    rf"(?=[\d{_FIRST_SYLLABLES}])(?:"  # nearly every other place of a text is ruled out at once: 2.6 times as fast
    rf"(?P<y>\d{{4}})\s*(?:[./-]|년)\s*(?P<m>\d{{1,2}})\s*(?:[./-]|월)\s*(?P<d>\d{{1,2}})(?:\s*일|\.)?"
    r"|(?<!\d)(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일(?!간)"
    r"|(?<!\d)(?P<ending>\d{1,2})\s*월\s*(?:마지막\s?날|말일?(?=까지|부터|에|로|[과와을를이은는,.\s]|$))"
    r"|(?P<half>오전|오후|아침|저녁|밤|새벽|낮)?\s*(?<![\d.])"
    rf"(?:(?P<hour>\d{{1,2}})|(?<![가-힣])(?P<hour_word>{'|'.join(sorted(NATIVE, key=len, reverse=True))})(?=\s?시))"
    r"\s?(?:시(?!간|작|기|점|행|절|각|적|한|차)\s*(?:(?P<minute>\d{1,2})\s*분|(?P<half_past>반))?|:(?P<colon>\d{2}))"
    r"|(?P<noon>정오|자정)"
    rf"|(?P<whole>(?:{PLAIN})(?:\s?[십백천만])?|{_BEFORE}(?:백|천|[이삼사오육칠팔구]))\s?분의\s?(?P<part>{PLAIN}|[일이삼사오육칠팔구십백]+)"
    r"|(?P<slash_part>(?<![\d/])\d{1,2})/(?P<slash_whole>\d{1,3})(?![\d/])"
    rf"|(?P<majority>과반수?)"
    rf"|{_BEFORE}(?P<moiety>절반|반(?=\s(?!시간)|째|을|으로|까지|동안|씩|만\s|이|에|[.,]|$))"
    rf"|{_BEFORE}(?P<days>{'|'.join(sorted(DAYS, key=len, reverse=True))})(?!하|빨)"
    rf"|{_BEFORE}(?P<half_year>반년)"
    rf"|{_BEFORE}(?P<half_hour>반\s?시간)"
    rf"|{_BEFORE}(?P<week>일\s?주일)(?!에\s)"
    rf"|{_BEFORE}(?P<double>[갑곱]절)"
    rf"|(?<![A-Za-z\d.가-힣])(?P<tenths>\d+(?:\.\d+)?|[이삼사오육칠팔구])\s?할(?=\s|[을로의이,.()]|$)"
    rf"|(?<![가-힣A-Za-z\d.])(?P<calendar>\d{{1,2}})월(?!\s?(?:이내|이상|이하|미만|초과|간|동안|[을를이]\s?(?:초과|경과|넘|지난)))"
    rf"|(?<![A-Za-z\d.])(?P<from>{PLAIN})(?=\s?[~∼〜–-]\s?(?:{_MIXED})\s?(?P<from_unit>{_UNIT}))"
    rf"|(?<![A-Za-z\d.])(?P<number>{_MIXED})\s?(?P<unit>{_UNIT}|월(?=\s?(?:이내|이상|이하|미만|초과|간|동안|[을를이]\s?(?:초과|경과|넘|지난))))"
    rf"|{_BEFORE}{_TENS_FOR_BARE}(?P<sino>{_SINO})\s?(?P<sino_unit>{_UNIT}(?!의\s))"
    rf"|{_BEFORE}(?P<one>[일삼사오육칠팔구]|이(?!\s시간))\s?(?P<one_unit>개월|퍼센트|시간|영업일|(?:년|일|주일|주"
    rf"|회){_AFTER_ONE})"
    rf"|{_BEFORE}(?P<native>{'|'.join(sorted(NATIVE, key=len, reverse=True))})"
    r"\s?(?P<native_unit>달|번째|번|시간|주일|주|해|명|사람|분(?=\s|[이을의])|살|차례|날(?=\s|이|간|부)|개|가지"
    r"|벌|켤레|배|건|곳|학기|끼|단계|등급)"
    r"|(?P<ordinal>첫째|둘째|셋째|넷째)"
    r"|(?<![가-힣A-Za-z\d.,-])(?P<bare>\d{2,})(?![\d.,:/%A-Za-z-])"
    r"(?!\s?(?:조|항|호|목|장|절|편|관|년|월)))"
)
CITATION = re.compile(
    r"제?\s?\d+\s?(?:조|항|호|목)(?:의\s?\d+)?(?=[의제\s및와과에을를은는이가,.·)\d서]|$)|(?:별표|별지|부칙)\s?\d+"
)
_CAP = (
    r"(?:[을를]\s?)?(?:초과할 수 없|초과하여[^.]{0,12}(?:아니|않|없|못)|초과하지|초과해서는"
    r"|넘을 수 없|넘지|넘길 수 없|넘어서는|넘겨서는)|[을를]?\s?한도|(?:의)?\s?범위"
)
_BOUND_WORD = (
    r"이내|이하|미만|이상|(?:[을를] )?초과|안에|내에|내로|내(?=\s|[의로])|밖|(?:[을를이] )?넘"
    r"|보다 (?:많|긴|길|적|짧)|에 (?:채 )?못 미|에 미달|[을를이가] 안 [되돼된]"
)
BOUND = re.compile(
    rf"\s?(?:간|동안|분|씩|까지)?\s?(?:\([^()]{{0,60}}\))?(?:의)?\s?(?:(?P<cap>{_CAP})|(?P<word>{_BOUND_WORD}))"
)
SPOKEN_BOUNDS = (
    ("미", "미만"),
    ("안 되", "미만"),
    ("안 돼", "미만"),
    ("안 된", "미만"),
    ("내", "이내"),
    ("안", "이내"),
    ("초과", "초과"),
    ("넘", "초과"),
    ("밖", "초과"),
)
COMPARED_BOUNDS = {"많": "초과", "긴": "초과", "길": "초과", "적": "미만", "짧": "미만"}
SIDE = re.compile(
    r"\s?(?:\([^()]{0,60}\))?\s?(?:이상\s?)?(?P<side>전(?!원|부|체|자|화|액)|이전|앞|후(?!임|보)|이후|뒤|지나)"
)
EARLIER_SIDE = re.compile(r"(?<=[가-힣])\s(?P<side>전|후)\s$")
"""`시작 후 30일 이내`: the side stands before the amount."""
LEAD = re.compile(
    r"(?P<least>최소한?|적어도|못해도|짧아도|최단)\s*$|(?P<most>최대|최장|많아야|길어야|길어도|많아도)\s*$"
)
NARROWER = {"년": ("개월", 12), "주": ("일", 7), "시간": ("분", 60), "배": ("%", 100)}
COMPOUND = (("년", "개월", 12), ("시간", "분", 60), ("주", "일", 7))


NAMED_PERIODS = (
    (r"격년(?:으로|마다)?", Decimal(24), "개월"),
    (r"(?:연간?|매년|해마다|매\s?해)", Decimal(12), "개월"),
    (r"(?:매\s?)?반기(?:에|마다|별)?", Decimal(6), "개월"),
    (r"(?:매\s?)?분기(?:에|마다|별)?", Decimal(3), "개월"),
    (r"(?:월간?|매월|매달|달마다)", Decimal(1), "개월"),
    (r"(?:주당?|주간|매주)", Decimal(7), "일"),
    (r"(?:일당|매일|날마다)", Decimal(1), "일"),
    (r"(?:매\s?회|회당|건당|매번)", Decimal(1), "회"),
)
PERIOD = re.compile(
    rf"(?<![가-힣A-Za-z\d])(?:{'|'.join(f'(?P<p{i}>{p})' for i, (p, _, _) in enumerate(NAMED_PERIODS))})"
    r"\s(?:각각\s|총\s|최대\s|최소\s|기본\s)?$"
)
PER = re.compile(r"\s?(?:에|당|마다)\s(?:각각\s|총\s|최대\s|최소\s)?$|\s$")
IN_EACH = re.compile(r"\s?(?:에|당)(?=[\s,)])")
