"""Filling one set of pairs to its quotas: many questions at a time, with the result of asking one after the other.

In: a plan, quotas, and how a slot is asked. Out: what was taken for each slot, in order, and what was refused.
A slot is a stream of proposals that depends on nothing but itself: each attempt is told what became of those before
it. The line is walked once from its head: a slot gives the first of its proposals that no accepted pair asks
already; one that gives none makes room for another slot of its type. A chunk that has no slot of a type left and no
answerable pair is asked the other type at the end; what it gives takes the place of the last pair of that type on a
chunk that has another one. Negatives come last, each modelled on an answerable pair of its chunk (twins.py). That is
all that decides, so neither the number of requests at a time nor the order of the replies changes a byte. Speed comes
from asking ahead of the walk: a negative as soon as its twin is taken.
"""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from regtune.artifacts import sha256_of_bytes
from regtune.config import Quota
from regtune.contracts import QA_TYPES, QAType
from regtune.llm import cancelled
from regtune.qa.acceptance import Proposal, Refusal
from regtune.qa.filled import Filled, Refused, Taken
from regtune.qa.plan import Slot, Waiting
from regtune.qa.same_pairs import Candidate
from regtune.qa.stream import Ask, Stream
from regtune.qa.twins import Twins

_ANSWERABLE: tuple[QAType, ...] = ("lookup", "procedure")


@dataclass
class _Line:
    """Slots that are decided one after the other; the first of them are being asked."""

    slots: deque[Slot] = field(default_factory=deque)
    started: deque[Stream] = field(default_factory=deque)


class Filling:
    """One walk: adds to `filled` until every quota is full or its plan has ended."""

    def __init__(
        self,
        plan: Mapping[QAType, Sequence[Slot]],
        quota: Quota,
        filled: Filled,
        ask: Ask,
        attempts: int,
        ahead: int,
        kept: Sequence[Taken] = (),
    ) -> None:
        """Put the first slots of the plan into the line.

        Args:
            plan: slots by type, more than the quotas.
            quota: how many of each type, with those of the run before.
            filled: what earlier fillings took.
            ask: asks one slot once.
            attempts: at one slot, before it is given up.
            ahead: slots that are asked ahead of the walk; more than the servers take at a time.
            kept: pairs of the run before, no more than the quota.
        """
        self.missing = Counter({qa_type: quota.of(qa_type) for qa_type in QA_TYPES})
        self.missing.subtract(taken.slot.type for taken in kept)
        self._filled = filled
        self._ask, self._attempts, self._ahead = ask, attempts, ahead
        self._waiting = {qa_type: Waiting(plan[qa_type]) for qa_type in QA_TYPES}
        self._answerable = _Line(deque(self._first("procedure", "lookup")))
        self._rescue = _Line()
        self._negative = _Line(deque(self._first("negative")))
        self._lines = (self._answerable, self._rescue, self._negative)
        self._left_out: list[str] = []
        """Chunks that lost their last slot of a type while they had no pair."""
        self._twins = Twins()
        self._early: dict[Slot, Stream] = {}
        """Negatives that are asked while answerable pairs are still decided."""
        self._in_vain: list[Stream] = []
        """Of these, those whose twin was taken out again."""
        for taken in kept:
            if taken.row is not None and taken.slot.type != "negative":
                self._twins.add(taken.slot.chunk_id, taken.qa_id, taken.row.question)
                filled.covered.add(taken.slot.chunk_id)
        for taken in kept:
            if taken.slot.type == "negative":
                self._twins.keep(taken.slot.chunk_id)
        for slot in self._negative.slots:
            self._twins.expect(slot)
        self._taken_before = len(filled.taken)
        filled.taken.extend(kept)
        self.without_twin = 0
        """Negatives that were not asked, since no answerable pair stands on their article."""
        self._places = itertools.count()
        self._owners: dict[int, Stream] = {}
        """Number of a proposal that is not decided -> its stream."""

    async def run(self, on_taken: Callable[[QAType], None]) -> None:
        """Walk the line.

        A negative stands beside an answerable pair of its article, so answerable slots are decided first.

        Args:
            on_taken: called for each pair, for progress.
        """
        try:
            for line in self._lines:
                if line is self._rescue:
                    line.slots.extend(self._of_left_out())
                while line.slots or line.started:
                    self._start_ahead(twins_known=line is self._negative)
                    stream = line.started.popleft()
                    try:
                        taken = await self._decide(stream)
                    finally:
                        await self._leave(stream)
                    if not taken:
                        self._replace(stream.slot, line)
                    elif self.missing[stream.slot.type]:
                        self.missing[stream.slot.type] -= 1
                        on_taken(stream.slot.type)
                    else:
                        self._give_way(stream.slot.type)
        finally:
            started = (stream for line in self._lines for stream in line.started)
            for stream in [*started, *self._early.values(), *self._in_vain]:
                await self._leave(stream)

    def _first(self, *types: QAType) -> Iterator[Slot]:
        """As many slots of each type as are missing, the types in turn."""
        left = Counter({qa_type: self.missing[qa_type] for qa_type in types})
        while any(left.values()):
            for qa_type in types:
                slot = self._waiting[qa_type].next() if left[qa_type] else None
                left[qa_type] = left[qa_type] - 1 if slot is not None else 0
                if slot is not None:
                    yield slot

    def _of_left_out(self) -> Iterator[Slot]:
        """A slot for each chunk that was left out, as far as there are pairs that can give way to them."""
        uncovered = (c for c in dict.fromkeys(self._left_out) if c not in self._filled.covered)
        slots = filter(None, map(self._other_of, uncovered))
        return itertools.islice(
            slots, self._twins.pairs_to_spare() + sum(self.missing[qa_type] for qa_type in _ANSWERABLE)
        )

    def _other_of(self, chunk_id: str) -> Slot | None:
        """Take the first slot of a chunk, of whichever type has one left and room for a pair."""
        types = (qa_type for qa_type in _ANSWERABLE if self._has_room(qa_type))
        return next(filter(None, (self._waiting[qa_type].next_of(chunk_id) for qa_type in types)), None)

    def _start_ahead(self, *, twins_known: bool) -> None:
        """Answerable slots first; negatives fill what is left of the room."""
        under_way = 0
        for line in self._lines:
            under_way += len(line.started)
            room = max(self._ahead - under_way, 0 if line.started else 1)
            if line is self._negative and not twins_known:
                ready = itertools.islice(self._twins.ready(), max(0, room - len(self._early)))
                self._early.update((slot, self._asked(slot)) for slot in ready)
            else:
                started = [self._asked(line.slots.popleft()) for _ in range(min(len(line.slots), room))]
                line.started.extend(started)
                under_way += len(started)

    def _asked(self, slot: Slot) -> Stream:
        """Begin to ask a slot, unless it is asked already, or is a negative that has no twin."""
        twin = self._twins.of(slot) if slot.type == "negative" else ""
        early = self._early.pop(slot, None)
        if early is not None and early.twin == twin:
            return early
        if early is not None:
            self._in_vain.append(early)
        place = (slot.type == "negative", next(self._places))
        stream = Stream(slot, twin or "", place, self._ask, self._attempts, self._look_ahead)
        if twin is not None:
            stream.go_on()
        return stream

    async def _decide(self, stream: Stream) -> bool:
        """Take the first proposal that asks something new."""
        slot, filled = stream.slot, self._filled
        if slot.type == "negative" and not stream.twin:
            self.without_twin += 1
            return False
        if not self._has_room(slot.type):
            return False
        index = 0
        while (outcome := await stream.outcome(index)) is not None:
            found = outcome.found
            reason = found.reason if isinstance(found, Refusal) else filled.why_not(_candidate(slot, found))
            if reason is None and isinstance(found, Proposal):
                filled.novelty.accept(stream.numbers[index])
                digest = sha256_of_bytes(f"{outcome.request_sha256}:{found.question}".encode())
                taken = Taken(slot, index + 1, outcome.request_sha256, f"{slot.type}-{digest[:16]}")
                filled.taken.append(taken)
                if slot.type != "negative":
                    filled.covered.add(slot.chunk_id)
                    self._twins.add(slot.chunk_id, taken.qa_id, found.question)
                return True
            index += 1
            unreadable = isinstance(found, Refusal) and found.unreadable
            filled.refused.append(Refused(slot, index, str(reason), outcome.request_sha256, outcome.raw, unreadable))
        return False

    def _look_ahead(self, stream: Stream) -> bool:
        """Ask on at once for the later of two like proposals: it will be refused, if the other is taken.

        Only what is asked early depends on this, never what is decided.
        """
        index = len(stream.outcomes) - 1
        found = stream.outcomes[index].found
        assert isinstance(found, Proposal)
        candidate = _candidate(stream.slot, found)
        alike = [number for number, _ in self._filled.novelty.alike(candidate)]
        stream.numbers[index] = self._filled.novelty.add(candidate)
        self._owners[stream.numbers[index]] = stream
        again = False
        for number in alike:
            other = self._owners.get(number)
            if other is None or other.place < stream.place:
                again = again or other is not None or self._filled.novelty.is_accepted(number)
            elif max(other.numbers.values()) == number:
                other.go_on()
        return again

    def _has_room(self, qa_type: QAType) -> bool:
        return bool(self.missing[qa_type]) or self._to_spare(qa_type) is not None

    def _to_spare(self, qa_type: QAType) -> int | None:
        """Index of the last pair of a type whose chunk has another answerable one."""
        taken = self._filled.taken
        last_first = range(len(taken) - 1, self._taken_before - 1, -1)
        of_type = (i for i in last_first if taken[i].slot.type == qa_type)
        return next((i for i in of_type if self._twins.pairs_on(taken[i].slot.chunk_id) > 1), None)

    def _give_way(self, qa_type: QAType) -> None:
        """Take one pair out again, since the last one that was taken is over the quota; its question stays known."""
        index = self._to_spare(qa_type)
        assert index is not None, "else the last one had not been taken"
        spare = self._filled.taken.pop(index)
        self._twins.remove(spare.slot.chunk_id, spare.qa_id)
        if spare.row is None:
            self._filled.refused.append(Refused(spare.slot, spare.attempt, "gave_way", spare.request_sha256, None))

    def _replace(self, slot: Slot, line: _Line) -> None:
        """Put another slot into the line: of the same chunk while that is not covered, else the next of the type."""
        uncovered = slot.type != "negative" and slot.chunk_id not in self._filled.covered
        if line is self._rescue:
            other = self._other_of(slot.chunk_id) if uncovered else None
        else:
            other = self._waiting[slot.type].next_of(slot.chunk_id) if uncovered else None
            if uncovered and other is None:
                self._left_out.append(slot.chunk_id)
            if slot.type == "negative":  # of the same way, so that the ways stay even
                other = self._waiting[slot.type].next_with(slot.angle)
            other = other or self._waiting[slot.type].next()
        if other is not None:
            line.slots.append(other)
            if other.type == "negative":
                self._twins.expect(other)

    async def _leave(self, stream: Stream) -> None:
        for number in stream.numbers.values():
            self._owners.pop(number, None)
        if stream.task is not None:
            await cancelled([stream.task])  # of one that ended, this takes the error, which the head has raised too


def _candidate(slot: Slot, found: Proposal) -> Candidate:
    return Candidate(found.question, found.answer, slot.chunk_id, slot.type == "negative")
