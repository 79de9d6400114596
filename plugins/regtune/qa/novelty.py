"""Whether a question was asked before: against every question that was proposed so far, one at a time.

In: questions in any order, each accepted or not yet. Out: which earlier ones ask the same, equal after normalisation or
by asked.py, the rule that validate and the gate go by. Work and memory stay small for sets of a hundred thousand: texts
are kept, readings of them are not, and only questions that may be made of the same telling words are compared.
"""

import itertools
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from regtune.korean.normalise import question_key
from regtune.qa.asked import Asked, Term, ask_the_same, blocks_of, read_question

_PIECE = 2
"""Syllables: asked.py takes a word apart into pieces of so many or more, each of which the other question has."""
_WORDS_KEPT = 20_000


class Novelty:
    """Questions by number, in the order in which they were added."""

    def __init__(self) -> None:
        """Begin with none."""
        self._texts: list[str] = []
        self._blocks: list[tuple[int, ...]] = []
        self._leads: list[tuple[tuple[str, ...], ...]] = []
        """For each telling word of a question the first pieces of its wordings."""
        self._accepted = bytearray()
        self._equal: dict[int, array[int]] = {}
        self._pieces: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, question: str) -> int:
        """Keep a question that was proposed; returns its number."""
        number = len(self._texts)
        asked = _read(question)
        self._texts.append(question)
        self._accepted.append(0)
        self._blocks.append(tuple(hash(block) for block in blocks_of(asked)))
        self._leads.append(tuple(_leads(term) for term in asked.terms if not term.weak))
        self._equal.setdefault(hash(question_key(question)), array("I")).append(number)
        for piece in _pieces(asked):
            self._pieces[piece].append(number)
        return number

    def accept(self, number: int) -> None:
        """Take a question into the dataset."""
        self._accepted[number] = 1

    def is_accepted(self, number: int) -> bool:
        """Whether a question is in the dataset."""
        return bool(self._accepted[number])

    def why_not(self, question: str) -> str | None:
        """Say `duplicate` or `near_duplicate` when an accepted question asks the same, else None."""
        reasons = {reason for number, reason in self.alike(question) if self._accepted[number]}
        return min(reasons, default=None)  # an equal one says more than a near one

    def alike(self, question: str) -> Iterator[tuple[int, str]]:
        """Yield (number, `duplicate` or `near_duplicate`) of the questions that ask the same, equal ones first."""
        key = question_key(question)
        equal = [n for n in self._equal.get(hash(key), ()) if question_key(self._texts[n]) == key]
        yield from ((number, "duplicate") for number in equal)
        asked = _read(question)
        blocks = {hash(block) for block in blocks_of(asked)}
        for number in self._related(asked):
            compared = number not in equal and not blocks.isdisjoint(self._blocks[number])
            if compared and ask_the_same(asked, _read(self._texts[number])):
                yield number, "near_duplicate"

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
