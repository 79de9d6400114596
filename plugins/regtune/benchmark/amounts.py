"""Figures of an answer: those of the reference answer that it lacks, foreign ones, and those of another case.

In: an answer with its texts (Beside). Out: quantities, and points in time told from another one (`다음 달`, `전날`).
"""

import re
from decimal import Decimal

from regtune.benchmark.asked_part import optional_quantities, own_words
from regtune.benchmark.beside import Beside, clause_around, clauses_of, content_words, is_in
from regtune.korean.moments import Moment, read_moments
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_rate, same_value

_DENIED = re.compile(r"\s?[이가은는]?\s?아(?:니라|니고|닌|니며)")
_CONCEDES = re.compile(r"원칙|기본적|일반적|통상|보통|지만|으나")
"""`2일이 원칙이지만` tells of the other case by itself."""
_LATER = re.compile(r"[\d가-힣]+\s?이후")
_EDGE = re.compile(r"\s?(?:이?전|이?후|이내)?\s?(?P<edge>까지|부터)")
_BASE = re.compile(r"(?P<base>[가-힣]{2,})의\s(?:최대\s|최소\s)?$")
_ATTACHED = 2
"""Characters between `다음 달` and the `5일` that it belongs to."""


def missing_quantities(beside: Beside) -> list[Quantity]:
    """Quantities asked for that the answer lacks, or that it states of another case only."""
    optional = optional_quantities(beside)
    return [
        one
        for one in beside.wanted
        if one not in optional
        and not any(
            _agrees(beside, other, one)
            and not _is_denied(beside.answer, other)
            and not _of_another_case(beside, other)
            and not _is_swapped(beside, other)
            for other in beside.stated
        )
    ]


def unsupported_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the answer that reference answer, question and article all lack."""
    known = [*read_quantities(beside.reference), *beside.asked, *(q for _, held in beside.pieces for q in held)]
    return [one for one in beside.stated if not one.each and not any(same_value(one, other) for other in known)]


def contradicting_quantities(beside: Beside) -> list[Quantity]:
    """Quantities that the article holds for another case, stated without a word of that case.

    `5일입니다. 자녀 결혼은 1일입니다` says whose 1일 it is; `5일 또는 1일입니다` does not, and says two things.
    """
    reference = [*read_quantities(beside.reference), *beside.asked]
    found = []
    for one in beside.stated:
        if any(same_value(one, other) for other in reference) or not any(_is_rival(one, o) for o in beside.wanted):
            continue
        holding = [text for text, held in beside.pieces if any(same_value(one, other) for other in held)]
        own = beside.new_words(" ".join(holding))
        own = [word for word in own if not is_in(word, squeezed(beside.reference))]
        clause = clause_around(beside.answer, one.start, one.end)
        if holding and not _CONCEDES.search(clause) and not any(is_in(word, squeezed(clause)) for word in own):
            found.append(one)
    return found


def unasked_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the answer that the question does not hold."""
    return [one for one in beside.stated if not any(same_value(one, other) for other in beside.asked)]


def missing_moments(beside: Beside) -> list[Moment]:
    """Those of the reference answer that are a deadline or part of a date asked for, and that the answer lacks."""
    optional = optional_quantities(beside)
    dated = [one for one in beside.wanted if one not in optional]
    asked = {moment.value for moment in read_moments(beside.question)}
    told = {moment.value for moment in beside.moments}
    return [
        moment
        for moment in read_moments(beside.reference)
        if moment.shift
        and moment.value not in asked | told
        and (moment.is_deadline or any(_is_dated(moment, one) for one in dated))
        and not any(one.unit == moment.unit and one.value == Decimal(abs(moment.shift)) for one in beside.stated)
    ]


def wrong_moments(beside: Beside) -> list[Moment]:
    """Those of the answer that no text holds, or that stand where the reference answer has another one."""
    rule = read_moments(beside.reference)
    wanted = {moment.value for moment in rule}
    asked = {moment.value for moment in read_moments(beside.question)}
    known = wanted | asked | {moment.value for moment in read_moments(beside.article)}
    told = {moment.value for moment in beside.moments}
    foreign = [
        moment
        for moment in beside.moments
        if wanted and moment.value not in wanted | asked and (moment.value not in known or wanted - asked - told)
    ]
    dates = [(moment, one) for moment in rule for one in beside.wanted if _is_dated(moment, one)]
    misdated = [
        moment
        for moment in beside.moments
        for one in beside.stated
        if moment not in foreign and _is_dated(moment, one) and _is_misdated(moment, one, dates)
    ]
    return [*foreign, *misdated]


def _is_dated(moment: Moment, quantity: Quantity) -> bool:
    """`다음 달 5일`."""
    return 0 <= quantity.start - moment.end <= _ATTACHED


def _is_misdated(moment: Moment, quantity: Quantity, dates: list[tuple[Moment, Quantity]]) -> bool:
    """`다음 연도 12월 10일` for `해당 연도 12월 10일`, whatever else speaks of 다음 연도."""
    rivals = [other for other, one in dates if same_value(one, quantity) and other.unit == moment.unit]
    return bool(rivals) and all(other.shift != moment.shift for other in rivals)


def _agrees(beside: Beside, stated: Quantity, wanted: Quantity) -> bool:
    later = stated.side == "후" and stated.bound is None and wanted.bound == "이내"
    if later and (wanted.side is None or _LATER.match(beside.answer, stated.start)):
        return False  # `2시간 이후에` is not `2시간 이내에`
    same = same_value(stated, wanted) and same_bound(stated, wanted) and same_rate(stated, wanted)
    edges = (_EDGE.match(beside.answer, stated.end), _EDGE.match(beside.reference, wanted.end))
    same_edge = edges[0] is None or edges[1] is None or edges[0]["edge"] == edges[1]["edge"]
    return same and same_edge and _same_label(stated, wanted) and _same_base(beside, stated, wanted)


def _same_label(stated: Quantity, wanted: Quantity) -> bool:
    """False when both name what they count in and it is of another kind: 1회 6시간 and 주 6시간 are not 월 6시간."""
    return stated.per is None or wanted.per is None or stated.per[1] == wanted.per[1]


def _same_base(beside: Beside, stated: Quantity, wanted: Quantity) -> bool:
    """False when a share is of another whole: 통상임금의 70% is not 평균임금의 70%."""
    said, rule = _BASE.search(beside.answer[: stated.start]), _BASE.search(beside.reference[: wanted.start])
    if wanted.unit != "%" or said is None or rule is None:
        return True
    return said["base"].endswith(rule["base"]) or rule["base"].endswith(said["base"])


def _is_denied(text: str, quantity: Quantity) -> bool:
    """`6시간이 아니라 2시간` does not state 6시간."""
    return bool(_DENIED.match(text, quantity.end))


def _is_rival(one: Quantity, other: Quantity) -> bool:
    """Two amounts that could answer the same question."""
    return one.unit == other.unit and one.side == other.side and not same_value(one, other)


def _of_another_case(beside: Beside, stated: Quantity) -> bool:
    """The clause around the amount names a case for which the article has another amount, and no word of its own."""
    own = squeezed(
        " ".join(
            [beside.question, beside.reference]
            + [text for text, held in beside.pieces if any(same_value(stated, other) for other in held)]
        )
    )
    rivals = [text for text, held in beside.pieces if any(_is_rival(stated, other) for other in held)]
    foreign = [word for word in dict.fromkeys(content_words(" ".join(rivals))) if not is_in(word, own)]
    named = content_words(clause_around(beside.answer, stated.start, stated.end))
    of_others = [word for word in named if word in foreign]
    return bool(of_others) and len(of_others) * 2 >= len(named)


def _is_swapped(beside: Beside, stated: Quantity) -> bool:
    """The clause around the amount bears the label that the reference answer gives to another amount."""
    spans = clauses_of(beside.reference)
    held = [[one for one in beside.wanted if start <= one.start < end] for start, end in spans]
    labels = own_words([beside.reference[start:end] for start, end in spans])
    clause = squeezed(clause_around(beside.answer, stated.start, stated.end))
    told = [any(is_in(word, clause) for word in words) for words in labels]
    its = [any(_is_same(stated, one) for one in amounts) for amounts in held]
    rivals = [any(one.unit == stated.unit and not _is_same(stated, one) for one in amounts) for amounts in held]
    foreign = any(named and rival and not own for named, rival, own in zip(told, rivals, its, strict=True))
    return foreign and any(its) and not any(named and own for named, own in zip(told, its, strict=True))


def _is_same(one: Quantity, other: Quantity) -> bool:
    return same_value(one, other) and same_rate(one, other)
