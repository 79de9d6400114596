"""Amounts that follow from others: sums, differences, shares and products of what question, answer and chunk show.

In: a case and an amount of its answer. Out: whether it follows. `총 30일(10일+20일)`, half of a year, twice two years,
2% less 0.5 points, `책임자 1명에 당직원 2명, 모두 세 명`.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from regtune.korean.quantities import Quantity, read_quantities, same_value, values_of
from regtune.qa.case import Case

_FACTORS = {"%": Decimal("0.01"), "배": Decimal("0.01")}
"""Of amounts in the narrower unit, in which 2배 is 200%."""
_COUNTS = ("명", "회", "건", "개", "박", "끼", "벌", "일", "개월", "년", "시간", "km")
_TOTAL = re.compile(r"연장|합|모두|총|더\s|늘|최대|최장|까지")
_EXTENSION = re.compile(r"연장|더하|더한|가산|추가")
_TERM = re.compile(r"임기")
_ANOTHER_TERM = re.compile(r"한\s?(?:번|차례)(?:만|에\s한하여)?|1\s?(?:회|차)")
_IS = re.compile(r"[은는]\s")
_TAKES_OFF = re.compile(r"빼|깎|공제|감액|차감|줄|0원")
_DIVISOR = re.compile(r"(?<![\d.,])(\d{1,4})(?:으)?로\s나[누눈눠]")
_MOST_SHOWN = 12
"""No answer that a person reads has more; without a limit a hostile one takes minutes."""
_WHOLE = Decimal(100)
_DAY = 24 * 60
"""In minutes."""
_IMPLIED = (
    (re.compile(r"전날|전일|다음\s?날|익일"), "1일"),
    (re.compile(r"전액|전부|모두"), "100%"),
    (re.compile(r"다음\s?달|익월|전월|지난달"), "1개월"),
    (re.compile(r"다음\s?해|익년|전년"), "1년"),
    (re.compile(r"반일"), "0.5일"),
    (re.compile(r"반기(?:마다|별로|에 한)|매\s?반기"), "6개월에 1회"),
    (re.compile(r"(?<!반)분기(?:마다|별로|에 한)|매\s?분기"), "3개월에 1회"),
    (re.compile(r"매월|매달|달마다|월마다"), "1개월에 1회"),
    (re.compile(r"매년|해마다|연마다"), "1년에 1회"),
)
"""Words that state an amount, or how often, without a figure."""
_MONTHLY = r"(?:매월|매달|[음그당]\s?달|익월|[전당]월)"
_DATES = ("월", "월일")
_OF_MONTH = re.compile(r"(?<!\d)(\d{1,2})월(?=분|\s분|치)")
_IN_ALL = re.compile(r"(?:모두|총|합쳐|합하여|합해|합하면|더하면|도합|전체|합계(?:는)?)\s*(?:[월연매일]{1,2}\s)?$")


def distinct(quantities: Iterable[Quantity]) -> list[Quantity]:
    """Each reading once, at its first place."""
    seen: dict[tuple[object, ...], Quantity] = {}
    for quantity in quantities:
        seen.setdefault((quantity.value, quantity.unit, quantity.bound, quantity.side, quantity.per), quantity)
    return list(seen.values())


def known_amounts(case: Case) -> list[Quantity]:
    """Amounts of the chunk, printed or implied, and of the annexes that it refers to."""
    assert case.source is not None
    text = case.source.chunk.text
    implied = [
        quantity for pattern, amounts in _IMPLIED if pattern.search(text) for quantity in read_quantities(amounts)
    ]
    return [*case.source.quantities, *case.source.annexed, *implied]


def printed(case: Case) -> tuple[Quantity, ...]:
    """Amounts that the chunk prints."""
    assert case.source is not None
    return case.source.quantities


def follows(case: Case, quantity: Quantity, known: Sequence[Quantity]) -> bool:
    """Whether the amount is the sum, difference, product or share of amounts that question and answer show."""
    asked, known = distinct(case.question_quantities)[:_MOST_SHOWN], distinct(known)
    shown = list(asked)
    others = [other for other in distinct(case.answer_quantities) if other is not quantity][:_MOST_SHOWN]
    for _ in range(2):  # 월 11만원(배우자 5만원, 자녀 3만원씩 6만원): 6 follows from 3, then 11 from 5 and 6
        shown += [
            other
            for other in others
            if other not in shown
            and (any(same_value(other, held) for held in known) or _is_made_of(other, shown, [*shown, *known]))
        ]
    if (
        _is_a_monthly_day(case, quantity)
        or _extends(case, quantity)
        or _is_divided(case, quantity, asked)
        or _is_the_total(case, quantity, others)
    ):
        return True
    if case.place and _of_its_place(quantity, case.place.nearby, [*asked, *others]):
        return True
    if _spans(quantity, others):
        return True
    if _by_rate(case, quantity, asked) or (quantity.value == 0 and _TAKES_OFF.search(case.answer)):
        return True
    return _is_made_of(quantity, shown, shown) or _is_made_of(quantity, asked, [*asked, *known])


def _of_its_place(quantity: Quantity, there: Sequence[Quantity], shown: Sequence[Quantity]) -> bool:
    """A share of an amount where the pair rests, or so many times it: 75,000 of 150,000 by `절반`, 450,000 of 3개월."""
    (value, unit) = next(iter(values_of([quantity])))
    for one, other in itertools.product(there, shown):
        (each, of), (count, counted) = (next(iter(values_of([q]))) for q in (one, other))
        if of != unit or counted == unit or count == 1:
            continue
        if value == _share(each, one.unit, count, other.unit) or (
            other.unit in _COUNTS and value == each * other.value
        ):
            return True
    return False


def _spans(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """`14시 30분부터 23시까지이므로 8시간 30분`: the time between two that the answer names."""
    times = [q.value for q in others if q.unit == "시각"]
    (value, unit) = next(iter(values_of([quantity])))
    return unit == "분" and any(value in (b - a, b - a + _DAY) for a, b in itertools.permutations(times, 2))


def _is_a_monthly_day(case: Case, quantity: Quantity) -> bool:
    """`9월 25일` to a question about 10월분, where the chunk says `매월 25일까지 다음 달 분을`."""
    assert case.source is not None
    dated = [q for q in case.question_quantities if q.unit in _DATES]
    months = {int(q.value) // (1 if q.unit == "월" else 100) for q in dated}
    months |= {int(month) for month in _OF_MONTH.findall(case.question)}
    if quantity.unit != "월일" or not months:
        return False
    month, day = divmod(int(quantity.value), 100)
    near = any((month - asked) % 12 in (11, 0, 1) for asked in months)
    return near and bool(re.search(rf"{_MONTHLY}[^.]{{0,12}}?(?<!\d){day}일", case.source.chunk.text))


def _is_divided(case: Case, quantity: Quantity, asked: Sequence[Quantity]) -> bool:
    """`20시간을 5로 나눈 4시간` where the chunk divides by five."""
    (value, unit) = next(iter(values_of([quantity])))
    amounts = {amount for q in asked for amount, of in values_of([q]) if of == unit}
    divisors = {Decimal(divisor) for divisor in _DIVISOR.findall(case.source.chunk.text if case.source else "")}
    return any(value * divisor in amounts for divisor in divisors)


def _by_rate(case: Case, quantity: Quantity, asked: Sequence[Quantity]) -> bool:
    """`근속 1년당 10점` makes 50 points of five years; 850 points at `1점은 1천원` make 850,000 won."""
    assert case.source is not None
    (value, unit) = next(iter(values_of([quantity])))
    rates = [(_per(q), q) for q in printed(case) if q.per]
    for sentence in case.source.sentences:
        for one, other in itertools.pairwise(sentence.quantities):
            if one.value == 1 and _IS.fullmatch(sentence.text[one.end : other.start]):
                rates.append((next(iter(values_of([one]))), other))
    others = [q for q in case.answer_quantities if q is not quantity][:_MOST_SHOWN]
    for (per, of), rate in rates:
        (each, made_in) = next(iter(values_of([rate])))
        counted = [
            amount for q in (*asked, *others) for amount, its_unit in values_of([q]) if its_unit == of and amount != per
        ]
        if made_in == unit and any(value == each * amount / per for amount in counted):
            return True
    return False


def _per(rate: Quantity) -> tuple[Decimal, str]:
    """What a rate counts by, in the unit in which amounts of its kind are compared: 60 minutes of `시간당`."""
    assert rate.per is not None
    value, unit = rate.per
    return next(iter(values_of([replace(rate, value=value, unit=unit, per=None)])))


def _is_the_total(case: Case, quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """`책임자 1명에 당직원 2명, 모두 3명`: the sum of what the answer names in the unit, if it calls it so."""
    if not _IN_ALL.search(case.answer[: quantity.start]):
        return False
    (value, unit) = next(iter(values_of([quantity])))
    parts = [
        amount
        for q in others
        if any(same_value(q, held) for held in printed(case))
        for amount, of in values_of([q])
        if of == unit
    ]
    repeated = [q for q in case.answer_quantities if q is not quantity and q.start < quantity.start]
    summed = sum(amount for q in repeated for amount, of in values_of([q]) if of == unit)
    return len(parts) > 0 and value in (sum(parts), summed)


def _extends(case: Case, quantity: Quantity) -> bool:
    """Whether it is a period and its extension together (2년에 1년 연장: 3년), or one of the two beside their sum."""
    assert case.source is not None
    if not _TOTAL.search(f"{case.question} {case.answer}"):
        return False
    for sentence in case.source.sentences:
        if _TERM.search(sentence.text) and "연임" in sentence.text and _ANOTHER_TERM.search(sentence.text):
            doubled = {(2 * amount, unit) for amount, unit in values_of(sentence.quantities)}
            if values_of([quantity]) & doubled:
                return True
        if not _EXTENSION.search(sentence.text):
            continue
        held = [*sentence.quantities, *read_quantities(sentence.main)]
        for one, other in itertools.combinations(held, 2):
            sums = values_of([one]) | values_of([other])
            if len({unit for _, unit in sums}) != 1:
                continue
            total = sum(next(iter(values_of([q])))[0] for q in (one, other)), next(iter(sums))[1]
            stated = any(total in values_of([q]) for q in case.answer_quantities)
            if stated and (total in values_of([quantity]) or same_value(quantity, one) or same_value(quantity, other)):
                return True
    return False


def explains(case: Case, quantity: Quantity) -> bool:
    """`한도 35만원을 뺀 10만원`: an amount from which, with the question's, another one of the answer follows."""
    shown = [*distinct(case.question_quantities)[:_MOST_SHOWN], quantity]
    return any(
        _is_made_of(other, shown, shown)
        for other in case.answer_quantities
        if case.question_quantities
        and other is not quantity
        and not any(same_value(other, held) for held in printed(case))
    )


def _is_made_of(quantity: Quantity, ones: Sequence[Quantity], others: Sequence[Quantity]) -> bool:
    """Whether it is the rest of a whole, or made of one of the first and one of the second."""
    (value, unit) = next(iter(values_of([quantity])))
    rest = any(one.unit == unit == "%" and value == _WHOLE - one.value for one in ones)
    return rest or any(
        value in _made_of(one, other, unit, both_shown=any(other is known for known in ones))
        for one, other in itertools.product(ones, others)
        if other is not one
    )


def _made_of(one: Quantity, other: Quantity, unit: str, *, both_shown: bool) -> list[Decimal | None]:
    """What two amounts make in the unit; nothing is summed, or multiplied but by a share, with a 1."""
    (first, of), (second, second_of) = (next(iter(values_of([q]))) for q in (one, other))
    same = unit in (of, second_of)
    made: list[Decimal | None] = [_share(first, one.unit, second, other.unit)] if same else []
    if 1 in (first, second):
        return made
    points = {of, second_of} == {"%", "%p"} and unit == "%"
    if points or (both_shown and of == second_of == unit):
        made += [first + second, abs(first - second)]
    if same:
        made.append(_product(first, one.unit, second, other.unit))
    if second_of == "원" == unit and one.unit in _COUNTS:
        made.append(first * second)
    return made


def _share(first: Decimal, unit: str, second: Decimal, other_unit: str) -> Decimal | None:
    """A part or a multiple: half of a year, twice two years."""
    for amount, factor, of in ((first, second, other_unit), (second, first, unit)):
        if of in _FACTORS:
            return amount * factor * _FACTORS[of]
    return None


def _product(first: Decimal, unit: str, second: Decimal, other_unit: str) -> Decimal | None:
    return first * second if {unit, other_unit} & {"회", "명", "건", "박", "끼"} else None
