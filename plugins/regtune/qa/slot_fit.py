"""Which of a chunk's amounts of one kind a question asks for: how well each of them answers to it.

In: a case, an amount of its answer. Out: by how much another amount of the chunk fits the question better. A word
counts by how few of the slots it names, as inverse document frequency does over documents; what names every slot tells
none from another.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from regtune.korean.everyday import in_words_of
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_rate, same_value, values_of, within
from regtune.korean.vocabulary import SILENT
from regtune.qa.case import Case
from regtune.qa.sentences import equals_of
from regtune.qa.slots import Slot, dimension, slots_of

_WORDS = re.compile(r"[가-힣A-Za-z]+")
_OWN, _SHARED, _AROUND = 1.0, 1.0, 0.5
_SHARED_BESIDE = 0.5
"""What all of an enumeration shares where the word names one of it."""
_FROM_ANSWER = 0.5
"""What a word counts that only the answer's clause has."""
_HEADED = 0.3
"""What a word of the article's heading counts, which is about all of it."""
_SAME_CASE, _OTHER_CASE = 2.0, -3.0
_SAME_BOUND, _OTHER_BOUND = 0.7, -1.0
_SAME_RATE, _OTHER_RATE = 1.0, -1.0
_EXCEPTION, _EXACT, _TIGHTEST = -0.7, 0.7, 0.6
_TURNS = ("째", "차")
_HEAD_NOUN = 2.0
_QUESTION_WORD = re.compile(r"얼마|며칠|몇\s?|언제")
_LEAST = re.compile(r"최소|적어도|최저|하한")
_MOST = re.compile(r"최대|최장|최고|상한|한도|(?:얼마|며칠|몇\s?\S{1,3})까지")
_ASKED = re.compile(r"(?:며칠|몇\s?[가-힣%]{1,3}?)\s?(?P<bound>이상|이하|미만|초과|이내|안에|전(?:까지|에))")
_FLOORS, _CEILINGS = ("이상", "초과"), ("이하", "이내", "미만")
_SHORT = 2
_MOST_READ, _MOST_CASES = 400, 8
"""No person's question is longer or names more amounts; without a limit a hostile one takes half a minute."""
_LETTER = re.compile(r"(?<![가-힣])[가-하](?![가-힣])")
_LIMITS = frozenset({"한도", "상한", "하한", "최대", "최소", "최장", "최고", "최저"})
"""`_bound_fit` weighs these."""
_RANKS = frozenset({"사원"})
_GRADE = r"(?:등급|급|호|류|군|항|목|지역)"


def outbid(case: Case, quantity: Quantity, clause: str) -> tuple[float, float, Slot | None]:
    """By how much a rival of an amount fits the question better, and by how much it fits worse elsewhere.

    Args:
        case: the pair.
        quantity: an amount of the answer that the chunk states.
        clause: the clause of the answer around it.
    """
    slots = [slot for slot in slots_of(case) if dimension(slot.quantity) == dimension(quantity)]
    if case.place:  # of a tier or a row that the pair names, only what stands in it
        there = [slot for slot in slots if any(same_value(slot.quantity, q) for q in case.place.quantities)]
        slots = there if any(same_value(slot.quantity, quantity) for slot in there) else slots
    own = [slot for slot in slots if same_value(slot.quantity, quantity) and same_rate(slot.quantity, quantity)]
    rivals = [
        slot
        for slot in slots
        if not (slot in own or slot.tells_when or _is_known(case, slot.quantity) or case.sets_aside(slot.own))
    ]
    if not own or not rivals:
        return 0.0, 0.0, None
    weights = _weights(case, clause, slots)
    tightest = _tightest(case, slots)
    rated = {
        id(slot): _evidence(case, slot, weights, slots) | {" tight": tightest.get(id(slot), 0.0)} for slot in slots
    }
    worst: tuple[float, float, Slot | None] = (0.0, 0.0, None)
    for rival in rivals:
        gain, loss = min((_compared(rated[id(rival)], rated[id(slot)]) for slot in own), key=lambda p: p[0] - p[1])
        if worst[2] is None or gain - loss > worst[0] - worst[1]:
            worst = gain, loss, rival
    return worst


def _tightest(case: Case, slots: Sequence[Slot]) -> dict[int, float]:
    """Of the floors that a case lies above the highest tells: 40 days are `30일 이상` and not merely `7일 이상`."""
    floors = {
        id(slot): max(floor)
        for slot in slots
        if _case_fit(case, slot) > 0
        and (
            floor := [
                _size(c)
                for c in slot.conditions
                if c.bound in _FLOORS and any(within(q, [c]) for q in case.question_quantities[:_MOST_CASES])
            ]
        )
    }
    highest = max(floors.values(), default=None)
    return {slot: _TIGHTEST for slot, floor in floors.items() if floor == highest and len(set(floors.values())) > 1}


def _compared(rival: dict[str, float], own: dict[str, float]) -> tuple[float, float]:
    differences = [rival[name] - own[name] for name in rival]
    return sum(d for d in differences if d > 0), -sum(d for d in differences if d < 0)


def _size(quantity: Quantity) -> Decimal:
    return next(iter(values_of([quantity])))[0]


def _is_known(case: Case, quantity: Quantity) -> bool:
    """The question names it, or the answer states it too."""
    named = (*case.question_quantities, *case.answer_quantities)
    return any(same_value(quantity, other) and same_rate(quantity, other) for other in named)


def _weights(case: Case, clause: str, slots: Sequence[Slot]) -> dict[str, float]:
    """Words of question and answer clause that name some of the slots, with what they count."""
    assert case.source is not None
    heading = squeezed(" ".join(case.source.chunk.path)).lower()
    asked = dict.fromkeys(_words(case, case.question, slots), 1.0)
    asked |= {word: _HEAD_NOUN for word in asked if _names(_head_nouns(case.question), word)}
    weights = {}
    for word, factor in {**dict.fromkeys(_words(case, clause, slots), _FROM_ANSWER), **asked}.items():
        levels = [_level(slot, word, slots) for slot in slots]
        if not any(levels) or len(set(levels)) == 1:
            continue
        named = sum(level == 1 for level in levels) or sum(level > 0 for level in levels)
        labels = sum(_names(slot.label, word) for slot in slots) == 1 < len(slots)
        known = _HEADED if not labels and any(equal in heading for equal in equals_of(word)) else 1.0
        weights[word] = factor * known * math.log((1 + len(slots)) / named)
    return weights


def _head_nouns(question: str) -> str:
    """What the question word asks of: 근속기간이 in `휴직하려면 근속기간이 얼마나 되어야 합니까`."""
    match = _QUESTION_WORD.search(question)
    return " ".join(question[: match.start()].split()[-1:]) if match else ""


def _words(case: Case, text: str, slots: Sequence[Slot]) -> list[str]:
    """Terms of the text, and words of the slots that stand in it; of two that overlap the longer one."""
    text = text[:_MOST_READ]
    written, text = in_words_of(text, " ".join(slot.own for slot in slots))
    flat = squeezed(text).lower()
    names = {noun for slot in slots for noun in case.corpus.nouns(slot.own)}
    names |= {word for slot in slots if slot.in_table for word in _bare_words(slot.label)}
    names = {word for word in names if word not in SILENT or word in _RANKS} - _LIMITS
    held = {word for word in _bare_words(text) if len(word) > _SHORT and any(word in slot.own for slot in slots)}
    held |= {word for word in names if len(word) >= _SHORT and _starts(word, text.lower())}
    letters = {
        letter
        for slot in slots
        for letter in _LETTER.findall(slot.own)
        if re.search(rf"(?<![가-힣]){letter}\s?{_GRADE}", text)
    }
    held |= {word for word in written if len(word) >= _SHORT}
    found: list[str] = []
    for word in sorted({*case.corpus.terms(text), *held} - _LIMITS, key=lambda w: (-len(w), w)):
        if not any(word in longer and flat.count(word) <= flat.count(longer) for longer in found):
            found.append(word)
    return [*found, *sorted(letters)]


def _bare_words(text: str) -> list[str]:
    return [
        re.sub(r"(?<=..)(?:에게는|에게|에는|은|는|이|가|을|를|의|에|로|으로|과|와)$", "", w)
        for w in _WORDS.findall(text.lower())
    ]


def _starts(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<![가-힣A-Za-z]){re.escape(word)}", text))


def _names(text: str, word: str) -> bool:
    """Whether a word of the text begins with it or with one that says the same."""
    text = text.lower()
    if len(word) == 1 and _LETTER.fullmatch(word):
        return bool(re.search(rf"(?<![가-힣]){word}(?![가-힣])|(?<![가-힣]){word}{_GRADE}", text))
    return any(
        _starts(equal, text) if len(equal) <= _SHORT else equal in text for equal in equals_of(word) if len(equal) > 1
    )


def _level(slot: Slot, word: str, slots: Sequence[Slot]) -> float:
    if _names(slot.own, word):
        return _OWN
    if _names(slot.shared, word):
        return _SHARED_BESIDE if any(_names(other.label, word) for other in slots) else _SHARED
    return _AROUND if _names(slot.around, word) else 0.0


def _evidence(case: Case, slot: Slot, weights: dict[str, float], slots: Sequence[Slot]) -> dict[str, float]:
    heads = _head_nouns(case.question)
    found = {
        word: weight * (float(word in slot.own) if word in heads else _level(slot, word, slots))
        for word, weight in weights.items()
    }
    return found | {
        " case": _case_fit(case, slot),
        " bound": _bound_fit(case, slot),
        " rate": _rate_fit(case, slot),
        " exception": _exception_fit(case, slot),
        " exact": _exact_fit(case, slot),
    }


def _case_fit(case: Case, slot: Slot) -> float:
    """Whether the amounts of the question are those that the slot is for."""
    total = 0.0
    for named in case.question_quantities[:_MOST_CASES]:
        asked = replace(named, unit="회") if named.unit in _TURNS else named
        met = within(asked, slot.conditions)
        if met is None and any(same_value(asked, other) for other in slot.conditions):
            met = True
        if met is None and named.unit in ("월", "월일"):
            met = _in_months(named, slot.conditions)
        if met is not None:
            total += _SAME_CASE if met else _OTHER_CASE
    return total


def _in_months(named: Quantity, conditions: Sequence[Quantity]) -> bool | None:
    """Whether August lies in `7월부터 12월 사이`; None where the slot has no two months."""
    months = [condition.value for condition in conditions if condition.unit == "월"]
    month = named.value if named.unit == "월" else named.value // 100
    return min(months) <= month <= max(months) if len(months) > 1 else None


def _exact_fit(case: Case, slot: Slot) -> float:
    """A cell whose row and column the question names in full: 배우자 and not 배우자의 부모."""
    nouns = case.corpus.nouns(slot.label) if slot.in_table else []
    named = all(any(equal in case.question for equal in equals_of(noun)) for noun in nouns)
    return _EXACT if nouns and named else 0.0


def _bound_fit(case: Case, slot: Slot) -> float:
    asked = _ASKED.search(case.question)
    if asked:
        bound = asked["bound"]
        if bound.startswith("전"):
            return _SAME_BOUND if slot.quantity.side == "전" else _OTHER_BOUND
        kinds = next(kinds for kinds in (("이상",), ("초과",), ("미만",), ("이하", "이내", "안에")) if bound in kinds)
        if slot.quantity.side == "전":
            return _OTHER_BOUND
        return _SAME_BOUND if slot.quantity.bound in kinds else 0.0 if bound == "안에" else _OTHER_BOUND
    least, most = _LEAST.search(case.question), _MOST.search(case.question)
    if bool(least) == bool(most) or slot.quantity.bound is None:
        return 0.0
    return _SAME_BOUND if slot.quantity.bound in (_FLOORS if least else _CEILINGS) else _OTHER_BOUND


def _rate_fit(case: Case, slot: Slot) -> float:
    read = read_quantities(case.question.replace("몇", "3").replace("며칠", "3일"))
    per = next((quantity.per for quantity in read if quantity.per), None)
    if per is None or slot.quantity.per is None:
        return 0.0
    return _SAME_RATE if per == slot.quantity.per else _OTHER_RATE


def _exception_fit(case: Case, slot: Slot) -> float:
    """A proviso's amount is not what a question without its case asks for."""
    if not slot.is_exception:
        return 0.0
    special = [w for w in case.corpus.nouns(slot.own) if not _names(slot.shared, w)]
    said = f"{case.question} {case.answer}"
    return 0.0 if not special or any(_names(said, word) for word in special) else _EXCEPTION
