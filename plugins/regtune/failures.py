"""Why a request brought no reply, and what follows from it.

In: an error of the openai client. Out: a Failure: the reason by name, whose fault it is, whether the same request would
fail again, how long the server asks to be left alone.
"""

import math
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from regtune.connections import OversizedBodyError
from regtune.pace_facts import Cause

_PAYMENT_REQUIRED = 402
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_LONGEST_WAIT_SECONDS = 60.0
_GATEWAY = (502, 503, 504)
"""A server that loads its model, or what stands before a server that is gone."""


@dataclass(frozen=True)
class Failure:
    """Why a request has to be sent again, or given up."""

    reason: str
    error: Exception
    cause: Cause
    hopeless: bool = False
    """The same request would fail again."""
    retry_after: float | None = None


def failure_of(error: Exception) -> Failure:
    """Read an error of the client."""
    import openai

    if isinstance(error.__cause__, OversizedBodyError):
        error = error.__cause__  # the client takes it for a lost connection
    if isinstance(error, openai.APITimeoutError) and type(error.__cause__).__name__ != "ConnectTimeout":
        return Failure("timeout", error, cause="slow")
    if isinstance(error, openai.APIConnectionError):
        return Failure("connection", error, cause="gone")
    if not isinstance(error, openai.APIStatusError):
        return Failure("bad_body", error, cause="request")
    retry_after = _seconds(error.response.headers.get("retry-after"))
    if error.status_code == _TOO_MANY_REQUESTS:
        return Failure("rate_limit", error, cause="overload", retry_after=retry_after)
    if error.status_code < _SERVER_ERROR:
        return Failure("bad_request", error, cause="request", hopeless=True)
    gone = error.status_code in _GATEWAY
    reason = "unavailable" if gone else "server_error"
    return Failure(reason, error, cause="gone" if gone else "error", retry_after=retry_after)


def refuses_for_good(error: Exception) -> bool:
    """Whether the server would refuse every request: the key, the model, the account."""
    import openai

    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)):
        return True
    if not isinstance(error, openai.APIStatusError):
        return False
    return bool(error.status_code == _PAYMENT_REQUIRED or error.code == "insufficient_quota")


def _seconds(header: str | None) -> float | None:
    """Seconds of a Retry-After header, in either of its forms, at most a minute; None for anything else."""
    try:
        asked = float(header or "")
    except ValueError:
        try:
            asked = parsedate_to_datetime(header or "").timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return None if math.isnan(asked) else min(max(asked, 0.0), _LONGEST_WAIT_SECONDS)


def one_line(error: BaseException) -> str:
    """Return the first 300 characters of an error on one line."""
    return well_formed(f"{type(error).__name__}: {' '.join(str(error).split())}"[:300])


def well_formed(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can carry and no file can."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
