"""What an amount is bound to: which of several amounts of one kind, side by side, is the one that was asked for.

In: a case and an amount of the answer. Out: whether a neighbour of the amount (a cell of the same table, an item of the
same list, a part of the same sentence: `국내 출장은 5영업일, 국외 출장은 10영업일`) names all of the question that the
amount's own place names, and more.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value, within
from regtune.qa.case import Case
from regtune.qa.corpus import Sentence, equals_of

_CONDITION = re.compile(
    r"\s?(?:간|동안)?\s?(?:(?:까지|부터|이후)(?:는|에는)?(?=[\s,:])"
    r"|(?:[을를이가]\s)?(?:초과|이상|이하|미만|이내|넘)[가-힣]{0,2}\s?(?:때|경우|기간|직원|사람|자(?![가-힣])|날|면|시간))"
)
_BOUND_TAIL = re.compile(
    r"^\s?(?:이내|이하|이상|미만|초과)?(?:에게|에는|에|을|를|은|는|으로|로|씩|의|전까지|까지|간|,|하고|하며)*[,\s]*"
)
_LONGEST_NAME = 4
"""Words before an amount of an enumeration."""
_OPEN = (("까지", "이내"), ("부터", "이상"), ("이후", "이상"))
_LETTER = re.compile(r"(?<![가-힣])[가-하](?![가-힣])")
_GRADE = r"(?:등급|급|호|류|군|항|목|지역)"
_FEWEST = 2


@dataclass(frozen=True)
class _Place:
    """One of several places side by side that state an amount of the kind."""

    label: str
    states: bool
    """Whether it states the amount on trial."""
    conditions: tuple[Quantity, ...]


def neighbour_fits_better(case: Case, quantity: Quantity) -> bool:
    """Whether another place side by side with the amount's own is the one that the question names."""
    assert case.source is not None
    if quantity.each:
        return False
    groups = [_cells(case.source.sentences, quantity), *_lists(case.source.sentences, quantity)]
    groups += [_parts(case, sentence, quantity) for sentence in case.source.sentences if not sentence.in_table]
    groups = [group for group in groups if len(group) >= _FEWEST and any(place.states for place in group)]
    return bool(groups) and all(_is_dominated(case, group) for group in groups)


def _is_dominated(case: Case, group: list[_Place]) -> bool:
    named = [(place, _named(case, place)) for place in group]
    own = [(place, names) for place, names in named if place.states and _fits(case, place) is not False]
    rivals = [(place, names) for place, names in named if not place.states and _fits(case, place) is not False]
    if any(_fits(case, place) for place, _ in rivals) and not any(_fits(case, place) for place, _ in own):
        return True
    return bool(own) and any(all(names > held for _, held in own) for _, names in rivals)


def _fits(case: Case, place: _Place) -> bool | None:
    """Whether the case that the question names meets the place's condition; None where neither says."""
    verdicts = [v for asked in case.question_quantities if (v := within(asked, place.conditions)) is not None]
    return all(verdicts) if verdicts else None


def _named(case: Case, place: _Place) -> frozenset[str]:
    """Nouns of the question that the place names, a row's single letter among them (`가등급`)."""
    label = place.label.lower()
    inside = {noun.lower() for noun in case.corpus.tagger.nouns(label)}
    nouns = {noun.lower() for noun in case.corpus.tagger.nouns(case.question)}
    held = {
        noun
        for noun in nouns
        if any(equal in inside or (len(equal) > 1 and _starts_word(equal, label)) for equal in equals_of(noun))
    }
    letters = {
        letter
        for letter in _LETTER.findall(place.label)
        if re.search(rf"(?<![가-힣]){letter}\s?{_GRADE}", case.question)
    }
    return frozenset(held | letters)


def _starts_word(word: str, text: str) -> bool:
    """Whether a word of the text begins with it: 부모 does not stand in 조부모."""
    return bool(re.search(rf"(?<![가-힣]){re.escape(word)}", text))


def _cells(sentences: Iterable[Sentence], quantity: Quantity) -> list[_Place]:
    return [_place(s, quantity) for s in sentences if s.in_table and _of_kind(s.quantities, quantity)]


def _lists(sentences: Iterable[Sentence], quantity: Quantity) -> list[list[_Place]]:
    groups: dict[str, list[_Place]] = {}
    for sentence in sentences:
        if sentence.lead and not sentence.main and _of_kind(sentence.quantities, quantity):
            groups.setdefault(sentence.lead, []).append(_place(sentence, quantity))
    return list(groups.values())


def _place(sentence: Sentence, quantity: Quantity) -> _Place:
    states = any(same_value(quantity, other) for other in sentence.quantities)
    conditions = tuple(other for other in sentence.quantities if other.bound and other.unit != quantity.unit)
    label = sentence.text
    for other in sentence.quantities:
        label = label.replace(other.text, " ")
    return _Place(label, states, conditions)


def _of_kind(quantities: Iterable[Quantity], quantity: Quantity) -> bool:
    return any(other.unit == quantity.unit for other in quantities)


def _parts(case: Case, sentence: Sentence, quantity: Quantity) -> list[_Place]:
    """The parts of an enumeration that end in an amount of the kind, each with what names it.

    `국내 출장은 5영업일 이내에, 국외 출장은 10영업일 이내에` has two. The first is named by as many words as the
    longest of the others; where that is many, the sentence says different things and enumerates nothing.
    """
    read = read_quantities(sentence.text)
    ends = [
        other
        for other in read
        if other.unit == quantity.unit
        and same_bound(other, quantity)
        and not _is_condition(sentence.text, other)
        and not any(same_value(other, asked) for asked in case.question_quantities)
    ]
    if len({other.value for other in ends}) < _FEWEST:
        return []
    labels = [_BOUND_TAIL.sub("", sentence.text[last.end : end.start]) for last, end in itertools.pairwise(ends)]
    longest = max(len(label.split()) for label in labels)
    if longest > _LONGEST_NAME:
        return []
    first = " ".join(sentence.text[: ends[0].start].split()[-longest:])
    places = []
    start = max(ends[0].start - len(first) - 1, 0)
    for label, end in zip([first, *labels], ends, strict=True):
        conditions = [
            _bounded(sentence.text, other) for other in read if start <= other.start < end.start and other not in ends
        ]
        places.append(_Place(label, same_value(end, quantity), tuple(c for c in conditions if c.bound)))
        start = end.end
    return places


def _is_condition(text: str, quantity: Quantity) -> bool:
    """`29주부터 36주까지는` and `8시간을 초과한 때에는` tell when, not how much."""
    return bool(_CONDITION.match(text, quantity.end))


def _bounded(text: str, quantity: Quantity) -> Quantity:
    """`28주까지` as a condition is 28주 이내."""
    after = text[quantity.end : quantity.end + 3].strip()
    opened = next((bound for word, bound in _OPEN if after.startswith(word)), None)
    return replace(quantity, bound=quantity.bound or opened, side=None) if opened else quantity
