"""A chunk's amounts with what they are for.

In: a case. Out: the slots of its chunk: an amount with the words that name it, its clause and its case. An amount is
named by the words of its own clause, back to the amount of its kind before it: `일비는 1일당 2만원, 식비는 1일당 3만원`
has two. Which of them a question asks for is told by slot_fit.py.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value, values_of
from regtune.qa.case import Case
from regtune.qa.sentences import Sentence

_BREAK = re.compile(
    r"(?<=\D),\s+|;\s*|(?<=[가-힣](?:하고|하며|하되|이며|이고|되며|되고|되되|리고|리며|니며|내고|내며))\s+"
)
_WORDS = re.compile(r"[가-힣A-Za-z]+")
_LISTS = re.compile(r"다음\s(?:각\s?호|각\s?목|의)")
_LABEL = re.compile(r"(?:[가-힣A-Za-z()·]+\s){0,4}(?:최대\s|최소\s|총\s)?$")
_POINTS = ("시각", "날짜", "월일")
_FIRST = re.compile(r"(?:처음|최초|첫)(?:의)?\s?$")
_THEN = re.compile(r"그\s?(?:후|이후|뒤|다음)")
_CONDITION = re.compile(
    r"\s?(?:간|동안)?\s?(?:(?:까지|부터|이후)(?:는|에는)?(?=[\s,:])"
    r"|(?:[을를이가]\s)?(?:초과|이상|이하|미만|이내|넘)[가-힣]{0,2}\s?(?:때|경우|기간|직원|사람|자(?![가-힣])|날|면|시간))"
)
_AFTER_AMOUNT = re.compile(r"^\s?(?:이내|이하|이상|미만|초과|씩|까지|[을를은는이가에의로]|으로|에는|에게)*")
_LISTED = re.compile(r"(?:[과와,·]|^및|^또는)$")


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


def is_condition(text: str, quantity: Quantity) -> bool:
    """`29주부터 36주까지는` and `8시간을 초과한 때에는` tell when, not how much."""
    return bool(_CONDITION.match(text, quantity.end))


def slots_of(case: Case) -> list[Slot]:
    """Every amount of the chunk with what it is named by."""
    assert case.source is not None
    sentences = case.source.sentences
    return [slot for sentence in sentences for slot in _in_sentence(sentence, _items_of(sentence, sentences))]


def is_named_there(case: Case, quantity: Quantity) -> bool:
    """Whether the chunk names the amount by the very words that stand right before it in the answer.

    Only where none of its rivals is named by them.
    """
    named = _LABEL.search(case.answer[: quantity.start])
    words = [noun for noun in case.corpus.nouns(named.group()) if len(noun) > 1] if named else []
    slots = [slot for slot in slots_of(case) if dimension(slot.quantity) == dimension(quantity)] if words else []
    own = [s for s in slots if same_value(s.quantity, quantity) and same_bound(s.quantity, quantity)]
    telling = {word for word in words if any(word in s.label for s in own)}
    rivals = [s for s in slots if not any(same_value(s.quantity, o.quantity) for o in own)]
    return any(not any(word in s.label for s in rivals) for word in telling)


def _items_of(sentence: Sentence, sentences: Sequence[Sentence]) -> str:
    """What `다음 각 호의 어느 하나에 해당하는 직원` stands for."""
    if not _LISTS.search(sentence.text):
        return sentence.referred
    return " ".join(other.text for other in sentences if other.lead.endswith(sentence.text))


def _in_sentence(sentence: Sentence, items: str) -> list[Slot]:
    amounts = read_quantities(sentence.text)
    kinds = list(dict.fromkeys(dimension(quantity) for quantity in amounts))
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
        others = [q for q in amounts if start <= q.start < end and dimension(q) != kind and not q.each]
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
        inside = [q for q in amounts if clause_start <= q.start < clause_end and dimension(q) == kind]
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
        if any(match.start() < q.start < match.end() and dimension(q) == kind for q in amounts)
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


def dimension(quantity: Quantity) -> str:
    """The unit in which amounts of its kind are compared."""
    return next(iter(values_of([quantity])))[1]
