"""Progress of long work as log lines: done, total, rate, time left; at most one line every few seconds."""

import logging
import time

_log = logging.getLogger(__name__)
EVERY_SECONDS = 10.0


class Progress:
    """Counts one piece of work from its start to its end."""

    def __init__(self, label: str, total: int) -> None:
        """Start the clock for `total` units named `label`."""
        self.label = label
        self.total = total
        self.done = 0
        self._started = time.monotonic()
        self._last = self._started

    def advance(self, units: int = 1, note: str = "") -> None:
        """Count units done; logs when the last line is old enough or the work is complete."""
        self.done += units
        now = time.monotonic()
        if now - self._last < EVERY_SECONDS and self.done < self.total:
            return
        self._last = now
        elapsed = max(now - self._started, 1e-9)
        left = (self.total - self.done) * elapsed / max(self.done, 1)
        tail = f", {note}" if note else ""
        _log.info(
            "%s: %d/%d, %.1f/s, %.0f s left%s", self.label, self.done, self.total, self.done / elapsed, left, tail
        )
