"""What an answer works out: `기본 15일에 2년마다 하루씩 이틀을 더해 17일`, with every figure that it needs shown.

In: a case and the amounts that are known of its chunk. Out: the amounts of the answer that follow, step by step, from
those that question and answer show, and those that were used for it. A step is a sum or a difference, a share, so many
times an amount, or the chunk's own proportion (`1개월 개근 시 1일` makes five days of five months).
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regtune.korean.quantities import Quantity, same_value, values_of
from regtune.qa.case import Case

_MOST_SHOWN = 10
"""Amounts of an answer that are read; a hostile one has hundreds."""
_MOST_SUMMED = 4
_MOST_WAYS = 4
_FEWEST = 2
"""One figure alone works nothing out."""
_COUNTS = ("명", "회", "건", "개", "박", "끼", "벌", "일", "개월", "년", "시간", "호봉", "주", "차", "km", "")
_TOLERANCE = Decimal("0.001")
"""30분의 1 is read as 3.3333%."""
_WORKS = re.compile(
    r"더[하해한]|합[하해한쳐]|빼|뺀|빠[져진]|곱|나누|나눈|절반|[가-힣]씩|이므로|이라|여서|므로|때문|모두|합계|총|즉|당\s"
    r"|가산|늘|연장|단축|감액|깎"
)


@dataclass(frozen=True)
class Workings:
    """Amounts of an answer, as objects of its `answer_quantities`."""

    derived: tuple[Quantity, ...] = ()
    used: tuple[Quantity, ...] = ()

    def explain(self, quantity: Quantity) -> bool:
        """Whether the amount is worked out or needed for what is."""
        return any(quantity is other for other in (*self.derived, *self.used))


def workings_of(case: Case, known: Sequence[Quantity]) -> Workings:
    """Work out what can be; nothing where the answer shows no working."""
    answer = [q for q in case.answer_quantities if not q.each][:_MOST_SHOWN]
    if len(answer) < _FEWEST or not _WORKS.search(case.answer):
        return Workings()
    shown = list(case.question_quantities)[:_MOST_SHOWN]
    shown += [q for q in answer if _among(q, (*known, *shown))]
    rates = list(_rates(case))
    derived: list[Quantity] = []
    used: list[Quantity] = []
    for quantity in [*answer, *reversed(answer)]:  # a sum may stand before or after what it is made of
        others = [q for q in shown if q is not quantity]
        is_shown = len(others) < len(shown)
        if is_shown and not _among(quantity, known):
            continue
        ways = itertools.islice(_ways(quantity, others, answer, () if is_shown else rates), _MOST_WAYS)
        operands = [operand for way in ways for operand in way]
        used += operands
        derived += [quantity] if operands else []
        shown += [quantity] if operands and not is_shown else []
    return Workings(tuple(derived), tuple(used))


def _rates(case: Case) -> Iterator[tuple[Quantity, Quantity]]:
    """Two amounts of a sentence of which one may be so much for so many of the other."""
    assert case.source is not None
    for sentence in case.source.sentences:
        yield from itertools.permutations(sentence.quantities[:_MOST_SHOWN], 2)


def _ways(
    quantity: Quantity,
    shown: Sequence[Quantity],
    answer: Sequence[Quantity],
    rates: Sequence[tuple[Quantity, Quantity]],
) -> Iterator[list[Quantity]]:
    """What the amount can be made of, each way as a list of amounts."""
    same = [q for q in shown if _value(q)[1] == _value(quantity)[1] and not same_value(q, quantity)]
    counts = [q for q in (*shown, *answer) if q.unit in _COUNTS and q is not quantity]
    yield from _sums(quantity, same)
    yield from _shares(quantity, same, [q for q in shown if q.unit in ("%", "배")])
    yield from _multiples(quantity, same, counts)
    yield from _proportions(quantity, shown, answer, rates)


def _sums(quantity: Quantity, same: Sequence[Quantity]) -> Iterator[list[Quantity]]:
    value = _value(quantity)[0]
    for size in range(2, _MOST_SUMMED + 1):
        for some in itertools.combinations(same, size):
            if sum(_value(q)[0] for q in some) == value:
                yield list(some)
    for one, other in itertools.permutations(same, 2):
        if _value(one)[0] - _value(other)[0] == value:
            yield [one, other]


def _shares(quantity: Quantity, same: Sequence[Quantity], shares: Sequence[Quantity]) -> Iterator[list[Quantity]]:
    value = _value(quantity)[0]
    for one, share in itertools.product(same, shares):
        if one is not share and abs(_value(one)[0] * _value(share)[0] / 100 - value) <= _TOLERANCE * abs(value):
            yield [one, share]


def _multiples(quantity: Quantity, same: Sequence[Quantity], counts: Sequence[Quantity]) -> Iterator[list[Quantity]]:
    """So many times an amount, alone or on top of another one; the third step is two above the first."""
    value, unit = _value(quantity)
    for one, count in itertools.product(same, [q for q in counts if _value(q)[1] != unit]):
        each = _value(one)[0]
        if each * count.value == value:
            yield [one, count]
        for base in same:
            above = value - _value(base)[0]
            if base is not one and above and above in (each * count.value, each * (count.value - 1)):
                yield [base, one, count]


def _proportions(
    quantity: Quantity,
    shown: Sequence[Quantity],
    answer: Sequence[Quantity],
    rates: Sequence[tuple[Quantity, Quantity]],
) -> Iterator[list[Quantity]]:
    value, unit = _value(quantity)
    for per, amount in rates:
        (each, of), (made, made_in) = _value(per), _value(amount)
        if made_in != unit or not each:
            continue
        for count in shown:
            if _value(count)[1] == of and _value(count)[0] != each and made * _value(count)[0] / each == value:
                yield [count, *(q for q in answer if same_value(q, amount) or same_value(q, per))]


def _among(quantity: Quantity, others: Iterable[Quantity]) -> bool:
    return any(same_value(quantity, other) for other in others)


def _value(quantity: Quantity) -> tuple[Decimal, str]:
    return next(iter(values_of([quantity])))
