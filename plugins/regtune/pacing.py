"""Who sends when: the servers of an endpoint side by side, each as much at a time as its pace says.

In: requests that want to be sent, and what became of each. Out: a turn to send, at the server with the most room.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from regtune.pace import Pace
from regtune.pace_facts import Cause, Turn


class Servers:
    """The servers of one endpoint, used side by side by load, within one event loop."""

    def __init__(self, paces: Sequence[Pace]) -> None:
        """Take one pace a server."""
        self.paces = list(paces)
        self._queue: deque[asyncio.Future[Turn]] = deque()

    @property
    def limit(self) -> int:
        """Requests that are sent at a time at present, over all servers."""
        return sum(pace.limit for pace in self.paces)

    async def turn(self, *, again: bool = False) -> Turn:
        """Wait for room at a server; first come, first served, and what is sent again before what is sent first."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Turn] = loop.create_future()
        if again:
            self._queue.appendleft(waiter)
        else:
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
            free = [i for i, pace in enumerate(self.paces) if pace.room > 0 and pace.paused_until <= now]
            if not free:
                return
            server = min(free, key=lambda i: (self.paces[i].in_flight / self.paces[i].limit, i))
            self._queue.popleft().set_result(self.paces[server].send(server, now))
