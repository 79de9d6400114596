"""How many requests one server gets at a time: as many as it turns into throughput, found while it works.

In: what each request brought (tokens, a refusal). Out: the limit. It starts low and doubles every quarter of a second,
while nothing is refused and no reply has told the throughput, and then from round to round while the tokens delivered
a second grow, as BBR starts up (Cardwell et al., BBR: Congestion-Based Congestion Control, ACM Queue 14(5), 2016).
Where replies then take much longer than the fastest one, the others wait in the server's queue: the limit comes down
to what is served at a time (Little's law), if the rate stays. A larger limit is tried now and then. What the server
refuses or lets wait too long, and a rate that falls under rising latency, take a share off it, which is won back step
by step (AIMD, Chiu and Jain 1989). Latency alone says little: a larger batch makes each reply slower and all of them
faster.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

_RAMP_SECONDS = 0.25
"""A server that refuses does so within this time."""
_GROWN = 1.05
"""A rate this many times another is higher; less is noise."""
_AS_GOOD = 0.97
_STALLED_ROUNDS = 2
_SMALLEST_ROUND = 4
_PROBE = 1.25
_ROOM = 1.25
_NARROWER = 0.75
_ROUNDS_TO_PROBE = 6
_AFTER_REFUSAL = 0.85
_AFTER_TIMEOUT = 0.5
_SLOWED = 0.8
_LATENCY_RISEN = 1.5
_STEPS_TO_WIN_BACK = 16

Cause = Literal["request", "overload", "slow", "gone"]
"""Why a request failed: by its own fault, because the server refused it for having too much to do, because no reply
came in time, because there is no server."""


@dataclass(frozen=True)
class Turn:
    """Leave to send one request."""

    server: int
    sent_at: float


@dataclass
class Pace:
    """The limit of one server. With `start` equal to `most` it never moves."""

    start: int
    most: int
    limit: int = 0
    in_flight: int = 0
    paused_until: float = 0.0
    failures: int = 0
    """In a row; a reply ends the row."""
    _doubles_at: float | None = None
    """When the limit doubles though no reply came; None: it does not."""
    _eased_at: float = -math.inf
    _round_began: float = 0.0
    _round_size: int = 0
    _tokens: int = 0
    _latencies: list[float] = field(default_factory=list)
    _was_full: bool = False
    _starting: bool = True
    _rates: list[tuple[int, float]] = field(default_factory=list)
    """(limit at its beginning, rate) of each round of the start."""
    _stalled: int = 0
    _ceiling: int = 0
    """Where the server refused or was best: the limit climbs back to it, and beyond it only by a probe."""
    _reference: tuple[float, float] | None = None
    """(rate, latency) at the ceiling."""
    _probing: bool = False
    _narrowing: bool = False
    """What the server seems to serve at a time is being tried."""
    _unsettled: int = 0
    """So many replies to what was sent since the limit changed are still to come before a rate means anything."""
    _changed_at: float = 0.0
    _fastest: float = math.inf
    """Seconds a token of the fastest reply of the start."""
    _quiet_rounds: int = 0
    _rounds_to_probe: int = _ROUNDS_TO_PROBE

    def __post_init__(self) -> None:
        """Begin at the start."""
        self.limit = min(self.start, self.most)
        self._round_size = max(self.limit, _SMALLEST_ROUND)

    def send(self, server: int, now: float) -> Turn:
        """Count a request that is being sent."""
        if self.in_flight == 0:
            self._begin_round(now)
        self.in_flight += 1
        self._was_full = self._was_full or self.in_flight >= self.limit
        if self._starting and self._doubles_at is None and not self._rates and self.in_flight >= self.limit < self.most:
            self._doubles_at = now + _RAMP_SECONDS
        return Turn(server, now)

    def ramp(self, now: float) -> float | None:
        """Double the limit when it is time to; returns when the next time is, None while no reply is waited for so."""
        if self._doubles_at is not None and now >= self._doubles_at:
            self.limit = min(2 * self.limit, self.most)
            self._doubles_at = None  # set again when the new limit is reached
            self._begin_round(now)
        return self._doubles_at

    def replied(self, turn: Turn, tokens: int, now: float) -> None:
        """Learn from a reply; a round ends when as many have come as were under way at its beginning."""
        self.in_flight -= 1
        self.failures = 0
        if self.start >= self.most:
            return
        if self._unsettled:
            self._unsettled -= turn.sent_at >= self._changed_at
            self._begin_round(now)
            return
        self._tokens += tokens
        self._latencies.append(now - turn.sent_at)
        if self._starting and tokens:
            self._fastest = min(self._fastest, (now - turn.sent_at) / tokens)
        if self._starting and self._was_full:
            self.limit = min(self.limit + 1, self.most)  # one more for each reply doubles it in a round
        if len(self._latencies) >= self._round_size:
            if self._was_full:  # else there was too little to ask for, and the rate says nothing about the limit
                rate = self._tokens / max(now - self._round_began, 1e-9)
                self._learn(rate, sorted(self._latencies)[len(self._latencies) // 2], now)
            self._begin_round(now)

    def failed(self, turn: Turn, cause: Cause, now: float, pause_seconds: float) -> None:
        """Learn from a request that brought no reply.

        Args:
            turn: of the request.
            cause: see Cause.
            now: on the event loop's clock.
            pause_seconds: the server gets nothing for so long.
        """
        self.in_flight -= 1
        if cause == "request" or turn.sent_at <= self._eased_at:
            return  # the second: sent before the server's trouble was known, which the first failure has told
        self.failures += 1
        self.paused_until = max(self.paused_until, now + pause_seconds)
        self._eased_at, self._doubles_at = now, None
        if self.start < self.most and cause == "gone":
            self.limit, self._starting, self._stalled = self.start, True, 0  # what it takes when it is back is unknown
            self._probing = self._narrowing = False
            self._unsettled, self._fastest = 0, math.inf
            self._rates.clear()
        elif (
            self.start < self.most and cause == "slow"
        ):  # what is still under way is no measure: it may wait in vain too
            self._ease_off(self.limit, _AFTER_TIMEOUT)
            self._ceiling = self.limit
        elif self.start < self.most:
            self._ease_off(max(1, self.limit // 2, self.in_flight), _AFTER_REFUSAL)
        self._begin_round(now)

    def _ease_off(self, ceiling: int, share: float) -> None:
        if self._probing:
            self._rounds_to_probe *= 2
        self._starting = self._probing = self._narrowing = False
        self._unsettled = 0
        self._reference, self._quiet_rounds = None, 0
        self._ceiling = ceiling
        self.limit = max(1, int(ceiling * share))

    def _begin_round(self, now: float) -> None:
        self._round_began, self._tokens, self._was_full = now, 0, self.in_flight >= self.limit
        self._latencies.clear()
        self._round_size = max(self.limit, _SMALLEST_ROUND)

    def _learn(self, rate: float, latency: float, now: float) -> None:
        if self._starting:
            self._start_up(rate, latency, now)
        elif self._narrowing:
            self._judge_narrower(rate, latency, now)
        elif self._probing:
            self._judge_probe(rate, latency, now)
        elif self._reference and rate < _SLOWED * self._reference[0] and latency > _LATENCY_RISEN * self._reference[1]:
            self._ease_off(self.limit, _SLOWED)
        elif self.limit < self._ceiling:
            self.limit = min(self._ceiling, self.limit + max(1, self.limit // _STEPS_TO_WIN_BACK))
        else:
            before = self._reference or (rate, latency)
            self._reference = (0.7 * before[0] + 0.3 * rate, 0.7 * before[1] + 0.3 * latency)
            self._quiet_rounds += 1
            if self._quiet_rounds >= self._rounds_to_probe and self.limit < self.most:
                self._probing, self._quiet_rounds = True, 0
                self._try(min(self.most, math.ceil(self.limit * _PROBE)), now)

    def _try(self, limit: int, now: float) -> None:
        self.limit = self._unsettled = limit
        self._changed_at = now

    def _start_up(self, rate: float, latency: float, now: float) -> None:
        best = max((earlier for _, earlier in self._rates), default=0.0)
        self._stalled = 0 if rate > _GROWN * best else self._stalled + 1
        self._rates.append((self._round_size, rate))
        if self._stalled < _STALLED_ROUNDS:
            return
        best = max(earlier for _, earlier in self._rates)
        self._starting = False
        self.limit = self._ceiling = min(limit for limit, earlier in self._rates if earlier >= _AS_GOOD * best)
        served = math.ceil(_ROOM * best * self._fastest)
        if served <= _NARROWER * self._ceiling:
            self._reference, self._narrowing = (best, latency), True
            self._try(max(served, self.start), now)

    def _judge_narrower(self, rate: float, latency: float, now: float) -> None:
        assert self._reference is not None
        self._narrowing = False
        if rate >= _AS_GOOD * self._reference[0]:
            self._ceiling, self._reference = self.limit, (rate, latency)
        else:
            self._try(self._ceiling, now)

    def _judge_probe(self, rate: float, latency: float, now: float) -> None:
        self._probing = False
        if self._reference is not None and rate > _GROWN * self._reference[0]:
            self._ceiling, self._reference, self._rounds_to_probe = self.limit, (rate, latency), _ROUNDS_TO_PROBE
        else:
            self._try(self._ceiling, now)
            self._rounds_to_probe *= 2
