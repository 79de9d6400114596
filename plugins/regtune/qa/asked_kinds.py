"""Which kind of answer a question asks for: a date, an amount, a person, papers.

In: a question. Out: the kinds by name, and the question without the words that ask; and which kinds may be one, since
`언제` may ask for a deadline and `얼마` for any measure.
"""

import re

_TAIL = (
    r"(?:들)?(?:은|는|이|가|을|를|에는|로는)?\s*(?:총|최대|모두|각각|대략|또)?\s*"
    r"(?:얼마(?:나|\s?동안)?|무엇|어떻게|어떠한|어떤|몇\s?[가-힣%]+|며칠(?:\s?(?:전|이내|안에|내에))?|언제(?:까지)?|어느|어디|누구"
    r"|뭐|$|[?.])"
)
_AFTER_ASKING = r"(?:이라고|라고|에게서?|으로|의|를|을|이|가|은|는|에서?|로|까지)?(?:입니까|인가요|인지요?|이나|나)?"
_NOUNS = {
    "duration": "기간|연한|일수|연수|년수|시간 수",
    "deadline": "기한|시한|기일|마감일?|지급 기한",
    "when": "시기|시점|날짜|일자|일시|(?<=지급)일|(?<=개최)일|(?<=시행)일",
    "amount": "금액|액수|상한액|한도액|지급액|지원액",
    "rate": "비율|요율|(?<=가산)율|(?<=지급)률|지급률|(?<=할증)률",
    "count": "횟수",
    "frequency": "주기|빈도",
    "people": "인원|위원 수|정원",
    "how": "방법|방식|기준|절차|순서|과정",
    "paper": "서류|첨부물|구비서류|제출물",
    "reason": "사유|이유|원인|까닭",
    "condition": "요건|조건|자격|대상자?|경우",
    "who": "부서|담당자|책임자|(?<=[가-힣]{2})권자|주체",
    "where": "장소|곳",
    "what": "종류|유형|정의|뜻|의미|것",
}
_HEADS_ASKED = tuple((kind, re.compile(rf"(?:{nouns}){_TAIL}")) for kind, nouns in _NOUNS.items())
_CHOSEN = tuple((kind, re.compile(rf"(?:어떤|어떠한|무슨|어느)\s(?:{nouns})")) for kind, nouns in _NOUNS.items())
_WORDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("who", r"누구|누가|어느 부서|어떤 사람|어느 위원회"),
        ("frequency", r"얼마\s?만에(?:\s한\s?번(?:씩)?)?|(?:며칠|몇\s?(?:일|개월|달|년|주))\s?마다|얼마나 자주"),
        ("deadline", r"언제까지|(?:며칠|몇\s?(?:일|개월|달|주|시간|년)|얼마)\s?(?:전|이내|안에|내에)(?:까지|에)?"),
        ("start", r"언제부터|며칠부터"),
        ("when", r"언제|며칠에|몇\s?월"),
        ("rate", r"몇\s?(?:퍼센트|%|프로|배)"),
        ("count", r"몇\s?(?:회|번|차례)"),
        ("people", r"몇\s?(?:명|사람|인)"),
        ("age", r"몇\s?(?:세|살)"),
        ("clock", r"몇\s?시(?!간)"),
        ("duration", r"며칠|몇\s?(?:일|년|개월|달|주|시간|분)|얼마\s?동안|얼마나 오래"),
        ("amount", r"몇\s?(?:원|만\s?원)"),
        ("where", r"어디|어느 곳"),
        ("reason", r"왜(?=\s)"),
        ("how", r"어떻게"),
        ("how_much", r"얼마"),
        ("what", r"무엇|뭐|어떤|어느|무슨|어떠한"),
    )
)
_ASKING = tuple(
    (kind, re.compile(rf"(?P<asked>{pattern.pattern}){_AFTER_ASKING}"))
    for kind, pattern in (*_CHOSEN, *_HEADS_ASKED, *_WORDS)
)
_MEASURES = frozenset({"duration", "amount", "rate", "count", "people", "age", "how_much"})
_COMPATIBLE = frozenset(
    frozenset(pair)
    for pair in (
        ("when", "deadline"),
        ("when", "clock"),
        ("when", "condition"),
        ("reason", "condition"),
        ("deadline", "clock"),
        ("what", "paper"),
        ("what", "condition"),
        ("frequency", "count"),
        ("frequency", "duration"),
        *(("how_much", measure) for measure in _MEASURES),
        ("how_much", "frequency"),
    )
)
_FAMILIES = (
    _MEASURES | {"frequency"},
    frozenset({"when", "deadline", "clock", "condition", "reason", "what", "paper"}),
)
"""Kinds that `_COMPATIBLE` links, directly or through others."""
_MONEY = re.compile(r"(?:수당|[가-힣]비|[가-힣]금|급여|보수|요금|[가-힣]료)(?:은|는|이|가|을|를|의)(?=\s|$)")


def kinds_in(text: str) -> tuple[frozenset[str], str]:
    """Return the kinds of answer asked for, and the text without the words that ask."""
    found = set()
    for kind, pattern in _ASKING:
        match = pattern.search(text)
        if match:
            found.add("who" if "누구" in match["asked"] else kind)
            text = pattern.sub(" ", text)
    if len(found) > 1:
        found -= {"what"}
    if "how_much" in found and _MONEY.search(text):
        found = found - {"how_much"} | {"amount"}
    return frozenset(found), text


def kinds_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two questions may ask for one kind of answer, or neither has a question word."""
    if not one and not other:
        return True
    return bool(one & other) or any(frozenset((left, right)) in _COMPATIBLE for left in one for right in other)


def families_of(kinds: frozenset[str]) -> list[str]:
    """Return names of which two questions whose kinds agree have one in common, sorted."""
    linked = {str(number) for number, family in enumerate(_FAMILIES) if family & kinds}
    return sorted(linked | kinds.difference(*_FAMILIES)) or [""]
