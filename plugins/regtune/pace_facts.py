"""What the pace of a server learns from: requests that were sent, why they failed, rounds of replies.

In: replies as they come. Out: completion tokens a second and the middle latency, once a round has ended.
"""

from dataclasses import dataclass, field
from typing import Literal

Cause = Literal["request", "overload", "slow", "error", "gone"]
"""Why a request failed: by its own fault, because the server refused it for having too much to do, because no reply
came in time, because the server failed at it (by whose fault is not known), because there is no server."""


@dataclass(frozen=True)
class Turn:
    """Leave to send one request."""

    server: int
    sent_at: float
    number: int
    """Of the request among those that this server got."""


@dataclass
class Round:
    """Replies until as many have come as the round is to have."""

    size: int
    was_full: bool = False
    """Whether all that was allowed was under way at some moment: else there was too little to ask for, and the rate
    says nothing about the limit."""
    _began: float = 0.0
    _tokens: int = 0
    _latencies: list[float] = field(default_factory=list)

    def begin(self, now: float, size: int, *, full: bool) -> None:
        """Forget the replies of the round before."""
        self.size, self.was_full = size, full
        self._began, self._tokens = now, 0
        self._latencies.clear()

    def add(self, tokens: int, latency: float) -> bool:
        """Count a reply; True: it was the last one of the round."""
        self._tokens += tokens
        self._latencies.append(latency)
        return len(self._latencies) >= self.size

    def rate(self, now: float) -> float:
        """Completion tokens a second."""
        return self._tokens / max(now - self._began, 1e-9)

    def latency(self) -> float:
        """Seconds of the reply in the middle."""
        return sorted(self._latencies)[len(self._latencies) // 2]
