"""How an expected failure reads in Airflow: one line, and no retry where a retry cannot help.

In: an error of errors.py, or the exit code of a command. Out: an Airflow exception.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from regtune.errors import SAME_AGAIN, ConfigurationError, GateRefusedError, PrerequisiteMissingError, RegtuneError

_KILLED = 128 + 9


@dataclass(frozen=True)
class LastWords:
    """What a command said of its failure."""

    line: str
    """The one line with which it told what was wrong, else the last line of its log."""
    repeats: bool = False
    """It said that trying again changes nothing."""


def last_words_of(log: str) -> LastWords:
    """Read the end of a command's log, errors among it."""
    lines = [line for line in log.splitlines() if line.strip()]
    told = [line.strip().removeprefix("regtune: ") for line in lines if line.startswith("regtune: ")]
    return LastWords((told or lines or ["nothing was logged"])[-1].strip(), any(SAME_AGAIN in line for line in lines))


class GateRefusedFailure(AirflowFailException):
    """The gate refused the dataset; the alert tells why."""


class RepeatingFailure(AirflowFailException):
    """The command said that trying again changes nothing."""


@contextlib.contextmanager
def one_line() -> Iterator[None]:
    """Turn an expected failure into an Airflow exception without a chain of causes."""
    try:
        yield
    except RegtuneError as error:
        raise _exception(error.exit_code, str(error)) from None


def raise_for_exit_code(stage: str, exit_code: int, words: LastWords) -> None:
    """Raise unless the command ended well.

    Raises:
        AirflowFailException: exit code 2 or 3, or the command said that trying again changes nothing.
        AirflowException: any other; 4 may pass (a host, a disk), 1 is a bug with its traceback in the log.
    """
    if exit_code != 0:
        known = exit_code in {
            error.exit_code for error in (ConfigurationError, GateRefusedError, PrerequisiteMissingError)
        }
        message = words.line if known else f"{stage}: {_told(exit_code)}; last line: {words.line}"
        raise RepeatingFailure(message) if words.repeats else _exception(exit_code, message)


def _told(exit_code: int) -> str:
    """Exit codes above 128 are the shell's word for a signal."""
    if exit_code == _KILLED:
        return "killed (signal 9): by hand, or by the host when its memory ran out; see its kernel log"
    return f"ended by signal {exit_code - 128}" if exit_code > 128 else f"exit code {exit_code}"  # noqa: PLR2004


def _exception(exit_code: int, message: str) -> AirflowException:
    if exit_code == GateRefusedError.exit_code:
        return GateRefusedFailure(message)
    if exit_code == ConfigurationError.exit_code:
        return AirflowFailException(message)
    return AirflowException(message)
