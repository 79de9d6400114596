"""Every expected failure, with the exit code a shell sees.

Exit codes: 0 done, 1 a bug, 2 configuration, 3 refused by the gate, 4 a prerequisite is missing.
A message says what was found, where, and what to do; it is one line and is printed without a traceback.
"""


class RegtuneError(Exception):
    """An expected failure. Subclasses set `exit_code`."""

    exit_code = 1


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


class QuotaShortError(PrerequisiteMissingError):
    """The endpoint's replies did not fill a quota of question-answer pairs."""
