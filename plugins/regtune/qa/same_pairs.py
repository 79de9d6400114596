"""Pairs that ask the same in other words: questions that are alike, about one article, with one answer.

In: pairs. Out: DuplicatePair records, or whether two pairs ask the same. Where two questions are put in different
words, their answers tell whether they ask the same: another amount, or other words, is another question. So less
likeness of the questions is enough here than duplicates.py asks for. Only pairs of one chunk are compared. generate
fills its quotas by this rule too (novelty.py), so validate refuses nothing by it that generate took.
"""

from collections.abc import Mapping, Sequence
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
class Candidate:
    """A pair as generate proposes it."""

    question: str
    answer: str = ""
    chunk_id: str = ""
    is_negative: bool = False


@dataclass(frozen=True)
class ReadPair:
    """One pair, read."""

    asked: Asked
    everyday: frozenset[str]
    amounts: frozenset[tuple[Decimal, str]]
    """What the answer states beyond the question."""
    said: tuple[Term, ...]
    is_negative: bool


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
    for (chunk_id, is_negative), members in of_chunk.items():
        some = members[:_MOST_OF_ONE_CHUNK] if len(members) > 1 else []
        read = [(p.qa_id, read_pair(Candidate(p.question, p.answer, chunk_id, is_negative))) for p in some]
        text = texts.get(chunk_id, "")
        same = ((a, b) for (a, one), (b, other) in combinations(read, 2) if pairs_ask_the_same(one, other, text))
        found += [(min(ids), max(ids)) for ids in same]
    return [DuplicatePair(a=a, b=b, score=_SCORE) for a, b in sorted(found)]


def read_pair(pair: Candidate) -> ReadPair:
    """Read one pair."""
    answer = without_citations(folded(pair.answer))
    given = values_of(read_quantities(folded(pair.question)))
    return ReadPair(
        asked=read_question(pair.question),
        everyday=names_of(folded(pair.question)),
        amounts=values_of(q for q in read_quantities(answer) if not q.each) - given,
        said=read_question(answer).terms,
        is_negative=pair.is_negative,
    )


def pairs_ask_the_same(one: ReadPair, other: ReadPair, text: str) -> bool:
    """Whether two pairs about one chunk, both negatives or neither, ask the same; `text` is the chunk's."""
    least = _least_alike(one, other)
    if not least or kept_apart(one.asked, other.asked) or not _ask_alike(one, other, least):
        return False
    only = _own(one, other), _own(other, one)
    if one.is_negative and all(only):
        return False
    return not all(any(word in text for word in words) for words in only)


def _own(one: ReadPair, other: ReadPair) -> list[str]:
    """Words of the first question that the second has in no form."""
    return [term.word for term in one.asked.terms if not _held(term, other.asked.terms, other.everyday)]


def _least_alike(one: ReadPair, other: ReadPair) -> float:
    """How alike the questions have to be by what the answers tell; 0 where those differ."""
    if one.is_negative:
        return _ALIKE_WITHOUT_ANSWER
    if one.amounts and other.amounts:
        within = one.amounts <= other.amounts or other.amounts <= one.amounts
        return _ALIKE_WITH_AMOUNTS if within else 0.0
    if one.amounts or other.amounts:
        return 0.0
    return _ALIKE if _share(one.said, other.said, frozenset(), frozenset()) >= _AGREES else 0.0


def _ask_alike(one: ReadPair, other: ReadPair, least: float) -> bool:
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
