"""Who decides, is passed, is told or is in charge by an answer, where the texts name somebody else.

In: an answer with its texts (Beside). Out: who, and for what. Names of units and offices are told by their last
syllables (`…팀`, `…위원회`, `…과장`); a person without an office is not seen, and is left to the judge.
"""

import re
from collections.abc import Sequence

from regtune.benchmark.beside import Beside, sentences_of
from regtune.korean.citations import without_citations

_WHO = r"(?<![가-힣])(?P<who>[가-힣]{1,10}(?:장|팀|위원회|이사|담당자|위원|의사))"
_ACTS = r"(?P<act>승인|허가|결재|심의|의결|동의|결정|위촉|추천|면담|검토)"
_DECIDES = re.compile(rf"{_WHO}(?:이|가|께서|에서|의|은|는)\s(?:최종\s|먼저\s|사전\s|서면\s|추가로\s)?{_ACTS}")
_PASSES = re.compile(rf"{_WHO}(?:을|를)\s(?P<act>거쳐|거친|거치)")
_REACH = 30
"""Characters between somebody and what he does, in one sentence of a rule."""
_TO = (
    r"(?<![가-힣])(?P<who>[가-힣]{1,10}(?:(?:장|이사|자|직원|상담원)(?=에게|께)|팀|위원회))(?:에게|께|에|으?로)\s"
    rf"(?:(?!에게\s|팀에\s|께\s|받|거쳐|얻)[^.\n]){{0,{_REACH}}}?"
)
_ADDRESSED = {
    "알림": re.compile(rf"{_TO}(?:알[리려립린]|통[보지]|보고|연락|전화)"),
    "신고": re.compile(rf"{_TO}신고"),
    "제출": re.compile(rf"{_TO}(?:제출|접수|신청|요청|전달|보[내낸냅]|내[야면고며]|냅|낸)"),
    "반환": re.compile(rf"{_TO}(?:돌려\s?[주줍준줄]|반환|반납)"),
}
"""Ways to turn to somebody; within one of them the verbs stand for one another."""
_SENDS_ON = re.compile(r"문의|상담|궁금|자세한|확인해|(?:주세요|바랍니다)")
"""`인사팀에 연락해 주세요` is no step of a procedure."""
_HEAD_OF_A_UNIT = frozenset({"팀장", "부서장", "부장", "소속장", "소속부서장", "본부장"})
_UNIT = re.compile(
    r"(?<![가-힣])(?P<who>[가-힣]{1,8}(?:팀장|본부장|부서장|실장|과장|파트장|국장|센터장|위원장|팀|위원회|본부|센터|대표이사)"
    r"|부서장|본부장|팀장|대표이사|부사장|사장)"
    r"(?=[은는이가을를의과와도]?(?:[\s,.)]|$)|에|께|으?로\s|입니다|이며|이고|이다|이라)"
)
_ANY_UNIT = re.compile(r"^(?:담당|해당|소속|관련|주관|우리|각|현|어느|같은|한|타|다른)?팀장?$|^(?:담당|해당|소속)")
"""`담당팀` names nobody."""
_IN_CHARGE = re.compile(r"(?<![가-힣])(?P<what>[가-힣]{2,6})\s?담당자")
_OFFICE = re.compile(r"(?:팀장|팀|과장|실장|담당자)$")
_THE_TOP = frozenset({"대표이사", "사장"})
_DUTY = re.compile(r"야\s(?:하|합|한|됩|된|해)|승인|허가|허락|결재|동의")
_NOT_HIM = re.compile(r"(?:이|가)?\s?아(?:니라|니고|닌|니며|닙니다)")


def others_in_charge(beside: Beside) -> list[str]:
    """Everyone whom the answer puts in the stead of whom the texts name, with what he is said to do."""
    found = [f"{who}: {act}" for who, act in (*_deciding(beside), *_addressed(beside))]
    told = {one.split(":", 1)[0] for one in found}
    return found + [f"{who}: {what}" for who, what in (*_unknown(beside), *_denied(beside)) if who not in told]


def _texts(beside: Beside) -> str:
    return f"{beside.question}\n{beside.reference}\n{beside.article}"


def _deciding(beside: Beside) -> list[tuple[str, str]]:
    """Who decides, or is passed, by the answer, where the texts give the act to others alone."""
    texts = _texts(beside)
    found = []
    for form in (_DECIDES, _PASSES):
        acting = {match["act"] for match in form.finditer(texts)}
        for match in form.finditer(without_citations(beside.answer)):
            does = re.compile(rf"{match['who']}(?![을를]\s)[^.\n]{{0,{_REACH}}}{match['act']}")
            if form is _PASSES:
                does = re.compile(rf"{match['who']}(?:[을를]|\s?(?:및|와|과|,))[^.\n]{{0,{_REACH}}}{match['act']}")
            if match["act"] in acting and not does.search(texts):
                found.append((match["who"], match["act"]))
    return found


def _addressed(beside: Beside) -> list[tuple[str, str]]:
    """Who is told, or gets a paper, by the answer, where the texts name others alone for it."""
    texts = _texts(beside)
    found = []
    for act, form in _ADDRESSED.items():
        named = {match["who"] for match in form.finditer(texts)}
        for sentence in _own_sentences(beside):
            told = [match["who"] for match in form.finditer(sentence)]
            found += [(who, act) for who in told if named and not _is_among(who, named)]
    return found


def _unknown(beside: Beside) -> list[tuple[str, str]]:
    """Units and offices that no text names, where reference answer or article name others or a duty is made of it."""
    texts = f"{_texts(beside)}\n{beside.place}"
    known, in_charge = _units(texts), {match["what"] for match in _IN_CHARGE.finditer(texts)}
    named = bool(_units(f"{beside.reference}\n{beside.article}"))
    told = [who for sentence in _own_sentences(beside) if named or _DUTY.search(sentence) for who in _units(sentence)]
    told = [who for who in dict.fromkeys(told) if who not in _HEAD_OF_A_UNIT]
    return [(who, "not named") for who in told if not _is_among(who, known) and _OFFICE.sub("", who) not in in_charge]


def _denied(beside: Beside) -> list[tuple[str, str]]:
    """`정보보안팀이 아니라 부서장에게` where the reference answer names 정보보안팀 and denies nothing of it."""
    named = _units(beside.reference)
    return [
        (match["who"], "denied")
        for match in _UNIT.finditer(beside.answer)
        if _NOT_HIM.match(beside.answer, match.end())
        and match["who"] in named
        and not re.search(rf"{match['who']}(?:이|가)?\s?아(?:니|닌|닙)", beside.reference)
    ]


def _units(text: str) -> list[str]:
    return [match["who"] for match in _UNIT.finditer(without_citations(text)) if not _ANY_UNIT.match(match["who"])]


def _own_sentences(beside: Beside) -> list[str]:
    """Of the answer, without those that only say where to ask."""
    return [one for one in sentences_of(without_citations(beside.answer)) if not _SENDS_ON.search(one)]


def _is_among(who: str, named: Sequence[str] | set[str]) -> bool:
    return any(_is_the_same(who, other) for other in named)


def _is_the_same(who: str, other: str) -> bool:
    """`인사팀` is `인사총무팀`, whose syllables it holds in order; a 팀장 is a 부서장."""
    if any(who in names and other in names for names in (_HEAD_OF_A_UNIT, _THE_TOP)):
        return True
    short, long = sorted((name.replace("위원장", "위원회") for name in (who, other)), key=len)
    left = iter(long)
    return all(syllable in left for syllable in short)
