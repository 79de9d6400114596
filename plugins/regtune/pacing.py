"""Who sends when: the servers of an endpoint side by side, each as much at a time as its pace says.

In: requests that want to be sent, and what became of each. Out: a turn to send, at the server with the most room.
"""

import asyncio
import math
from collections import deque
from collections.abc import Sequence

from regtune.pace import Cause, Pace, Turn


class Servers:
    """The servers of one endpoint, used side by side by load, within one event loop."""

    def __init__(self, paces: Sequence[Pace]) -> None:
        """Take one pace a server."""
        self.paces = list(paces)
        self._queue: deque[asyncio.Future[Turn]] = deque()
        self._next_look = math.inf

    @property
    def limit(self) -> int:
        """Requests that are sent at a time at present, over all servers."""
        return sum(pace.limit for pace in self.paces)

    async def turn(self) -> Turn:
        """Wait for room at a server; first come, first served."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Turn] = loop.create_future()
        self._queue.append(waiter)
        self._admit()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.withdrawn(waiter.result())
            raise

    def replied(self, turn: Turn, tokens: int) -> None:
        """Give a turn back with a reply of so many completion tokens."""
        self.paces[turn.server].replied(turn, tokens, asyncio.get_running_loop().time())
        self._admit()

    def failed(self, turn: Turn, cause: Cause, pause_seconds: float) -> None:
        """Give a turn back without a reply; see Pace.failed."""
        loop = asyncio.get_running_loop()
        self.paces[turn.server].failed(turn, cause, loop.time(), pause_seconds)
        if pause_seconds:
            loop.call_later(pause_seconds + 1e-3, self._admit)
        self._admit()

    def withdrawn(self, turn: Turn) -> None:
        """Give a turn back unused, when the request was cancelled."""
        self.paces[turn.server].in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._queue:
            if self._queue[0].done():  # cancelled while it waited
                self._queue.popleft()
                continue
            free = [i for i, pace in enumerate(self.paces) if pace.in_flight < pace.limit and pace.paused_until <= now]
            if not free and self._widened(now):
                continue
            if not free:
                return
            server = min(free, key=lambda i: (self.paces[i].in_flight / self.paces[i].limit, i))
            self._queue.popleft().set_result(self.paces[server].send(server, now))

    def _widened(self, now: float) -> bool:
        """Double the limits that are due; where none is, look again when the next one will be."""
        before = self.limit
        due = [at for pace in self.paces if (at := pace.ramp(now)) is not None]
        if self.limit > before:
            return True
        if due and min(due) < self._next_look:
            self._next_look = min(due)
            asyncio.get_running_loop().call_at(self._next_look + 1e-3, self._look)
        return False

    def _look(self) -> None:
        self._next_look = math.inf
        self._admit()
