"""Whether a host's clock is right: logs, deadlines and certificates rest on it.

In: another clock, by its seconds or by the Date of its answers; without one, what the kernel knows of its own. Out: a
warning where they differ. The check tasks compare with the scheduler's over SSH (orchestration/stage_files.py).
"""

import ctypes
import email.utils
import time
import urllib.error
import urllib.request

from regtune.hosts.findings import Findings

_OFF_SECONDS = 30
_TIMEOUT_SECONDS = 5
_TIMEX_BYTES = 256
"""Somewhat more than Linux's struct timex; its first field, the modes, is 0: nothing is set."""
_UNSYNCHRONISED = 5
_REMEDY = "let both keep time by NTP (timedatectl)"


def check_clock(found: Findings, scheduler_seconds: float | None) -> None:
    """Compare with the scheduler's clock, or ask the kernel whether anything keeps this one right.

    Args:
        found: gets the finding.
        scheduler_seconds: since the epoch, of the scheduler now; None when nobody told.
    """
    if scheduler_seconds is not None:
        seconds = time.time() - scheduler_seconds
        what = f"clock: this host is {seconds:+.0f} s against the scheduler"
        if abs(seconds) > _OFF_SECONDS:
            found.warn(what, _REMEDY)
        else:
            found.expect(True, what)  # noqa: FBT003 - reads as a sentence
    elif ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) == _UNSYNCHRONISED:
        found.warn("clock: nothing keeps it right", "turn NTP on (timedatectl set-ntp true), or compare it: --now")
    else:
        found.expect(True, "clock: kept by NTP")  # noqa: FBT003 - the same


def check_clock_of(found: Findings, url: str) -> None:
    """Compare with the other side's clock, by the Date of its answer; no Date, no finding."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - checked by served_models
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            stamp = response.headers.get("Date")
    except urllib.error.HTTPError as error:
        stamp = error.headers.get("Date")
    except OSError:
        return
    if not stamp:
        return
    try:
        seconds = time.time() - email.utils.parsedate_to_datetime(stamp).timestamp()
    except ValueError:
        return
    if abs(seconds) > _OFF_SECONDS:
        found.warn(f"clock: this host is {seconds:+.0f} s against {url}", _REMEDY)
