"""What a Korean sentence allows, demands or forbids, predicate by predicate.

In: a sentence. Out: Claim records (predicate stem, sense). `초과할 수 없다` and the like bound a quantity and are no
claims of this kind (quantities.py reads them); neither is a condition (`승인 없이는`, `제출하지 아니하면`).
"""

import re
from dataclasses import dataclass
from typing import Literal

Sense = Literal["may", "must", "must_not", "need_not", "not"]

_FIRST, _FINALS, _RIEUL = 0xAC00, 28, 8
_ENDS_IN_RIEUL = "".join(chr(code) for code in range(_FIRST + _RIEUL, 0xD7A4, _FINALS))
_WORD = r"(?P<word>(?:[가-힣]{1,12}\s)?[가-힣]{0,12}"
_NOT = r"(?:아니|않)"
_OK = r"(?:된|되|돼|됩|될|됨|좋|무방|괜찮)"
_TOPIC = r"(?P<word>[가-힣]{1,12}(?:\s?것)?)?(?:은|는|이|가|도|을|를)?\s?"
_FORMS: tuple[tuple[Sense, str], ...] = (
    ("need_not", rf"{_WORD})지\s{_NOT}(?:할|을)\s수(?:도)?\s있"),
    ("need_not", rf"{_WORD})지\s{_NOT}(?:하여|아|하|해)도\s{_OK}"),
    ("need_not", rf"{_WORD}[가-힣])야\s?(?:하는|할|되는)\s(?:것은|건|것이)\s아[니닙]"),
    ("need_not", rf"{_WORD}[{_ENDS_IN_RIEUL}])\s(?:필요|의무)(?:는|가|도)?\s?(?:없|있지\s{_NOT})"),
    (
        "need_not",
        rf"{_TOPIC}(?:필요하지\s{_NOT}|필요\s?없|요구하지\s{_NOT}|요구되지\s{_NOT}|면제|생략할\s수\s있|생략해도)",
    ),
    ("must_not", rf"{_WORD}[{_ENDS_IN_RIEUL}])\s수(?:는|가|도)?\s없"),
    ("must_not", rf"{_WORD}(?:[서]는?|선|면))\s(?:아니\s?|안\s?)(?:된|되|돼|됩|될|됨)"),
    ("must_not", rf"{_TOPIC}(?:금지|불가능|불가(?!피)|(?:허용|허가)(?:되|하)지\s{_NOT})"),
    ("may", rf"{_WORD}[{_ENDS_IN_RIEUL}])(?<!못할)\s수(?:도|는|가)?\s있"),
    ("may", rf"{_WORD}[가-힣])도\s{_OK}"),
    ("may", rf"{_TOPIC}(?<!불)(?:가능|허용)(?:합|하|한|됩|되|된|해)"),
    ("must", rf"{_WORD}[가-힣])야(?:만)?(?:\s?[하한합할함됩된되돼]|[.?]|$)"),
    ("must", rf"{_TOPIC}(?:의무가\s있|의무이|의무입|필수)"),
    ("not", rf"{_WORD})지(?:는|도)?\s?(?:{_NOT}|못[하한할합])"),
    ("not", rf"{_TOPIC}(?:에서\s)?제외"),
)
_COMPILED = tuple((sense, re.compile(pattern)) for sense, pattern in _FORMS)
_BOUND = re.compile(
    r"(?:초과|넘)(?:할|을|길)\s수\s없|초과(?:하지|해서는|하여서는)|넘(?:지|어서는|겨서는)|초과하여[^.]{0,12}(?:없|않|못|아니)"
)
_CONDITION = re.compile(
    r"[가-힣]{1,12}\s?없이(?:는|도)?|[가-힣]{1,12}지\s?(?:아니하|않으|못하)(?:면|고는)"
    r"|[가-힣]{1,12}지\s?(?:아니하였?|않았?|못하였?|못했)"
    r"(?:으므로|므로|으니|아서|여서|기 때문에|더라도|(?:아|여)도(?!\s?[되된돼됩좋무괜]))"
    r"|[가-힣]{1,12}지\s?않고(?=\s[^,.]{0,20}\s수(?:는|도|가)?\s있)"
)
_CONCESSION = re.compile(r"(?<![가-힣])(?:안|못)\s?[가-힣]{1,8}(?:[어아여해돼]도|더라도)(?!\s?[되된돼됩좋무괜])")
"""`2년이 안 되었어도` denies nothing of what follows."""
_ADNOMINAL = re.compile(
    r"[가-힣]{1,12}지\s?(?:아니한|않은|못한|않는|못하는|아니하는|못할)\s(?=[가-힣])(?!수\s)|[가-힣]{1,12}\s?없는\s(?=[가-힣])"
)
_TAIL = re.compile(
    r"(?:하여서는|해서는|하여서|해서|하면|으면|어서는|아서는|하여|되어|해|되|하|할|될|을|를|아|어|여|면|서는|서|선)$"
)
_PARTICLE = re.compile(r"(?:으로|에게|에서|을|를|은|는|이|가|에|의|로|도|만)$")
_ADVERBS = frozenset(
    {"반드시", "꼭", "즉시", "먼저", "미리", "직접", "모두", "항상", "각각", "다시", "따로", "별도로", "함께"}
)
_LIGHT = ("", "하", "할", "되", "될")
_LIGHT_WITH_OBJECT = ("받", "주", "얻", "내", "거치", "갖")


@dataclass(frozen=True)
class Claim:
    """One predicate with its sense."""

    stem: str
    """First two syllables of the predicate; empty where none is named (`불가능합니다`)."""
    sense: Sense


def claims_of(sentence: str) -> list[Claim]:
    """Return the modal and negated predicates of a sentence in order."""
    text = without_conditions(_BOUND.sub(" ", sentence))
    found: list[tuple[int, Claim]] = []
    taken: list[tuple[int, int]] = []
    for sense, pattern in _COMPILED:
        for match in pattern.finditer(text):
            span = (match.end() - 3, match.end())
            if any(start < span[1] and span[0] < end for start, end in taken):
                continue
            taken.append((match.end() - 6, match.end()))
            found.append((match.end(), Claim(_stem(match["word"] or ""), sense)))
    return [claim for _, claim in sorted(found, key=lambda pair: pair[0])]


def contradicts(one: Sense, other: Sense) -> bool:
    """Whether two senses of one predicate cannot both hold."""
    return frozenset((one, other)) in _CONTRADICTIONS


def is_conditional(sentence: str) -> bool:
    """Whether the sentence hangs on a negated condition, so that its polarity says little by itself."""
    return bool(_CONDITION.search(sentence))


def without_conditions(sentence: str) -> str:
    """The sentence without its negated conditions and attributes: `사용하지 않은 휴가는` says nothing of 휴가."""
    return _ADNOMINAL.sub(" ", _CONDITION.sub(" ", _CONCESSION.sub(" ", sentence)))


def _stem(phrase: str) -> str:
    """`휴가를 사용할` -> 사용; `재택근무를 할` -> 재택; `받을` -> 받; `쓸` -> 쓰."""
    words = phrase.split()
    while words:
        whole = words.pop()
        if whole in _ADVERBS:
            continue
        word = _TAIL.sub("", whole)
        if word == whole and word[-1] in _ENDS_IN_RIEUL:
            word = word[:-1] + chr(ord(word[-1]) - _RIEUL)
        word = _TAIL.sub("", _PARTICLE.sub("", word)) if len(word) > 1 else word
        if word not in _LIGHT and not (word in _LIGHT_WITH_OBJECT and words):
            return word[:2]
    return ""


_CONTRADICTIONS = frozenset(
    frozenset(pair)
    for pair in (
        ("may", "must_not"),
        ("may", "must"),
        ("must", "must_not"),
        ("must", "need_not"),
        ("may", "not"),
        ("must", "not"),
    )
)
