"""Whether a pair asks what was asked before: against every pair that was proposed so far, one at a time.

In: pairs in any order, each accepted or not yet. Out: which earlier ones ask the same: by an equal question after
normalisation, by asked.py, or, of one chunk, by same_pairs.py; the rules that validate and the gate go by. Work and
memory stay small for sets of a hundred thousand: pairs are kept, readings of them are not, and only questions that may
be made of the same telling words, or pairs of one chunk, are compared.
"""

import itertools
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from regtune.korean.normalise import question_key
from regtune.qa.asked import Asked, Term, ask_the_same, blocks_of, read_question
from regtune.qa.same_pairs import Candidate, ReadPair, pairs_ask_the_same, read_pair

_PIECE = 2
"""Syllables: asked.py takes a word apart into pieces of so many or more, each of which the other question has."""
_WORDS_KEPT = 20_000


class Novelty:
    """Pairs by number, in the order in which they were added."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Begin with none; `texts` are those of the chunks by id."""
        self._chunk_texts = texts
        self._pairs: list[Candidate] = []
        self._blocks: list[tuple[int, ...]] = []
        self._leads: list[tuple[tuple[str, ...], ...]] = []
        """For each telling word of a question the first pieces of its wordings."""
        self._accepted = bytearray()
        self._equal: dict[int, array[int]] = {}
        self._of_chunk: defaultdict[tuple[str, bool], array[int]] = defaultdict(lambda: array("I"))
        self._pieces: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, pair: Candidate) -> int:
        """Keep a pair that was proposed; returns its number."""
        number = len(self._pairs)
        asked = _read(pair.question)
        self._pairs.append(pair)
        self._accepted.append(0)
        self._blocks.append(tuple(hash(block) for block in blocks_of(asked)))
        self._leads.append(tuple(_leads(term) for term in asked.terms if not term.weak))
        self._equal.setdefault(hash(question_key(pair.question)), array("I")).append(number)
        self._of_chunk[pair.chunk_id, pair.is_negative].append(number)
        for piece in _pieces(asked):
            self._pieces[piece].append(number)
        return number

    def accept(self, number: int) -> None:
        """Take a pair into the dataset."""
        self._accepted[number] = 1

    def is_accepted(self, number: int) -> bool:
        """Whether a pair is in the dataset."""
        return bool(self._accepted[number])

    def why_not(self, pair: Candidate) -> str | None:
        """Say `duplicate` or `near_duplicate` when an accepted pair asks the same, else None."""
        reasons = {reason for number, reason in self.alike(pair) if self._accepted[number]}
        return min(reasons, default=None)  # an equal one says more than a near one

    def alike(self, pair: Candidate) -> Iterator[tuple[int, str]]:
        """Yield (number, `duplicate` or `near_duplicate`) of the pairs that ask the same, equal questions first."""
        key = question_key(pair.question)
        equal = {n for n in self._equal.get(hash(key), ()) if question_key(self._pairs[n].question) == key}
        yield from ((number, "duplicate") for number in sorted(equal))
        asked = _read(pair.question)
        blocks = {hash(block) for block in blocks_of(asked)}
        by_question = {
            number
            for number in self._related(asked)
            if not blocks.isdisjoint(self._blocks[number]) and ask_the_same(asked, _read(self._pairs[number].question))
        }
        by_answer = {n for n in self._of_chunk.get((pair.chunk_id, pair.is_negative), ()) if self._same(pair, n)}
        yield from ((number, "near_duplicate") for number in sorted((by_question | by_answer) - equal))

    def _same(self, pair: Candidate, number: int) -> bool:
        text = self._chunk_texts.get(pair.chunk_id, "")
        return pairs_ask_the_same(_read_pair(pair), _read_pair(self._pairs[number]), text)

    def _related(self, asked: Asked) -> Sequence[int]:
        """Numbers of the questions that have, in pieces, this one's telling words, and no others."""
        telling = [term for term in asked.terms if not term.weak]
        postings = [self._postings_of(term) for term in telling or asked.terms]
        rarest = min(postings, key=lambda some: sum(map(len, some)), default=[])
        own = _pieces(asked)
        return [
            number
            for number in sorted({number for posting in rarest for number in posting})
            if all(any(lead in own for lead in leads) for leads in self._leads[number])
            and all(self._has_term(number, term) for term in telling)
        ]

    def _postings_of(self, term: Term) -> list["array[int]"]:
        """Postings in which every question stands that has the term: for each wording its rarest window."""
        rarest = []
        for word in {term.word, *term.meanings}:
            windows = [[self._pieces[p] for p in window if p in self._pieces] for window in _windows(word)]
            rarest += min(windows, key=lambda window: sum(map(len, window)))
        return rarest

    def _has_term(self, number: int, term: Term) -> bool:
        return any(
            all(any(self._has_piece(number, piece) for piece in window) for window in _windows(word))
            for word in {term.word, *term.meanings}
        )

    def _has_piece(self, number: int, piece: str) -> bool:
        posting = self._pieces.get(piece)
        if posting is None:
            return False
        place = bisect_left(posting, number)  # numbers only ever grow
        return place < len(posting) and posting[place] == number


def _pieces(asked: Asked) -> set[str]:
    return {pair for word in asked.words for pair in _pairs(word)}


def _pairs(word: str) -> list[str]:
    return [word[i : i + _PIECE] for i in range(max(1, len(word) - 1))]


@lru_cache(maxsize=_WORDS_KEPT)
def _leads(term: Term) -> tuple[str, ...]:
    return tuple(sorted({word[:_PIECE] for word in (term.word, *term.meanings)}))


@lru_cache(maxsize=_WORDS_KEPT)
def _windows(word: str) -> tuple[tuple[str, ...], ...]:
    """Pairs of syllables of which a question that has the word, whole or in pieces, has one in each window.

    A cut is never beside another, so of two pairs that follow one another one lies within a piece; the first pair
    always does, the last unless the last syllable is cut off as a suffix.
    """
    pairs = _pairs(word)
    return ((pairs[0],), *itertools.pairwise(pairs))


@lru_cache(maxsize=2048)
def _read(text: str) -> Asked:
    return read_question(text)


@lru_cache(maxsize=2048)
def _read_pair(pair: Candidate) -> ReadPair:
    return read_pair(pair)
