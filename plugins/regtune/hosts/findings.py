"""What was found on a host: a line in the log for each look, and what is missing, to be told together.

In: what was looked at. Out: a Findings.
"""

import logging
from dataclasses import dataclass, field

from regtune.config import HostName

_log = logging.getLogger(__name__)


@dataclass
class Findings:
    """What was looked at on one host; every look is logged."""

    host: HostName
    missing: list[str] = field(default_factory=list)
    warnings: int = 0
    looked_at: int = 0

    def expect(self, there: bool, what: str, remedy: str = "") -> None:  # noqa: FBT001 - reads as a sentence
        """Note that `what` is there, or that it is missing and what to do."""
        self.looked_at += 1
        told = what if there or not remedy else f"{what} -> {remedy}"
        _log.info("%s %s", "ok     " if there else "MISSING", told)
        if not there:
            self.missing.append(told)

    def warn(self, what: str, remedy: str) -> None:
        """Note something that blocks nothing and deserves a look."""
        self.looked_at += 1
        self.warnings += 1
        _log.warning("look at %s -> %s", what, remedy)
