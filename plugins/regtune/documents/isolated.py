"""Work on each of several files in a process of its own, as many at a time as there are workers.

In: a function and its arguments, one for each file. Out: results or one-line failures, and on the way how far each is.
A file on which a library crashes or never returns costs that file only: its process ends, or is ended at the limit.
"""

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from regtune.errors import PrerequisiteMissingError

Argument = TypeVar("Argument")
Result = TypeVar("Result")
Tell = Callable[[int, int], None]
"""Takes how many units of a piece of work are done, and of how many."""
_TOLD_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Told:
    """How far a piece of work is."""

    done: int
    total: int


@dataclass(frozen=True)
class Failure:
    """Why there is no result, as one line for a person."""

    message: str


@dataclass
class _Job:
    index: int
    process: BaseProcess
    connection: Connection
    deadline: float


def worker_count(wanted: int, jobs: int) -> int:
    """`wanted`, or for 0 the cores that this process may use; never more than there are jobs."""
    return max(1, min(wanted or len(os.sched_getaffinity(0)), jobs))


def run_isolated(
    work: Callable[[Argument, Tell], Result], arguments: Sequence[Argument], workers: int, seconds: float
) -> Iterator[tuple[int, Result | Failure | Told]]:
    """Yield index and result of each argument as soon as it is there, and before that how far it is.

    Raises:
        RuntimeError: with the child's traceback, when `work` raised anything but an expected failure.
    """
    context = multiprocessing.get_context("fork")  # the children have the imports of this process at once
    waiting = list(enumerate(arguments))[::-1]
    running: list[_Job] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                index, argument = waiting.pop()
                receiving, sending = context.Pipe(duplex=False)
                process = context.Process(target=_child, args=(work, argument, sending))
                process.start()
                sending.close()
                running.append(_Job(index, process, receiving, time.monotonic() + seconds))
            patience = min(job.deadline for job in running) - time.monotonic()
            ready = wait([job.connection for job in running], timeout=max(0.0, patience))
            for job in [job for job in running if job.connection in ready or job.deadline <= time.monotonic()]:
                late = job.deadline <= time.monotonic()
                result = _received(job, seconds, timely=job.connection in ready)
                if isinstance(result, Told) and late:
                    result = _received(job, seconds, timely=False)
                if not isinstance(result, Told):
                    running.remove(job)
                yield job.index, result
    finally:
        for job in running:
            job.process.kill()
            job.process.join()


def _child(work: Callable[[Argument, Tell], Result], argument: Argument, connection: Connection) -> None:
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _TOLD_EVERY_SECONDS:
            last = time.monotonic()
            connection.send(Told(done, total))

    try:
        connection.send(work(argument, tell))
    except PrerequisiteMissingError as error:
        connection.send(Failure(str(error)))
    except Exception:  # noqa: BLE001 - a bug: its traceback is raised in the parent
        connection.send(RuntimeError(traceback.format_exc()))


def _received(job: _Job, seconds: float, *, timely: bool) -> Any:  # noqa: ANN401 - what `work` returned, or why not
    if not timely:
        job.process.kill()
        job.process.join()
        return Failure(f"not read within {seconds:.0f} s; print it to PDF anew, or raise parse.timeout_seconds.")
    try:
        result = job.connection.recv()
    except EOFError:
        job.process.join()
        return Failure(f"its reader crashed (exit {job.process.exitcode}); print it to PDF anew.")
    if isinstance(result, Told):
        return result
    job.process.join()
    if isinstance(result, RuntimeError):
        raise result
    return result
