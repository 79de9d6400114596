"""One run at a time on the GPU hosts, whatever started the runs.

In: the states of the DAG's tasks over all runs. Out: the run that goes first, if another one does. max_active_runs is
not enough for it: a backfill counts its runs apart from the others and starts ten at once unless it is told otherwise.
Runs follow one another in the order of their ids, which begin with their kind and go on with their date.
"""

from collections.abc import Callable, Mapping

_FIRST, *_LAST = TURN_TASKS = ("open_run", "stop", "publish")
"""The task with which a run takes its turn, and those that have all ended when it gives it back."""
_OVER = {"success", "failed", "skipped", "upstream_failed", "removed"}
_WAITING = {"scheduled", "queued", "running", "up_for_reschedule", "up_for_retry"}


def run_before(
    run_id: str, states: Mapping[str, Mapping[str, str | None]], is_running: Callable[[str], bool]
) -> str | None:
    """Return the id of the run that this one has to wait for, None when it is its turn.

    Args:
        run_id: of the run that asks.
        states: by run and task, for `TURN_TASKS`.
        is_running: whether a run is in state running; asked of few, for a run that was ended may leave tasks unstarted.
    """
    others = sorted(other for other in states if other != run_id)
    holding = [run for run in others if states[run].get(_FIRST) == "success" and not _is_over(states[run])]
    earlier = [run for run in others if states[run].get(_FIRST) in _WAITING and run < run_id]
    return next((run for run in [*holding, *earlier] if is_running(run)), None)


def _is_over(states: Mapping[str, str | None]) -> bool:
    return all(states.get(task) in _OVER for task in _LAST)
