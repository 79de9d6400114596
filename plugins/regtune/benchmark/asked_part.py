"""Which figures of a reference answer the question asks for, where the reference answer tells more than that.

In: the question and the reference answer (Beside). Out: the quantities that an answer may leave out. `월 6시간입니다`
answers `한 달에 몇 시간까지`, though the reference answer has `1회 2시간, 월 6시간`. Of a proviso nothing may be left
out, and nothing of what stands in one clause with the figure that is asked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regtune.benchmark.beside import Beside, clauses_of, content_words, is_in, sentences_of
from regtune.korean.moments import read_moments
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, read_quantities
from regtune.korean.quantity_grammar import NAMED_PERIODS, PERIOD

_MONEY = r"(?:비|금|료|수당|급여|비용|식대|돈|금액)"
_UNITS_ASKED: Mapping[str, frozenset[str]] = {
    r"며칠|몇\s?일": frozenset({"일", "영업일"}),
    r"몇\s?시간": frozenset({"시간", "분"}),
    r"몇\s?(?:번|회|차례)|얼마나\s자주|횟수": frozenset({"회"}),
    r"몇\s?명": frozenset({"명"}),
    r"몇\s?(?:퍼센트|%|프로)": frozenset({"%"}),
    r"몇\s?(?:개월|달|년)": frozenset({"개월", "년"}),
    rf"{_MONEY}(?:[은는이가을를]|으로|로)?\s(?:[가-힣]+\s)*얼마|얼마를|얼마나\s받": frozenset({"원", "%", "배"}),
}
"""How a question shows what its answer is counted in."""
_ASKS_MORE = re.compile(r"언제|어떻게|조건|요건|무엇|어떤")
_ASKED_AT = re.compile(r"몇|며칠|얼마|언제")
_TOPIC = re.compile(r"^.*[가-힣][은는]\s")
_PROVISO = re.compile(r"^\s*(?:다만|단)[,\s]")


@dataclass(frozen=True)
class _Part:
    """A clause of the reference answer with figures."""

    text: str
    quantities: tuple[Quantity, ...]


def optional_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the reference answer that are not asked for."""
    if beside.whole:
        return []
    parts = _parts(beside)
    asked = _of_the_units(beside, parts) or _of_the_period(beside, parts) or _of_the_label(beside, parts)
    return [one for part in parts if asked and part not in asked for one in part.quantities]


def _parts(beside: Beside) -> list[_Part]:
    """Clauses that hold a wanted quantity or a point in time, but for those of a proviso."""
    found = []
    moments = read_moments(beside.reference)
    provisos = [sentence for sentence in sentences_of(beside.reference) if _PROVISO.match(sentence)]
    spans = [(at, at + len(text)) for text in provisos if (at := beside.reference.find(text)) >= 0]
    for start, end in clauses_of(beside.reference):
        if any(first <= start < last for first, last in spans):
            continue
        held = tuple(one for one in beside.wanted if start <= one.start < end)
        if held or any(start <= moment.start < end for moment in moments):
            found.append(_Part(beside.reference[start:end], held))
    return found


def _of_the_units(beside: Beside, parts: list[_Part]) -> list[_Part]:
    """Those counted in what is asked for, when it is asked for alone."""
    if _ASKS_MORE.search(beside.question):
        return []
    units = frozenset[str]().union(*(u for form, u in _UNITS_ASKED.items() if re.search(form, beside.question)))
    asked = [part for part in parts if any(one.unit in units for one in part.quantities)]
    narrower = _of_the_period(beside, asked) or _of_the_label(beside, asked)
    return narrower or (asked if len(asked) < len(parts) else [])


def _of_the_period(beside: Beside, parts: list[_Part]) -> list[_Part]:
    """Those that count in the question's period: 월 6시간 of `한 달에 몇 시간`."""
    period = _period_asked(beside.question)
    asked = [part for part in parts if any(one.per is not None and one.per[1] == period for one in part.quantities)]
    others = [part for part in parts if part not in asked]
    if not period or not all(one.per is not None for part in others for one in part.quantities):
        return []
    return asked if others else []


def _period_asked(question: str) -> str | None:
    for one in read_quantities(question):
        if one.each:
            return {"년": "개월", "주": "일"}.get(one.unit, one.unit)
    at = _ASKED_AT.search(question)
    named = PERIOD.search(question[: at.start()]) if at else None
    return next((unit for i, (_, _, unit) in enumerate(NAMED_PERIODS) if named[f"p{i}"]), None) if named else None


def _of_the_label(beside: Beside, parts: list[_Part]) -> list[_Part]:
    """The one clause of several alike that holds words of the question which the others lack: 팀장 35만원."""
    question = squeezed(beside.question)
    texts = _without_shared_topic([part.text for part in parts])
    own = [[word for word in words if is_in(word, question)] for words in own_words(texts)]
    named = [part for part, words in zip(parts, own, strict=True) if words]
    others = [part for part, words in zip(parts, own, strict=True) if not words]
    labelled = all(any(not is_in(word, question) for word in content_words(part.text)) for part in others)
    return named if len(named) == 1 and others and labelled else []


def own_words(texts: Sequence[str]) -> list[list[str]]:
    """Content words of each text that no other one holds."""
    plain = [squeezed(text) for text in texts]
    return [
        [
            word
            for word in content_words(text)
            if not any(is_in(word, other) for place, other in enumerate(plain) if place != index)
        ]
        for index, text in enumerate(texts)
    ]


def _without_shared_topic(texts: list[str]) -> list[str]:
    """`직책수당은 본부장 60만원`, `팀장 35만원`: the topic of the first is that of all."""
    if len(texts) > 1 and not any(_TOPIC.search(text) for text in texts[1:]):
        return [_TOPIC.sub("", texts[0]), *texts[1:]]
    return texts
