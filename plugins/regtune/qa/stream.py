"""The proposals for one slot of the plan, one attempt after the other.

In: a slot and how it is asked. Out: the outcome of each attempt, on demand. Whether a proposal is taken is not decided
here; an attempt that follows one is told that it asks what is there already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from regtune.qa.acceptance import Proposal, Refusal
from regtune.qa.plan import Slot

_FINAL = frozenset({"declined", "bad_request"})
"""Reasons after which the same slot is not asked again."""


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt."""

    found: Proposal | Refusal
    request_sha256: str
    raw: str | None = None
    """The reply's text where the journal does not have it, because no reply could be had."""


Ask = Callable[[Slot, str, Sequence[Refusal]], Awaitable[Outcome]]
"""Asks one slot once, told of the question that it is modelled on (of a negative) and of the refusals before."""


class Stream:
    """The attempts at one slot, as far as they were asked for."""

    def __init__(
        self,
        slot: Slot,
        twin: str,
        place: tuple[int, int],
        ask: Ask,
        attempts: int,
        look_ahead: Callable[["Stream"], bool],
    ) -> None:
        """Nothing is asked yet.

        Args:
            slot: of the plan.
            twin: the answerable question that a negative is modelled on; else empty.
            place: number of the line and in the line; the lower one is decided first.
            ask: asks the slot once.
            attempts: at most.
            look_ahead: told of each proposal; True: it will hardly be taken, so ask on.
        """
        self.slot = slot
        self.twin = twin
        self.place = place
        self.outcomes: list[Outcome] = []
        self.numbers: dict[int, int] = {}
        """Index of a proposal's outcome -> its number in Novelty."""
        self.task: asyncio.Task[None] | None = None
        self._ask = ask
        self._attempts = attempts
        self._look_ahead = look_ahead

    def go_on(self) -> None:
        """Ask up to the next proposal, unless that is under way."""
        if self.task is not None and self.task.done() and (self.task.cancelled() or self.task.exception()):
            return  # who waits for its outcome is told; to ask on would hide the error
        if not self._ended and (self.task is None or self.task.done()):
            self.task = asyncio.create_task(self._to_next_proposal())

    async def outcome(self, index: int) -> Outcome | None:
        """Return the outcome of one attempt, None when the slot is given up before it."""
        while len(self.outcomes) <= index:
            if self._ended:
                return None
            self.go_on()
            assert self.task is not None
            await self.task
        return self.outcomes[index]

    @property
    def _ended(self) -> bool:
        last = self.outcomes[-1].found if self.outcomes else None
        return len(self.outcomes) >= self._attempts or (isinstance(last, Refusal) and last.reason in _FINAL)

    async def _to_next_proposal(self) -> None:
        while not self._ended:
            found = [outcome.found for outcome in self.outcomes]
            told = [f if isinstance(f, Refusal) else Refusal("duplicate", f.question) for f in found]
            self.outcomes.append(await self._ask(self.slot, self.twin, told))
            if isinstance(self.outcomes[-1].found, Proposal) and not self._look_ahead(self):
                return
