"""How many requests one server gets at a time: as many as it turns into throughput, found while it works.

In: what each request brought (tokens, a refusal). Out: the limit. It starts low, grows with each reply, and from round
to round while the tokens delivered a second grow, as BBR starts up (Cardwell et al., BBR: Congestion-Based Congestion
Control, ACM Queue 14(5), 2016). Where replies then take much longer than the fastest one, the others wait in the
server's queue: the limit comes down to what is served at a time (Little's law), if the rate stays. A larger limit is
tried now and then. A refusal brings it down at once to what the server has under way; what the server lets wait too
long, and a rate that falls under rising latency, take a share off it, which is won back step by step (AIMD, Chiu and
Jain 1989). Latency alone says little: a larger batch makes each reply slower and all of them faster.
"""

import math
from dataclasses import dataclass, field

from regtune.pace_facts import Cause, Round, Turn

_GAIN = 16
"""At the start, how much each reply adds to the limit."""
_GROWN = 1.05
"""A rate this many times another is higher; less is noise."""
_AS_GOOD = 0.97
_STALLED_ROUNDS = 2
_SMALLEST_ROUND = 4
_TRIAL_ROUND = 128
"""Replies differ in length by a third: the rate of fewer is too rough to judge a few percent by."""
_PROBE = 1.25
_ROOM = 1.25
_NARROWER = 0.75
_ROUNDS_TO_PROBE = 6
_MOST_WAITING = 8
"""Times what is served at a time; the limit of a start goes no further."""
_PROBE_AFTER_REFUSAL = 1.05
_LEAST_AFTER_REFUSAL = 0.25
_DOWN = 4
"""So many failures in a row, each of what was sent after the one before, are no accident."""
_AFTER_TIMEOUT = 0.5
_SLOWED = 0.8
_LATENCY_RISEN = 1.5
_STEPS_TO_WIN_BACK = 16


@dataclass
class Pace:
    """The limit of one server."""

    start: int
    most: int
    limit: int = 0
    in_flight: int = 0
    paused_until: float = 0.0
    failures: int = 0
    """In a row; a reply ends the row."""
    _least: int = 1
    """The limit comes down to no less while the refusals are of one episode."""
    _grows_from: float = -math.inf
    """The limit does not grow before, since the server asked to be left alone until then."""
    _probe: float = _PROBE
    _sent: int = 0
    _known_up_to: int = 0
    """Number of the last request that was sent before the server's last trouble was known."""
    _round: Round = field(default_factory=lambda: Round(_SMALLEST_ROUND))
    _starting: bool = True
    _rates: list[tuple[int, float]] = field(default_factory=list)
    """(limit at its end, rate) of each round of the start."""
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
        self.limit = self._ceiling = min(self.start, self.most)
        self._starting = self.start < self.most
        self._round.size = max(self.limit, _SMALLEST_ROUND)

    @property
    def room(self) -> int:
        """Requests that may be sent now: of a server that has failed again and again, one at a time tells enough."""
        return (1 if self.failures >= _DOWN else self.limit) - self.in_flight

    def send(self, server: int, now: float) -> Turn:
        """Count a request that is being sent."""
        if self.in_flight == 0:
            self._begin_round(now)
        self.in_flight += 1
        self._round.was_full = self._round.was_full or self.in_flight >= self.limit
        self._sent += 1
        return Turn(server, now, self._sent)

    def replied(self, turn: Turn, tokens: int, now: float) -> None:
        """Learn from a reply; a round ends when as many have come as were under way at its beginning."""
        self.in_flight -= 1
        self.failures = 0
        if self._unsettled:
            self._unsettled -= turn.sent_at >= self._changed_at
            self._begin_round(now)
            return
        has_ended = self._round.add(tokens, now - turn.sent_at)
        if self._starting and tokens:
            self._fastest = min(self._fastest, (now - turn.sent_at) / tokens)
        if self._starting and self._round.was_full:
            self.limit = max(self.limit, min(self.limit + _GAIN, self._useful(), self.most))
        if has_ended:
            if self._round.was_full:
                self._learn(self._round.rate(now), self._round.latency(), now)
            self._begin_round(now)

    def _useful(self) -> int:
        """What can be worth a try: some times as many as are served at a time by Little's law; the others wait."""
        rate = max((earlier for _, earlier in self._rates), default=0.0)
        return math.ceil(_MOST_WAITING * rate * self._fastest) if rate else _MOST_WAITING * self.start

    def failed(self, turn: Turn, cause: Cause, now: float, pause_seconds: float) -> None:
        """Learn from a request that brought no reply.

        Args:
            turn: of the request.
            cause: see Cause.
            now: on the event loop's clock.
            pause_seconds: so long the limit does not grow after a refusal; after other failures, and where nothing is
                under way, the server gets nothing for so long.
        """
        self.in_flight -= 1
        if cause == "request":
            return
        known = turn.number <= self._known_up_to  # it was sent before the trouble was known, which another has told
        if not known:
            self.failures += 1
            self._known_up_to = self._sent
        if cause == "overload":
            self._refused(now, pause_seconds, known=known)
        elif not known:
            self._pause(now + pause_seconds)
            self._settle_for_less(cause, now)

    def _refused(self, now: float, pause_seconds: float, *, known: bool) -> None:
        """Come down to what the server has under way, for that it takes; to no less than a share in one episode."""
        if not known:
            self._least = max(1, int(self.limit * _LEAST_AFTER_REFUSAL))
            self._grows_from = max(self._grows_from, now + pause_seconds)
            self._ease_off(self.limit, 1.0)
            self._begin_round(now)
        self.limit = self._ceiling = min(self.limit, max(self._least, self.in_flight))
        self._probe, self._round.size = _PROBE_AFTER_REFUSAL, max(self.limit, _SMALLEST_ROUND)
        if not self.in_flight:  # not one was taken
            self._pause(now + pause_seconds)

    def _settle_for_less(self, cause: Cause, now: float) -> None:
        if cause == "gone":  # what it takes when it is back is unknown
            self.limit = self._ceiling = min(self.start, self.most)
            self._starting, self._stalled, self._probe = self.start < self.most, 0, _PROBE
            self._probing = self._narrowing = False
            self._unsettled, self._fastest = 0, math.inf
            self._rates.clear()
        elif cause == "slow":  # what is still under way is no measure: it may wait in vain too
            self._ease_off(self.limit, _AFTER_TIMEOUT)
            self._ceiling = self.limit
        self._begin_round(now)

    def _pause(self, until: float) -> None:
        self.paused_until = max(self.paused_until, until)

    def _ease_off(self, ceiling: int, share: float) -> None:
        if self._probing:
            self._rounds_to_probe *= 2
        self._starting = self._probing = self._narrowing = False
        self._unsettled = 0
        self._reference, self._quiet_rounds = None, 0
        self._ceiling = ceiling
        self.limit = max(1, int(ceiling * share))

    def _begin_round(self, now: float) -> None:
        size = max(self.limit, _TRIAL_ROUND if self._narrowing else _SMALLEST_ROUND)
        self._round.begin(now, size, full=self.in_flight >= self.limit)

    def _learn(self, rate: float, latency: float, now: float) -> None:
        if self._starting:
            self._start_up(rate, latency, now)
        elif self._narrowing:
            self._judge_narrower(rate, latency, now)
        elif self._probing:
            self._judge_probe(rate, latency, now)
        elif self._reference and rate < _SLOWED * self._reference[0] and latency > _LATENCY_RISEN * self._reference[1]:
            self._ease_off(self.limit, _SLOWED)
        elif now < self._grows_from:
            self._quiet_rounds = 0
        elif self.limit < self._ceiling:
            self.limit = min(self._ceiling, self.limit + max(1, self.limit // _STEPS_TO_WIN_BACK))
        else:
            before = self._reference or (rate, latency)
            self._reference = (0.7 * before[0] + 0.3 * rate, 0.7 * before[1] + 0.3 * latency)
            self._quiet_rounds += 1
            if self._quiet_rounds >= self._rounds_to_probe and self.limit < self.most:
                self._probing, self._quiet_rounds = True, 0
                self._try(min(self.most, math.ceil(self.limit * self._probe)), now)

    def _try(self, limit: int, now: float) -> None:
        self.limit = self._unsettled = limit
        self._changed_at = now

    def _start_up(self, rate: float, latency: float, now: float) -> None:
        best = max((earlier for _, earlier in self._rates), default=0.0)
        self._stalled = 0 if rate > _GROWN * best else self._stalled + 1
        self._rates.append((self.limit, rate))
        if self._stalled < _STALLED_ROUNDS:
            self.limit = min(self.limit, max(self._useful(), self.start))
            return
        best = max(earlier for _, earlier in self._rates)
        self._starting = False
        self.limit = self._ceiling = min(limit for limit, earlier in self._rates if earlier >= _AS_GOOD * best)
        served = math.ceil(_ROOM * best * self._fastest)
        if served <= _NARROWER * self._ceiling:
            self._reference, self._narrowing = (best, latency), True
            self._try(max(served, 1), now)

    def _judge_narrower(self, rate: float, latency: float, now: float) -> None:
        assert self._reference is not None
        wider = 2 * self.limit
        if rate >= _AS_GOOD * self._reference[0]:
            self._narrowing, self._ceiling, self._reference = False, self.limit, (rate, latency)
        elif wider <= _NARROWER * self._ceiling:
            self._try(wider, now)
        else:
            self._narrowing = False
            self._try(self._ceiling, now)

    def _judge_probe(self, rate: float, latency: float, now: float) -> None:
        self._probing = False
        if self._reference is not None and rate > _GROWN * self._reference[0]:
            self._ceiling, self._reference, self._rounds_to_probe = self.limit, (rate, latency), _ROUNDS_TO_PROBE
        else:
            self._try(self._ceiling, now)
            self._rounds_to_probe *= 2
