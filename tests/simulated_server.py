"""A model server of known capacity in simulated time: no process, no socket, no waiting.

It answers as a server with continuous batching does: up to `batch` requests are decoded together, the rest wait; a
token takes `base + load * (requests in the batch)` seconds, the first token `first + first_load * batch` on top.
"""

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from regtune.pace import Pace
from regtune.pacing import Servers

Result = TypeVar("Result")


class _Clock(selectors.SelectSelector):
    """Waiting costs no time: the clock jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def in_simulated_time(work: Callable[[], Coroutine[Any, Any, Result]]) -> tuple[Result, float]:
    """Run a coroutine; returns its result and the seconds that it would have taken."""
    loop = _Loop()
    try:
        result = loop.run_until_complete(work())
        return result, loop.time()
    finally:
        loop.close()


class FixedPool(Pace):
    """So many at a time, whatever becomes of them: what the pacing is compared with."""

    @property
    def room(self) -> int:
        """As many as are not under way."""
        return self.most - self.in_flight


@dataclass
class SimulatedServer:
    """Its capacity, and what is under way."""

    batch: int = 128
    base: float = 0.007
    """Seconds a token takes alone: 143 tokens/s."""
    load: float = 0.0002
    """Seconds more for each request decoded beside it: at 128 a batch of 3,920 tokens/s."""
    first: float = 0.03
    first_load: float = 0.001
    refuses_beyond: int | None = None
    """Requests at a time beyond which it answers 429."""
    retry_after: float = 1.0
    """Seconds that a refused client is told to wait."""
    refused: int = 0
    _running: int = 0
    _queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    most_at_a_time: int = 0
    waited: int = 0
    under_way: int = 0

    @property
    def takes(self) -> int:
        """Requests at a time that it serves without queueing or refusing one."""
        return min(self.batch, self.refuses_beyond or self.batch)

    async def answer(self, tokens: int) -> bool:
        """Take as long as a reply of so many tokens takes; False: refused with 429."""
        if self.refuses_beyond is not None and self.under_way >= self.refuses_beyond:
            self.refused += 1
            return False
        self.under_way += 1
        self.most_at_a_time = max(self.most_at_a_time, self.under_way)
        if self._running >= self.batch:
            self.waited += 1
            place = asyncio.get_running_loop().create_future()
            self._queue.append(place)
            await place
        else:
            self._running += 1
        await asyncio.sleep(self.first + self.first_load * self._running)
        left = tokens
        while left > 0:  # the batch changes while a reply is written
            step = min(left, 16)
            await asyncio.sleep(step * (self.base + self.load * self._running))
            left -= step
        self.under_way -= 1
        if self._queue:
            self._queue.popleft().set_result(None)
        else:
            self._running -= 1
        return True

    def best_seconds(self, lengths: list[int]) -> float:
        """The shortest time for these replies: a full batch from the first moment to the last.

        Whatever the order, a batch of n writes at most n / (base + load * n) tokens a second, which grows with n.
        """
        n = min(self.takes, len(lengths))
        per_token = self.base + self.load * n
        return (sum(lengths) * per_token + len(lengths) * (self.first + self.first_load * n)) / n


def reply_lengths(count: int, seed: int = 1) -> list[int]:
    """Tokens of each reply: 80 to 320, as question, answer and evidence take."""
    drawn = random.Random(seed)
    return [drawn.randint(80, 320) for _ in range(count)]


async def work_off(servers: Servers, simulated: list[SimulatedServer], lengths: list[int]) -> None:
    """Ask for every reply through the pacing under test, as llm.Endpoint does; a refused one is asked again."""

    async def one(tokens: int) -> None:
        turn = await servers.turn()
        while not await simulated[turn.server].answer(tokens):
            seconds = simulated[turn.server].retry_after
            servers.failed(turn, "overload", seconds)
            await asyncio.sleep(seconds)
            turn = await servers.turn(again=True)
        servers.replied(turn, tokens)

    await asyncio.gather(*(one(tokens) for tokens in lengths))
