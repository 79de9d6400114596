"""Every expected failure, with the exit code a shell sees.

Exit codes: 0 done, 1 a bug, 2 configuration, 3 refused by the gate, 4 a prerequisite is missing.
A message says what was found, where, and what to do; it is one line and is printed without a traceback.
"""

SAME_AGAIN = "the same input fails in the same way: trying again changes nothing"
"""A line of the log before the one that tells of a failure that `repeats`; who runs the command tries no more."""


class RegtuneError(Exception):
    """An expected failure. Subclasses set `exit_code`."""

    exit_code = 1
    repeats = False
    """Whether trying again with the same input, on whichever host, ends in the same way."""


class ConfigurationError(RegtuneError):
    """A setting, a command line, the register or run.json is wrong."""

    exit_code = 2


class GateRefusedError(RegtuneError):
    """The dataset did not meet the gate's expectations; it must not be trained on."""

    exit_code = 3


class PrerequisiteMissingError(RegtuneError):
    """Something the stage needs is not there: a package, a model, an endpoint, disk space, an earlier stage."""

    exit_code = 4


class UnusableInputError(PrerequisiteMissingError):
    """An input file is there but cannot be used: broken, encrypted, scanned, empty, or not what its name says."""

    repeats = True


class QuotaShortError(PrerequisiteMissingError):
    """The endpoint's replies, which are kept, did not fill a quota of question-answer pairs."""

    repeats = True
