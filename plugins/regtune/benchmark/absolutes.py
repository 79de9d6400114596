"""What an answer claims without bounds, and what qualities it adds: 무제한 beside 60일, 유급 where no text says so.

In: an answer with its texts (Beside). Out: the words that contradict the texts, and qualities that none of them has.
A quality is not added when the texts imply it (기본급의 70퍼센트를 지급 is 유급), in words that are listed here.
"""

import re
from collections.abc import Mapping

from regtune.benchmark.beside import Beside, clauses_of, content_words, sentences_of
from regtune.korean.citations import without_citations
from regtune.korean.opposites import name_of, sides_of, takes_side
from regtune.korean.quantities import read_quantities

_BOUNDLESS = re.compile(
    r"무제한|무한정|얼마든지|한없이|마음껏|원하는\s?만큼|제한을\s?받지\s?않|제약(?:[은는이가도])?\s?(?:없|받지\s?않)|(?:제한|한도|상한|한계)(?:[은는이가도]|을\s두지)?\s?(?:전혀\s|따로\s)?(?:없|않)"
    r"|(?:횟수|기간|일수|금액|시간|한도)(?:에|와|과)?\s?(?:관계|상관|구애)(?:받지)?\s?(?:없이|않고)"
)
_UNCONDITIONAL = re.compile(
    r"무조건|어떤\s?경우(?:에도|든지?|라도)|조건\s?없이|예외\s?없이|절차\s?없이|(?:사유|이유|조건|자격|시기)(?:에|와|과)?\s?(?:관계|상관|구애)(?:받지)?\s?(?:없이|않고)"
)
_ANY_TIME = re.compile(r"(?:언제든지?|언제나|아무\s?때나|수시로)")
_EVERYONE = re.compile(r"누구나|누구든지?|모두에게|(?:모든|전\s?|전체\s)(?:직원|임직원|사원|근로자)")
_CONDITIONS = re.compile(r"다만|경우|때에|한정|한하여|각 호|하려면|하려는|으면|하면|[을를] (?:받아|거쳐|얻어)|중 ")
_DEADLINE = re.compile(r"까지|이내|전에|부터|이전")
_CIRCLE = re.compile(
    r"직원 중|에 한[정하]|직원만|각 호|대상|제외|[가-힣]+[은는한인] (?:여성 |남성 )?직원(?:에게|은|이|만)"
)
_TAKEN_BACK = re.compile(
    r"^[^.,]{0,16}?(?:(?:것은|건|것이|가|이)?\s?아(?:니|닙|닌)|수\s?(?:는|도)?\s?없|지\s?(?:는\s)?(?:않|못|아니)|안\s?[되됩돼]|불가|금지)"
)
"""`무제한은 아닙니다`, `제한 없이 쓸 수는 없고` claim nothing without bounds."""
_NEVER = re.compile(r"없이는\s")

_IMPLIED: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "유급": (
        re.compile(
            r"(?:임금|기본급|급여|통상임금|보수|퍼센트|%)[^.\n]{0,20}지급(?!하지)"
            r"|근로한 것|근무로 본|출근한 것|근로시간으로"
        ),
        re.compile(r"(?:임금|기본급|급여|통상임금|보수)[^.\n]{0,12}(?:지급하지|주지|공제|감액|없)"),
    ),
    "의무": (re.compile(r"야 (?:한|합|하)|의무|필수"), re.compile(r"수 있|희망|원하|자율|재량|선택")),
    "무료": (
        re.compile(r"무료|무상|회사가 [^.\n]{0,10}부담|지급|제공|지원|\b0원"),
        re.compile(r"부담|비용|요금|유료|원을"),
    ),
    "실명": (re.compile(r"실명|이름|성명|서명"), re.compile(r"익명|무기명")),
}
"""First word of a pair of opposites -> what implies its first side, and its second one."""


_ENOUGH_WORDS = 2
"""Of a clause, to tell what its quality is of: `무급으로 한다` has none."""


def boundless_claims(beside: Beside) -> list[str]:
    """Absolutes of the answer that stand against a bound, a condition or a circle of people, and that no text has."""
    rule = f"{beside.reference}\n{beside.article}"
    bounded = bool(beside.wanted) or bool(read_quantities(beside.reference))
    forms = [
        (_BOUNDLESS, bounded),
        (_UNCONDITIONAL, bool(_CONDITIONS.search(rule))),
        (_ANY_TIME, bounded and bool(_DEADLINE.search(beside.reference))),
        (_EVERYONE, bool(_CIRCLE.search(rule))),
    ]
    texts = f"{beside.question}\n{rule}\n{beside.place}"
    return [
        match.group()
        for form, stands_against in forms
        if stands_against and not form.search(texts)
        for match in form.finditer(beside.answer)
        if not _is_taken_back(beside.answer, match)
    ]


def without_denied_absolutes(text: str) -> str:
    """The text without `무제한은 아닙니다` and the like, which say no more than that there is a bound."""
    for form in (_BOUNDLESS, _UNCONDITIONAL):
        for match in reversed(list(form.finditer(text))):
            denied = _TAKEN_BACK.match(text[match.end() :])
            if denied:
                text = text[: match.start()] + text[match.end() + denied.end() :]
    return text


def _is_taken_back(text: str, match: re.Match[str]) -> bool:
    return bool(_TAKEN_BACK.match(text[match.end() :]) or _NEVER.match(text, match.end() - 2))


def added_qualities(beside: Beside) -> list[str]:
    """Qualities such as 유급 that the answer claims and no text has or implies."""
    texts = f"{beside.question}\n{beside.reference}\n{_near(beside)}\n{beside.place}"
    known = set(sides_of(f"{beside.question}\n{beside.article}\n{beside.reference}")) | {
        pair for start, end in clauses_of(beside.article) for pair in sides_of(beside.article[start:end])
    }
    found = []
    for sentence in sentences_of(without_citations(beside.answer)):
        for start, end in clauses_of(sentence):
            for pair, side in sides_of(sentence[start:end]).items():
                implied = _IMPLIED.get(name_of(pair).split("/")[0])
                if implied and pair not in known and not implied[0 if side > 0 else 1].search(texts):
                    found.append(sentence[start:end].strip())
    return list(dict.fromkeys(found))


def turned_qualities(beside: Beside) -> list[str]:
    """Qualities that the reference answer, or where it is silent on them the article, has the other way round."""
    rules = _qualities(beside.reference), _qualities(beside.article)
    found = []
    for words, pair, side in _qualities(beside.answer):
        rule = next((known for known in rules if any(its_pair == pair for _, its_pair, _ in known)), [])
        rivals = [(len(words & others), other) for others, its_pair, other in rule if its_pair == pair]
        nearest = max((shared for shared, _ in rivals), default=0)
        if nearest and all(other == -side for shared, other in rivals if shared == nearest):
            found.append(name_of(pair))
    return found


def _qualities(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Words and figures beside each quality: of its clause, and of the one before where it has hardly any."""
    found = []
    before = frozenset[str]()
    for start, end in clauses_of(text):
        own = frozenset(word for word in _words(text[start:end]) if not takes_side(word))
        near = own if len(own) >= _ENOUGH_WORDS else own | before
        sides = sides_of(text[start:end])
        found += [(near, pair, side) for pair, side in sides.items() if name_of(pair).split("/")[0] in _IMPLIED]
        before = own
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset([*content_words(text), *(f"{one.value}{one.unit}" for one in read_quantities(text))])


def _near(beside: Beside) -> str:
    """Pieces of the article that share a figure or two words with reference answer or question."""
    own = _words(beside.reference) | _words(beside.question)
    return "\n".join(text for text, _ in beside.pieces if len(own & _words(text)) > 1)
