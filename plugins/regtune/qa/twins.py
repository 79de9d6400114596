"""Which answerable question each negative is modelled on, so that it is asked in the same manner.

In: the negatives that are to be asked, and the answerable pairs as they are taken. Out: for a negative the question of
an answerable pair of its article (its twin), of the same set. The n-th negative of an article gets its n-th pair, and
they begin anew where there are more negatives than pairs.
"""

from collections import defaultdict, deque
from collections.abc import Iterator

from regtune.qa.plan import Slot


class Twins:
    """The answerable pairs of one set by article, and the negatives that wait for them."""

    def __init__(self) -> None:
        """Begin with none of either."""
        self._questions: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """Chunk -> id and question of its pairs, in the order in which they were taken."""
        self._numbers: dict[Slot, int] = {}
        """Of each negative, among those of its chunk."""
        self._expected: defaultdict[str, list[Slot | None]] = defaultdict(list)
        self._told: deque[Slot] = deque()

    def keep(self, chunk_id: str) -> None:
        """Note a negative that is there already, from the run before."""
        self._expected[chunk_id].append(None)

    def expect(self, negative: Slot) -> None:
        """Note a negative that is to be asked."""
        slots = self._expected[negative.chunk_id]
        self._numbers[negative] = len(slots)
        slots.append(negative)
        if len(slots) <= self.pairs_on(negative.chunk_id):
            self._told.append(negative)

    def add(self, chunk_id: str, qa_id: str, question: str) -> None:
        """Note an answerable pair that was taken."""
        questions = self._questions[chunk_id]
        questions[qa_id] = question
        self._told.extend(filter(None, self._expected[chunk_id][len(questions) - 1 : len(questions)]))

    def remove(self, chunk_id: str, qa_id: str) -> None:
        """Forget a pair that was taken out again."""
        del self._questions[chunk_id][qa_id]

    def of(self, negative: Slot) -> str | None:
        """Return the question of its twin as things stand, None while there is none."""
        questions = list(self._questions[negative.chunk_id].values())
        return questions[self._numbers[negative] % len(questions)] if questions else None

    def pairs_on(self, chunk_id: str) -> int:
        """Count the answerable pairs of a chunk."""
        return len(self._questions[chunk_id])

    def pairs_to_spare(self) -> int:
        """Count those without which each of the chunks would still have one."""
        return sum(max(len(questions) - 1, 0) for questions in self._questions.values())

    def ready(self) -> Iterator[Slot]:
        """Yield each negative once whose own twin was taken."""
        while self._told:
            yield self._told.popleft()
