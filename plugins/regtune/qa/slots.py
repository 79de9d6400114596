"""Which of a chunk's amounts of one kind a question asks for.

In: a case. Out: its slots (an amount with the words that name it, its clause and its case), each with how much of the
question it answers to. An amount is named by the words of its own clause, back to the amount of its kind before it:
`일비는 1일당 2만원, 식비는 1일당 3만원` has two. A word counts by how few of the slots it names, as inverse document
frequency does over documents; what names every slot tells none from another.
"""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_rate, same_value, values_of, within
from regtune.korean.vocabulary import SILENT
from regtune.qa.case import Case
from regtune.qa.corpus import Sentence, equals_of

_BREAK = re.compile(
    r"(?<=\D),\s+|;\s*|(?<=[가-힣](?:하고|하며|하되|이며|이고|되며|되고|되되|리고|리며|니며|내고|내며))\s+"
)
_WORDS = re.compile(r"[가-힣A-Za-z]+")
_OWN, _SHARED, _AROUND = 1.0, 1.0, 0.5
_FROM_ANSWER = 0.5
"""What a word counts that only the answer's clause has."""
_HEADED = 0.3
"""What a word of the article's heading counts, which is about all of it."""
_SAME_CASE, _OTHER_CASE = 2.0, -3.0
_SAME_BOUND, _OTHER_BOUND = 0.7, -1.0
_SAME_RATE, _OTHER_RATE = 1.0, -1.0
_EXCEPTION, _EXACT, _TIGHTEST = -0.7, 0.7, 0.6
_LISTS = re.compile(r"다음\s(?:각\s?호|각\s?목|의)")
_POINTS = ("시각", "날짜", "월일")
_TURNS = ("째", "차")
_HEAD_NOUN = 2.0
_QUESTION_WORD = re.compile(r"얼마|며칠|몇\s?|언제")
_LEAST = re.compile(r"최소|적어도|최저|하한")
_MOST = re.compile(r"최대|최장|최고|상한|한도|(?:얼마|며칠|몇\s?\S{1,3})까지")
_ASKED = re.compile(r"(?:며칠|몇\s?[가-힣%]{1,3}?)\s?(?P<bound>이상|이하|미만|초과|이내|안에|전(?:까지|에))")
_FLOORS, _CEILINGS = ("이상", "초과"), ("이하", "이내", "미만")
_FIRST = re.compile(r"(?:처음|최초|첫)(?:의)?\s?$")
_THEN = re.compile(r"그\s?(?:후|이후|뒤|다음)")
_CONDITION = re.compile(
    r"\s?(?:간|동안)?\s?(?:(?:까지|부터|이후)(?:는|에는)?(?=[\s,:])"
    r"|(?:[을를이가]\s)?(?:초과|이상|이하|미만|이내|넘)[가-힣]{0,2}\s?(?:때|경우|기간|직원|사람|자(?![가-힣])|날|면|시간))"
)
_AFTER_AMOUNT = re.compile(r"^\s?(?:이내|이하|이상|미만|초과|씩|까지|[을를은는이가에의로]|으로|에는|에게)*")
_LISTED = re.compile(r"(?:[과와,·]|^및|^또는)$")
_SHORT = 2
_MOST_READ, _MOST_CASES = 400, 8
"""No person's question is longer or names more amounts; without a limit a hostile one takes half a minute."""
_LONGEST_NAME = 6
_LETTER = re.compile(r"(?<![가-힣])[가-하](?![가-힣])")
_LIMITS = frozenset({"한도", "상한", "하한", "최대", "최소", "최장", "최고", "최저"})
"""`_bound_fit` weighs these."""
_RANKS = frozenset({"사원"})
_GRADE = r"(?:등급|급|호|류|군|항|목|지역)"


@dataclass(frozen=True)
class Slot:
    """One amount of a chunk."""

    quantity: Quantity
    label: str
    """The words before it that name it."""
    own: str
    """Its label, and the predicate that it does not share."""
    shared: str
    """What it shares with others of an enumeration: the words before the first, the predicate after the last."""
    around: str
    """The rest of its sentence, and what that hangs on."""
    conditions: tuple[Quantity, ...]
    """Other amounts of its clause: the case that it is for."""
    is_exception: bool
    """Whether a proviso states it."""
    in_table: bool
    tells_when: bool
    """`29주부터 36주까지는` and `8시간을 초과한 때에는` tell when, not how much."""


def outbid(case: Case, quantity: Quantity, clause: str) -> tuple[float, float, Slot | None]:
    """By how much a rival of an amount fits the question better, and by how much it fits worse elsewhere.

    Args:
        case: the pair.
        quantity: an amount of the answer that the chunk states.
        clause: the clause of the answer around it.
    """
    slots = [slot for slot in slots_of(case) if _dimension(slot.quantity) == _dimension(quantity)]
    own = [slot for slot in slots if same_value(slot.quantity, quantity) and same_rate(slot.quantity, quantity)]
    rivals = [slot for slot in slots if slot not in own and not slot.tells_when and not _is_known(case, slot.quantity)]
    if not own or not rivals:
        return 0.0, 0.0, None
    weights = _weights(case, clause, slots)
    tightest = _tightest(case, slots)
    rated = {id(slot): _evidence(case, slot, weights) | {" tight": tightest.get(id(slot), 0.0)} for slot in slots}
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


def is_condition(text: str, quantity: Quantity) -> bool:
    """`29주부터 36주까지는` and `8시간을 초과한 때에는` tell when, not how much."""
    return bool(_CONDITION.match(text, quantity.end))


def slots_of(case: Case) -> list[Slot]:
    """Every amount of the chunk with what it is named by."""
    assert case.source is not None
    sentences = case.source.sentences
    return [slot for sentence in sentences for slot in _in_sentence(sentence, _items_of(sentence, sentences))]


def _items_of(sentence: Sentence, sentences: Sequence[Sentence]) -> str:
    """What `다음 각 호의 어느 하나에 해당하는 직원` stands for."""
    if not _LISTS.search(sentence.text):
        return ""
    return " ".join(other.text for other in sentences if other.lead.endswith(sentence.text))


def _in_sentence(sentence: Sentence, items: str) -> list[Slot]:
    amounts = read_quantities(sentence.text)
    kinds = list(dict.fromkeys(_dimension(quantity) for quantity in amounts))
    return [slot for kind in kinds for slot in _of_kind(sentence, items, amounts, kind)]


def _of_kind(sentence: Sentence, items: str, amounts: Sequence[Quantity], kind: str) -> list[Slot]:
    """Slots of one kind."""
    text = sentence.text
    parts = _parts(text, amounts, kind)
    tails = [text[inside[-1].end : end] for _, end, inside in parts]
    bare = [not _content(tail) for tail in tails]
    head, names = _named(text, parts, enumerates=bare[0])
    slots: list[Slot] = []
    tier: tuple[Quantity, ...] = ()
    for index, (start, end, inside) in enumerate(parts):
        others = [q for q in amounts if start <= q.start < end and _dimension(q) != kind and not q.each]
        conditions = tuple(_tiered(text, q) for q in others)
        if _THEN.match(text[start:end].strip()):
            conditions += tuple(replace(q, bound="초과") for q in tier)
        tier = tuple(q for q in conditions if q.bound == "이하" and _FIRST.search(text[: q.start])) or tier
        tail = next((tails[i] for i in range(index, len(parts)) if not bare[i]), tails[-1])
        between = "".join(text[one.end : other.start] for one, other in itertools.pairwise(inside))
        own = f"{names[index]} {between} {'' if bare[index] else tail} {items}"
        shared = f"{head if index == 0 or bare[index - 1] else ''} {tail if bare[index] else ''} {sentence.main}"
        slots += [
            Slot(
                quantity=quantity,
                label=_plain(names[index]),
                own=_plain(own),
                shared=_plain(shared),
                around=_plain(f"{text[:start]} {text[end:]} {sentence.lead}"),
                conditions=conditions,
                is_exception=bool(sentence.main),
                in_table=sentence.in_table,
                tells_when=quantity.unit not in _POINTS and is_condition(text, quantity),
            )
            for quantity in inside
        ]
    return slots


def _parts(text: str, amounts: Sequence[Quantity], kind: str) -> list[tuple[int, int, list[Quantity]]]:
    """Start, end and amounts of each clause with such an amount; clauses before it that have none are a part of it."""
    ends = sorted({*(match.end() for match in _BREAK.finditer(text)), *_asides(text, amounts, kind), len(text)})
    parts: list[tuple[int, int, list[Quantity]]] = []
    start = 0
    for clause_start, clause_end in itertools.pairwise([0, *ends]):
        inside = [q for q in amounts if clause_start <= q.start < clause_end and _dimension(q) == kind]
        if inside:
            parts.append((start, clause_end, inside))
            start = clause_end
    return parts


def _named(text: str, parts: Sequence[tuple[int, int, list[Quantity]]], *, enumerates: bool) -> tuple[str, list[str]]:
    """What stands before the first of an enumeration for all of it, and the words that name each amount.

    The first is named by as many words as the longest of the others.
    """
    names = [text[start : inside[0].start] for start, _, inside in parts]
    if len(parts) == 1 or not enumerates:
        return "", names
    longest = max(*(len(name.split()) for name in names[1:]), 1)
    words = names[0].split()
    while longest < len(words) and _LISTED.search(words[-longest - 1]):
        longest += 1
    return " ".join(words[:-longest]), [" ".join(words[-longest:]), *names[1:]]


def _asides(text: str, amounts: Sequence[Quantity], kind: str) -> list[int]:
    """Where a bracket opens that gives another amount of the kind: `연간 2일(자녀가 2명 이상이면 3일)`."""
    return [
        match.start()
        for match in re.finditer(r"\([^()]*\)", text)
        if any(match.start() < q.start < match.end() and _dimension(q) == kind for q in amounts)
    ]


def _content(text: str) -> list[str]:
    return [word for word in _WORDS.findall(_AFTER_AMOUNT.sub("", text)) if len(word) > 1]


def _plain(text: str) -> str:
    for amount in reversed(read_quantities(text)):
        text = f"{text[: amount.start]} {text[amount.end :]}"
    return text


def _tiered(text: str, quantity: Quantity) -> Quantity:
    """`처음 3개월` as a condition is 3개월 이하."""
    first = not quantity.bound and _FIRST.search(text[: quantity.start])
    return replace(quantity, bound="이하", side=None) if first else quantity


def _dimension(quantity: Quantity) -> str:
    return next(iter(values_of([quantity])))[1]


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
        levels = [_level(slot, word) for slot in slots]
        if not any(levels) or len(set(levels)) == 1:
            continue
        named = sum(level == 1 for level in levels) or sum(level > 0 for level in levels)
        known = _HEADED if any(equal in heading for equal in equals_of(word)) else 1.0
        weights[word] = factor * known * math.log((1 + len(slots)) / named)
    return weights


def _head_nouns(question: str) -> str:
    """What the question word asks of: 근속기간이 in `휴직하려면 근속기간이 얼마나 되어야 합니까`."""
    match = _QUESTION_WORD.search(question)
    return " ".join(question[: match.start()].split()[-1:]) if match else ""


def _words(case: Case, text: str, slots: Sequence[Slot]) -> list[str]:
    """Terms of the text, and words of the slots that stand in it; of two that overlap the longer one."""
    text = text[:_MOST_READ]
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


def _level(slot: Slot, word: str) -> float:
    if _names(slot.own, word):
        return _OWN
    if _names(slot.shared, word):
        return _SHARED
    return _AROUND if _names(slot.around, word) else 0.0


def _evidence(case: Case, slot: Slot, weights: dict[str, float]) -> dict[str, float]:
    heads = _head_nouns(case.question)
    found = {
        word: weight * (float(word in slot.own) if word in heads else _level(slot, word))
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
        if met is not None:
            total += _SAME_CASE if met else _OTHER_CASE
    return total


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
