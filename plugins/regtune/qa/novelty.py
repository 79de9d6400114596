"""Whether a question was asked before: against every question that was proposed so far, one at a time.

In: questions in any order, each accepted or not yet. Out: which earlier ones ask the same, equal after normalisation or
by asked.py, the rule that validate and the gate go by. Work and memory stay small for sets of a hundred thousand: texts
are kept, readings of them are not, and only questions that share the beginning of a telling word are compared.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from regtune.korean.normalise import question_key
from regtune.qa.asked import Asked, ask_the_same, blocks_of, read_question

_PIECE = 2
"""Syllables: asked.py takes two words for related only when one begins with so much of the other."""


class Novelty:
    """Questions by number, in the order in which they were added."""

    def __init__(self) -> None:
        """Begin with none."""
        self._texts: list[str] = []
        self._blocks: list[tuple[int, ...]] = []
        self._accepted = bytearray()
        self._equal: dict[int, array[int]] = {}
        self._pieces: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, question: str) -> int:
        """Keep a question that was proposed; returns its number."""
        number = len(self._texts)
        asked = read_question(question)
        self._texts.append(question)
        self._accepted.append(0)
        self._blocks.append(tuple(hash(block) for block in blocks_of(asked)))
        self._equal.setdefault(hash(question_key(question)), array("I")).append(number)
        for piece in sorted({word[i : i + _PIECE] for word in asked.words for i in range(max(1, len(word) - 1))}):
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
        asked = read_question(question)
        blocks = {hash(block) for block in blocks_of(asked)}
        for number in self._related(asked):
            compared = number not in equal and not blocks.isdisjoint(self._blocks[number])
            if compared and ask_the_same(asked, _read(self._texts[number])):
                yield number, "near_duplicate"

    def _related(self, asked: Asked) -> list[int]:
        """Numbers of the questions that have the rarest of this one's telling words, or a part of it."""
        telling = [term for term in asked.terms if not term.weak] or list(asked.terms)
        choices = []
        for term in telling:
            pieces = {word[:_PIECE] for word in (term.word, *term.meanings)}
            postings = [self._pieces[piece] for piece in sorted(pieces) if piece in self._pieces]
            choices.append((sum(map(len, postings)), postings))
        _, rarest = min(choices, key=lambda choice: choice[0], default=(0, []))
        return sorted({number for posting in rarest for number in posting})


@lru_cache(maxsize=2048)
def _read(text: str) -> Asked:
    return read_question(text)
