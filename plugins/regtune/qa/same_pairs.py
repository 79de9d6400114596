"""Pairs that ask the same in other words: questions that are alike, about one article, with one answer.

For split, which keeps them on one side: validate and the gate go by the rule that generate fills quotas by, questions
alone. In: pairs. Out: DuplicatePair records. Where two questions are put in different words, their answers tell whether
they ask the same: another amount, or other words, is another question. So less likeness of the questions is enough here
than duplicates.py asks for. Only pairs of one chunk are compared, and of them only those whose answers may agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from regtune.contracts import DuplicatePair, QAPair
from regtune.korean.citations import without_citations
from regtune.korean.everyday import names_of
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import read_quantities, values_of
from regtune.qa.asked import Asked, Term, kept_apart, read_question

_ALIKE, _ALIKE_WITH_AMOUNTS, _ALIKE_WITHOUT_ANSWER = 0.5, 0.4, 0.6
"""Share of both questions' words that the other one has, from which they ask the same: where the answers agree in
words, where they name the same amounts, and where both say that there is no rule."""
_AGREES = 0.6
"""The same of answers that name no amounts."""
_SHORTEST = 2
_MOST_OF_ONE_CHUNK = 200
"""More pairs than this about one article are no dataset; the first are compared."""
_SCORE = 0.9


@dataclass(frozen=True)
class _Read:
    """One pair, read."""

    pair: QAPair
    asked: Asked
    everyday: frozenset[str]
    amounts: frozenset[tuple[Decimal, str]]
    """What the answer states beyond the question."""
    said: tuple[Term, ...]


def same_pairs(pairs: Sequence[QAPair], texts: Mapping[str, str]) -> list[DuplicatePair]:
    """Find pairs that ask the same; `a` before `b` in string order, sorted.

    Args:
        pairs: of a dataset.
        texts: of the chunks by id. Two words of one article tell two questions apart: 사무직 and 생산직.
    """
    of_chunk: dict[tuple[str, bool], list[QAPair]] = {}
    for pair in pairs:
        of_chunk.setdefault((pair.chunk_id, pair.type == "negative"), []).append(pair)
    found = []
    for (chunk_id, _), members in of_chunk.items():
        read = [_read(pair) for pair in members[:_MOST_OF_ONE_CHUNK]] if len(members) > 1 else []
        found += [
            tuple(sorted((one.pair.qa_id, other.pair.qa_id))) for one, other in _same(read, texts.get(chunk_id, ""))
        ]
    return [DuplicatePair(a=a, b=b, score=_SCORE) for a, b in sorted(found)]


def _same(read: Sequence[_Read], text: str) -> Iterator[tuple[_Read, _Read]]:
    for one, other in combinations(read, 2):
        least = _least_alike(one, other)
        if least and not kept_apart(one.asked, other.asked) and _ask_alike(one, other, least):
            only = _own(one, other), _own(other, one)
            sure = one.pair.type != "negative" or not all(only)
            if sure and not all(any(word in text for word in words) for words in only):
                yield one, other


def _own(one: _Read, other: _Read) -> list[str]:
    """Words of the first question that the second has in no form."""
    return [term.word for term in one.asked.terms if not _held(term, other.asked.terms, other.everyday)]


def _read(pair: QAPair) -> _Read:
    answer = without_citations(folded(pair.answer))
    asked = read_question(pair.question)
    given = values_of(read_quantities(folded(pair.question)))
    return _Read(
        pair=pair,
        asked=asked,
        everyday=names_of(folded(pair.question)),
        amounts=values_of(q for q in read_quantities(answer) if not q.each) - given,
        said=read_question(answer).terms,
    )


def _least_alike(one: _Read, other: _Read) -> float:
    """How alike the questions have to be by what the answers tell; 0 where those differ."""
    if one.pair.type == "negative":
        return _ALIKE_WITHOUT_ANSWER
    if one.amounts and other.amounts:
        within = one.amounts <= other.amounts or other.amounts <= one.amounts
        return _ALIKE_WITH_AMOUNTS if within else 0.0
    if one.amounts or other.amounts:
        return 0.0
    return _ALIKE if _share(one.said, other.said, frozenset(), frozenset()) >= _AGREES else 0.0


def _ask_alike(one: _Read, other: _Read, least: float) -> bool:
    terms = one.asked.terms, other.asked.terms
    return all(terms) and _share(*terms, one.everyday, other.everyday) >= least


def _share(
    one: Sequence[Term], other: Sequence[Term], everyday: frozenset[str], others_everyday: frozenset[str]
) -> float:
    """Share of the terms of both that the other side has."""
    if not one or not other:
        return 0.0
    held = sum(_held(term, other, others_everyday) for term in one)
    held_back = sum(_held(term, one, everyday) for term in other)
    return (held + held_back) / (len(one) + len(other))


def _held(term: Term, others: Sequence[Term], everyday: frozenset[str]) -> bool:
    words = frozenset({term.word, *term.meanings})
    if words & everyday:
        return True
    return any(_overlap(word, held) for other in others for held in (other.word, *other.meanings) for word in words)


def _overlap(one: str, other: str) -> bool:
    """One is the other, or begins it or ends it: 연가 and 연가일수."""
    short, long = sorted((squeezed(one), squeezed(other)), key=len)
    return short == long or (len(short) >= _SHORTEST and (long.startswith(short) or long.endswith(short)))
