"""Files are read in processes of their own: one that crashes or hangs costs itself only."""

import os
import signal
import time

import pytest

from regtune.documents.isolated import Failure, Tell, Told, run_isolated, worker_count
from regtune.errors import UnusableInputError


def _work(kind: str, tell: Tell) -> str:
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "hang":
        time.sleep(60)
    if kind == "refuse":
        raise UnusableInputError("a.pdf: encrypted.")
    if kind == "long":
        time.sleep(1.1)
        tell(500, 1000)
    if kind == "bug":
        raise KeyError("a bug")
    return kind


def test_each_ends_in_a_result_or_one_line() -> None:
    """A crash, a hang and a refusal are told for their own file; the others have their results."""
    kinds = ["first", "crash", "hang", "refuse", "last"]
    found = dict(run_isolated(_work, kinds, 2, 1.0))
    assert [found[0], found[4]] == ["first", "last"]
    failures = [found[i].message for i in (1, 2, 3) if isinstance(found[i], Failure)]
    assert "crashed (exit -9)" in failures[0]
    assert "not read within 1 s" in failures[1]
    assert failures[2] == "a.pdf: encrypted."


def test_long_work_says_how_far_it_is() -> None:
    """A file of many pages is told about before it is done."""
    assert list(run_isolated(_work, ["long"], 1, 10.0)) == [(0, Told(500, 1000)), (0, "long")]


def test_a_bug_keeps_its_traceback() -> None:
    """What is no expected failure is raised with the traceback of the child."""
    with pytest.raises(RuntimeError, match="KeyError: 'a bug'"):
        list(run_isolated(_work, ["bug"], 1, 10.0))


def test_workers() -> None:
    """0 means the cores of this process, and no worker is without a file."""
    assert worker_count(0, 100) == len(os.sched_getaffinity(0))
    assert (worker_count(8, 3), worker_count(2, 3)) == (3, 2)
