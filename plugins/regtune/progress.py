"""Progress of long work: in a terminal a bar for each part, in a log a line every few seconds.

In: units as they are done. Out: done and total (by part), rate, time left.
"""

import logging
import sys
import time
from collections import Counter
from collections.abc import Mapping

_log = logging.getLogger(__name__)
EVERY_SECONDS = 10.0
_REDRAWN_EVERY_SECONDS = 0.2
_BAR = 30


class Progress:
    """Counts one piece of work from its start to its end."""

    def __init__(self, label: str, total: int | Mapping[str, int]) -> None:
        """Start the clock for `total` units named `label`; a mapping gives the total of each part."""
        self.label = label
        self.parts = dict(total) if isinstance(total, Mapping) else {}
        self.total = sum(self.parts.values()) if isinstance(total, Mapping) else total
        self.done = 0
        self._done_by_part: Counter[str] = Counter()
        self._note = ""
        self._started = time.monotonic()
        self._last = self._started
        self._bars = sys.stderr.isatty()
        self._drawn = 0

    def advance(self, units: int = 1, note: str = "", part: str = "") -> None:
        """Count units done; tells when the last telling is old enough or the work is complete."""
        self.done += units
        self._done_by_part[part] += units
        self.tick(note)

    def tick(self, note: str = "") -> None:
        """Tell how things stand when the last telling is old enough, also while nothing gets done.

        Work of one unit is told while it lasts only: that it is done its caller says.
        """
        self._note = note or self._note
        now = time.monotonic()
        complete = self.done >= self.total
        if now - self._last < (_REDRAWN_EVERY_SECONDS if self._bars else EVERY_SECONDS) and not complete:
            return
        self._last = now
        if complete and self.total == 1 and not self._drawn:
            return
        if self._bars:
            self._draw(now, complete=complete)
        else:
            _log.info("%s: %s", self.label, self._told(now))

    def _told(self, now: float) -> str:
        elapsed = max(now - self._started, 1e-9)
        by_part = ", ".join(f"{name} {self._done_by_part[name]}/{total}" for name, total in self.parts.items())
        left = f"{(self.total - self.done) * elapsed / self.done:.0f} s left" if self.done else "time left unknown"
        words = [f"{self.done}/{self.total}", f"{self.done / elapsed:.1f}/s", left, self._note]
        return ", ".join(([f"{by_part}; {words[0]}"] if by_part else words[:1]) + [w for w in words[1:] if w])

    def _draw(self, now: float, *, complete: bool) -> None:
        """Draw the bars over the last ones."""
        rows = []
        for name, total in (self.parts or {"": self.total}).items():
            done = self._done_by_part[name] if self.parts else self.done
            filled = _BAR * done // max(total, 1)
            rows.append(f"{name:10} {'█' * filled}{'░' * (_BAR - filled)} {done}/{total}")
        rows.append(f"{self.label}: {self._told(now)}")
        up = f"\x1b[{self._drawn}F" if self._drawn else ""
        sys.stderr.write(up + "".join(f"\x1b[2K{row}\n" for row in rows))
        sys.stderr.flush()
        self._drawn = 0 if complete else len(rows)
