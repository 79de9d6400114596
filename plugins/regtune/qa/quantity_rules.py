"""Rules on amounts: each amount of an answer stands in the chunk, with its bound and rate, for what was asked.

Reasons: wrong_number, wrong_unit_or_period, missing_proviso. An amount of the question may be repeated, and one that
follows from amounts which question and answer show (`총 30일(10일+20일)`, 80% of 100만원) need not be printed.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_rate, same_value, within
from regtune.qa.case import Case
from regtune.qa.derived_amounts import distinct, explains, follows, known_amounts, printed
from regtune.qa.resting import is_the_one_of
from regtune.qa.sentences import Sentence
from regtune.qa.slot_fit import outbid
from regtune.qa.slots import dimension, is_named_there
from regtune.qa.workings import workings_of

_COUNTED_IN_ANSWER = ("개", "단계", "째", "차")
_CLAUSES = re.compile(r"(?<=[며고나만지])[,\s]\s*(?=\S{2,})|(?<=\d\D),\s+|;\s*|(?<=하되),?\s+")
_MARGIN = 0.12
_HOLDING_MARGIN = 0.15
_LEAST_GAIN, _MOST_LOST = 0.45, 0.3
_BEFORE = 8
_DIRECTION = {"이상": "up", "초과": "up", "이내": "down", "이하": "down", "미만": "down"}
"""`반년 넘게 근속했으므로` tells of a case that `6개월 이상` is for."""
_MOST_JUDGED = 40
_AFTER = re.compile(r"(?:이|가)?\s?(?:지난\s?(?:후|뒤|다음)|후에|뒤에|이후에)")
_DENIED = re.compile(r"[이가]?\s?(?:아니라|아닌|아니고)")
"""`두 달이 아니라 60일`."""
_OF_TWO = re.compile(r"(?:두|2)\s?(?:명|사람)\s?(?:중|가운데)")
_PAIR = re.compile(r"부부|양쪽|쌍방|당사자")
_CASE_NAMED = re.compile(r"\s?(?:이내|이하|이상|초과|미만)의\s[가-힣]{1,10}[은는]\s")
_AND_THEN = re.compile(r"그\s?(?:뒤|후|이후)(?:에|에는|부터)")
"""`3일 안에 고칠 수 있고, 그 뒤에는 요청한다` tells of what comes after too."""
_PACES = {
    "매년": "년",
    "해마다": "년",
    "매월": "월",
    "매달": "월",
    "다달이": "월",
    "매주": "주",
    "매일": "일",
    "날마다": "일",
    "분기마다": "분기",
    "매분기": "분기",
    "반기마다": "반기",
}
_EACH = re.compile("|".join(_PACES))
_CALENDAR_DAY = re.compile(r"(?:달|매월|매달|\d월|익월)\s?$")
_NO = re.compile(r"^(?:아니요|아니오|아뇨)[,.\s]")


def quantities(case: Case) -> list[str]:
    """Judge every amount of the answer."""
    if case.source is None:
        return []
    reasons: list[str] = []
    wrong: list[str] = []
    known = known_amounts(case)
    workings = workings_of(case, known)
    for quantity in distinct(case.answer_quantities)[:_MOST_JUDGED]:
        reason = None if workings.explain(quantity) else _reason(case, quantity, known)
        if reason:
            reasons.append(reason)
            wrong.append(quantity.text)
    if wrong:
        case.figures["wrong_quantities"] = ", ".join(wrong)
    case.figures["answer_quantities"] = len(case.answer_quantities)
    return reasons


def _reason(case: Case, quantity: Quantity, known: Sequence[Quantity]) -> str | None:
    same = [
        other for other in known if same_value(quantity, other) and not (quantity.bound and other not in printed(case))
    ]
    if any(same_value(quantity, asked) for asked in case.question_quantities):
        return None if not same or any(same_bound(quantity, other) for other in same) else "wrong_unit_or_period"
    if _tells_the_case(case, quantity) or _DENIED.match(case.answer, quantity.end):
        return None
    if _is_of_a_pair(case, quantity):
        return None
    if any(_at_another_pace(quantity, other) for other in case.answer_quantities):
        return None
    if not same:
        fine = quantity.each or _only_counts(case, quantity) or follows(case, quantity, known)
        return None if fine else _kind_of_error(case, quantity)
    return _of_another_kind(case, quantity, same, known) or _of_another_thing(case, quantity)


def _tells_the_case(case: Case, quantity: Quantity) -> bool:
    """`7일 이상 입원에 해당하므로` for ten days: the answer names the bounds that the case in question meets."""
    return _prints_bound(case, quantity) and any(within(asked, [quantity]) for asked in case.question_quantities)


def _is_of_a_pair(case: Case, quantity: Quantity) -> bool:
    """`두 사람 중 한 명` of `부부가 모두 근무하는 경우 그중 1명`."""
    assert case.source is not None
    text = f"{case.question} {case.source.chunk.text}"
    return quantity.unit == "명" and bool(_OF_TWO.match(case.answer[quantity.start :]) and _PAIR.search(text))


def _rules_the_case_out(case: Case, quantity: Quantity) -> bool:
    """`아니요, 10년 이상이어야 합니다` for six years: the bound that the answer names is why it says no."""
    unmet = any(within(asked, [quantity]) is False for asked in case.question_quantities)
    return unmet and bool(_NO.match(case.answer)) and _prints_bound(case, quantity)


def _prints_bound(case: Case, quantity: Quantity) -> bool:
    return bool(quantity.bound) and any(
        same_value(quantity, other) and _DIRECTION.get(other.bound or "") == _DIRECTION[quantity.bound or ""]
        for other in printed(case)
    )


def _of_another_kind(case: Case, quantity: Quantity, same: Sequence[Quantity], known: Sequence[Quantity]) -> str | None:
    """The number stands in the chunk, with another bound or for another period."""
    assert case.source is not None
    holding = _holding(case, quantity) or same
    if not any(same_bound(quantity, other) for other in holding):
        return _kind_of_error(case, quantity)
    if _is_a_day_of_the_month(case, quantity):
        return "wrong_unit_or_period"
    if (
        _is_after(case.answer, quantity)
        and not _AND_THEN.search(case.source.chunk.text)
        and all(other.bound == "이내" and not other.side for other in holding)
    ):
        return "wrong_unit_or_period"
    if _counted_in_another(case, quantity, holding):
        return "wrong_number"
    implied = [other for other in same if other not in printed(case)]
    at_its_rate = any(same_rate(quantity, other) for other in (*holding, *implied)) or follows(case, quantity, known)
    return None if at_its_rate and not _named_at_another_pace(case, quantity) else "wrong_unit_or_period"


def _is_a_day_of_the_month(case: Case, quantity: Quantity) -> bool:
    """`10일 이내` where the chunk has no 10 days but the tenth: `다음 달 10일에 지급한다`."""
    assert case.source is not None
    if (
        quantity.unit != "일"
        or not (quantity.bound or quantity.side)
        or _CALENDAR_DAY.search(case.answer[: quantity.start])
    ):
        return False
    stated = [(s.text, q) for s in case.source.sentences for q in s.quantities if same_value(q, quantity)]
    return bool(stated) and all(_CALENDAR_DAY.search(text[: other.start]) for text, other in stated)


def _is_after(text: str, quantity: Quantity) -> bool:
    return bool(_AFTER.match(text, quantity.end))


def _counted_in_another(case: Case, quantity: Quantity, holding: Sequence[Quantity]) -> bool:
    """`한 번에 6시간` where 6시간 is for a month, and another amount for one time stands there."""
    per = quantity.per or _asked_per(case)
    if per is None or any(other.per is None or other.per[1] == per[1] for other in holding):
        return False
    return any(
        other.unit == quantity.unit and other.per == per and not same_value(other, quantity) for other in printed(case)
    )


def _asked_per(case: Case) -> tuple[Decimal, str] | None:
    """The period in which the question counts: `한 번에 몇 시간까지` asks for one time."""
    read = read_quantities(case.question.replace("몇", "3"))
    return next((quantity.per for quantity in read if quantity.per), None)


def _of_another_thing(case: Case, quantity: Quantity) -> str | None:
    """The amount stands in the chunk, for something else than was asked for."""
    if is_named_there(case, quantity) or _repeats_a_case(case, quantity) or _is_afterthought(case, quantity):
        return None
    if case.place and is_the_one_of(case.place, quantity, (*case.question_quantities, *case.answer_quantities)):
        return None
    return _outbid(case, quantity) or _of_another_case(case, quantity)


def _repeats_a_case(case: Case, quantity: Quantity) -> bool:
    """`1일 이내의 출장은` in the chunk's very words: it tells the case, not what was asked for."""
    assert case.source is not None
    named = _CASE_NAMED.match(case.answer, quantity.end)
    return named is not None and case.answer[quantity.start : named.end()].strip() in case.source.chunk.text


def _is_afterthought(case: Case, quantity: Quantity) -> bool:
    """An amount of a later sentence, where an earlier one has answered with another of its kind."""
    return bool(re.search(r"[.!?]\s", case.answer[: quantity.start])) and any(
        other.start < quantity.start and dimension(other) == dimension(quantity) for other in case.answer_quantities
    )


def _outbid(case: Case, quantity: Quantity) -> str | None:
    """Another amount of the kind answers to the question by far more words, and by hardly any less."""
    if follows(case, quantity, known_amounts(case)) or explains(case, quantity) or _rules_the_case_out(case, quantity):
        return None
    gain, loss, rival = outbid(case, quantity, _clause_around(case.answer, quantity))
    if rival is None or gain - loss < _LEAST_GAIN or loss > _MOST_LOST * gain:
        return None
    case.figures["outbid_by"] = f"{rival.quantity.text} ({gain:.2f} > {loss:.2f})"
    return "wrong_number"


def _named_at_another_pace(case: Case, quantity: Quantity) -> bool:
    """`매년 15만원` where the list says `매월 지급한다`."""
    assert case.source is not None
    said = _EACH.search(case.answer[max(0, quantity.start - _BEFORE) : quantity.start]) or _EACH.search(
        case.answer[quantity.end :].split(".")[0]
    )
    if not said:
        return False
    stating = [sentence for sentence in case.source.sentences if _states(sentence, quantity)]
    ruled = {match for s in stating for match in _EACH.findall(f"{s.lead} {s.main} {s.text}")}
    return bool(ruled) and _PACES[said.group()] not in {_PACES[word] for word in ruled}


def _holding(case: Case, quantity: Quantity) -> list[Quantity]:
    """Its readings in the sentences that state it and have most to do with the question and the clause around it."""
    ranked = case.supporting(_clause_around(case.answer, quantity), context=1.0)
    stated = [
        (score, other) for score, sentence in ranked for other in sentence.quantities if same_value(quantity, other)
    ]
    return [other for score, other in stated if score >= stated[0][0] - _HOLDING_MARGIN]


def _kind_of_error(case: Case, quantity: Quantity) -> str:
    """Another unit or bound where the sentence in question has that very number, else another number."""
    ranked = case.supporting(_clause_around(case.answer, quantity))
    near = [sentence for score, sentence in ranked if score >= ranked[0][0] - _MARGIN]
    number_there = any(other.value == quantity.value for sentence in near for other in sentence.quantities)
    return "wrong_unit_or_period" if number_there else "wrong_number"


def _only_counts(case: Case, quantity: Quantity) -> bool:
    """`다음 세 가지` counts the items that follow; `한 번에` counts nothing where the chunk has no such unit."""
    assert case.source is not None
    if quantity.unit in _COUNTED_IN_ANSWER:
        items = sum(bool(sentence.lead) for sentence in case.source.sentences)
        return quantity.value <= max(items, len(case.answer_sentences), case.answer.count(",") + 1)
    return quantity.text.startswith("한") and not any(other.unit == quantity.unit for other in case.source.quantities)


def _at_another_pace(quantity: Quantity, other: Quantity) -> bool:
    """`1년에 두 번` of `반기에 한 번`."""
    return (
        quantity.unit == other.unit
        and quantity.value != other.value
        and None not in (quantity.per, other.per)
        and same_rate(quantity, other)
    )


def _of_another_case(case: Case, quantity: Quantity) -> str | None:
    """The question names a case (`임신 14주`), and only a sentence on other cases states the amount."""
    assert case.source is not None
    sentences = case.source.sentences
    if not case.question_quantities:
        return None
    stating = [sentence for sentence in sentences if _states(sentence, quantity)]
    fitting = [
        sentence
        for sentence in sentences
        if case.meets(sentence) and sentence not in stating and _has_rival(sentence, quantity, case)
    ]
    if not stating or not fitting:
        return None
    if _rules_the_case_out(case, quantity):
        return None
    if all(case.meets(sentence) is False for sentence in stating):
        case.figures["of_another_case"] = quantity.text
        return "wrong_number"
    limited = [sentence for sentence in fitting if sentence.main and any(s.text == sentence.main for s in stating)]
    if limited and not any(case.meets(sentence) for sentence in stating):
        case.figures["of_another_case"] = quantity.text
        return "missing_proviso"
    return None


def _has_rival(sentence: Sentence, quantity: Quantity, case: Case) -> bool:
    return any(
        other.unit == quantity.unit and not any(same_value(other, asked) for asked in case.question_quantities)
        for other in sentence.quantities
    )


def _states(sentence: Sentence, quantity: Quantity) -> bool:
    """Whether the sentence gives that amount, or what it hangs on does and it has none of its own in the unit."""
    own = [other for other in sentence.quantities if dimension(other) == dimension(quantity)]
    around: Iterable[Quantity] = own or [
        *sentence.quantities,
        *read_quantities(sentence.lead),
        *read_quantities(sentence.main),
    ]
    return any(same_value(quantity, other) for other in around)


def _clause_around(text: str, quantity: Quantity) -> str:
    position = 0
    for clause in _CLAUSES.split(text):
        found = text.find(clause, position)
        if found <= quantity.start < found + len(clause):
            return clause
        position = found + len(clause)
    return text


RULES = (quantities,)
