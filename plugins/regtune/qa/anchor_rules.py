"""The rule on where a period begins: `학기 시작일부터 30일` is not `등록금 납부일부터 30일`.

Reason: wrong_unit_or_period. What a period is counted from stands right before it: `사유가 발생한 날부터 30일`. An
answer that states the chunk's amount and counts it from the opposite event, or from another one that the chunk knows
of, states another period.
"""

import re
from collections.abc import Sequence

from regtune.korean.citations import without_citations
from regtune.korean.everyday import names_of
from regtune.korean.normalise import folded
from regtune.korean.quantities import Quantity, read_quantities, same_value
from regtune.qa.case import Case
from regtune.qa.sentences import equals_of

_FROM = re.compile(
    r"(?P<event>(?:[^\s,.()]+\s){0,3}[^\s,.()]+?)(?:의\s다음\s?날)?(?:으?로부터|부터)\s?"
    r"(?:세어|계산하여|계산해|기산하여)?\s?$"
)
_LIGHT = frozenset({"날", "일", "때", "후", "뒤", "다음", "하", "되", "것", "경우", "로", "하루", "이후", "시점", "그"})
_GENERAL = re.compile(r"사유|해당|경우")
"""`사유발생일` is the day of whatever it is about."""
_OPPOSITES = (
    (re.compile(r"시작|개시|착수|출발|출국|떠나|떠난"), re.compile(r"마친|마치|종료|끝|만료|완료|귀국|복귀|귀임|돌아")),
    (re.compile(r"입사|채용|임용"), re.compile(r"퇴사|퇴직|사직")),
    (re.compile(r"신청한|제출한|신청일|제출일|낸\s"), re.compile(r"승인|통지|통보|결정|허가")),
)


def anchor(case: Case) -> list[str]:
    """Judge what each period of the answer is counted from."""
    if case.source is None:
        return []
    answer = folded(without_citations(case.pair.answer))
    for quantity in read_quantities(answer):
        said = _event(answer, quantity)
        held = [
            event
            for sentence in case.source.sentences
            for other in sentence.quantities
            if same_value(quantity, other) and (event := _event(sentence.text, other))
        ]
        if said and held and all(_another(case, said, event) for event in held):
            case.figures["counted_from"] = f"{said.strip()} / {held[0].strip()}"
            return ["wrong_unit_or_period"]
    return []


def _event(text: str, quantity: Quantity) -> str:
    match = _FROM.search(text[: quantity.start])
    return match["event"] if match else ""


def _another(case: Case, said: str, written: str) -> bool:
    """Whether two events are opposites, or have no word in common although the chunk knows both."""
    for one, other in _OPPOSITES:
        if (one.search(said) and other.search(written)) or (other.search(said) and one.search(written)):
            return True
    ours, theirs = _words(case, said), _words(case, written)
    if not ours or not theirs or names_of(said) & set(theirs):
        return False
    if _GENERAL.search(written):
        return False
    assert case.source is not None
    known = any(case.source.holds(word) for word in ours if len(word) > 1)
    return known and not any(
        one[:2] == other[:2] or equals_of(one) & equals_of(other) for one in ours for other in theirs
    )


def _words(case: Case, event: str) -> Sequence[str]:
    return [word for word in case.corpus.tagger.content(event) if word not in _LIGHT]


RULES = (anchor,)
