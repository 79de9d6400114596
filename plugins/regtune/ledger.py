"""What the requests of one stage cost.

In: replies as they come, and what the journal has of earlier processes of the same run. Out: the manifest's counts.
"""

import time
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from regtune.replies import Reply, journalled


@dataclass
class Ledger:
    """What the requests of one stage cost; `as_counts` goes into its manifest."""

    run: str = ""
    """On whose account they are. Where it is given, all that the journal has on it counts, so that a run that was
    killed and started again says what it cost as a whole."""
    calls: int = 0
    cached_calls: int = 0
    """Answered on another account before."""
    failed_calls: int = 0
    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    """Reason -> how often a request was sent again for it."""
    earlier_tokens: int = 0
    """Of completion_tokens, those of earlier processes."""
    _began: float = field(default_factory=time.time)
    _known: set[bytes] = field(default_factory=set)
    _times: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, reply: Reply, noted: Mapping[str, Any]) -> None:
        """Count one reply.

        Args:
            reply: as it is returned.
            noted: what the journal says beside it: `run`, `at` (seconds since 1970) and `retries`.
        """
        if not reply.cached:
            self._count(reply, noted)
        elif not self.run or noted.get("run") != self.run:
            self.cached_calls += 1

    def recall(self, entry: Mapping[str, Any]) -> None:
        """Count what the journal has on the account of this run, whoever wrote it."""
        of_run = self.run and entry.get("run") == self.run and {"at", "retries"} <= entry.keys()
        if of_run and (reply := journalled(entry["key"], entry)) is not None:
            self._count(reply, entry)

    def _count(self, reply: Reply, noted: Mapping[str, Any]) -> None:
        if self.run:
            key = bytes.fromhex(reply.request_sha256)
            if key in self._known:  # it was returned, and read in the journal
                return
            self._known.add(key)
        self.calls += 1
        self.failed_calls += reply.finish_reason == "error"
        self.prompt_tokens += reply.prompt_tokens
        self.cached_prompt_tokens += reply.cached_prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.retries.update(noted["retries"])
        self._times.extend((noted["at"] - reply.seconds, noted["at"]))
        if noted["at"] < self._began:
            self.earlier_tokens += reply.completion_tokens

    def seconds(self) -> float:
        """Seconds in which at least one answered request was under way, over all processes of the run."""
        total = until = 0.0
        for start, end in sorted(zip(self._times[::2], self._times[1::2], strict=True)):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total

    def at_once(self) -> float:
        """Requests under way on average, in the seconds in which one was: how full the endpoint was kept."""
        return (sum(self._times[1::2]) - sum(self._times[::2])) / max(self.seconds(), 1e-9)

    def as_counts(self) -> dict[str, int]:
        """Return the manifest's `tokens`; retries as `retries_<reason>`."""
        counts = {name: value for name, value in vars(self).items() if name.endswith(("calls", "prompt_tokens"))}
        counts["completion_tokens"] = self.completion_tokens
        return counts | {f"retries_{reason}": count for reason, count in sorted(self.retries.items())}
