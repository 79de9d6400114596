"""Where a finished run's time went, task by task: what its stages took, and what everything around them took.

In: Airflow's REST API, the run's id and its folder in the store. Out: a table, in seconds, and the share of the run
that was spent outside stages. Columns:

    wait    from the end of the task before to the start of this one: Airflow's scheduler and executor
    start   until the DAG file is read in the worker
    send    until the job is on its way: SSH, hashes, files there
    begin   until the stage starts: the interpreter and its imports
    stage   by its manifest
    back    until the results are in the store: noticing the end, a deferral's way back, files here
    close   until Airflow has the task's end

Read off the task's log; a moment that it does not have is that of the step before. Standard library only.
"""

import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from airflow_api import AirflowApi

COLUMNS = ("wait", "start", "send", "begin", "stage", "back", "close")


@dataclass(frozen=True)
class Breakdown:
    """One run."""

    tasks: dict[str, dict[str, float]]
    """Seconds by task and column, in the order in which the tasks started."""
    wall_seconds: float
    stage_seconds: float
    """Of stages that ran side by side the longer one counts."""

    @property
    def outside(self) -> float:
        """Share of the run that no stage was at work."""
        return 1 - self.stage_seconds / self.wall_seconds


def breakdown(api: AirflowApi, run_id: str, folder: Path) -> Breakdown:
    """Read a finished run; `folder` is where the store has it."""
    run = api.run(run_id)
    begin, end = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
    tasks: dict[str, dict[str, float]] = {}
    before, busy = begin, 0.0
    for task in sorted((t for t in api.tasks(run_id) if t["start_date"]), key=lambda t: str(t["start_date"])):
        seconds = _stage_seconds(folder / f"{task['task_id']}.manifest.json", begin)
        spent = _spent(_events(api, run_id, task), task, before, seconds)
        beside = spent["wait"] < 0  # the second of the two checks runs beside the first
        tasks[task["task_id"]] = {**spent, "wait": max(spent["wait"], 0.0)}
        busy += 0.0 if beside else seconds
        before = max(before, datetime.fromisoformat(task["end_date"]))
    return Breakdown(tasks, (end - begin).total_seconds(), busy)


def table(found: Breakdown) -> str:
    """Lay it out for a terminal."""
    lines = [f"{'task':<12}" + "".join(f"{column:>8}" for column in COLUMNS)]
    for task, spent in found.tasks.items():
        lines.append(f"{task:<12}" + "".join(f"{spent[column]:8.1f}" for column in COLUMNS))
    sums = (sum(spent[column] for spent in found.tasks.values()) for column in COLUMNS)
    lines.append(f"{'sum':<12}" + "".join(f"{total:8.1f}" for total in sums))
    lines.append(f"run {found.wall_seconds:.0f} s, outside stages (scheduling, SSH, copying) {found.outside:.0%}")
    return "\n".join(lines)


def _stage_seconds(path: Path, begin: datetime) -> float:
    """What the stage took in this run: nothing, when an earlier run of the same recipe had finished it."""
    if not path.is_file():
        return 0.0
    manifest = json.loads(path.read_text(encoding="utf-8"))
    started = datetime.fromisoformat(manifest["started_at"]) + timedelta(seconds=1)  # it has whole seconds
    return float(manifest["seconds"]) if started >= begin else 0.0


def _events(api: AirflowApi, run_id: str, task: dict[str, Any]) -> list[tuple[datetime, str]]:
    path = f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id, safe='')}/taskInstances/{task['task_id']}"
    lines = api.request("GET", f"{path}/logs/{task['try_number']}?full_content=true")["content"]
    return [
        (datetime.fromisoformat(line["timestamp"]), str(line["event"]))
        for line in lines
        if isinstance(line, dict) and line.get("timestamp")
    ]


def _spent(
    events: list[tuple[datetime, str]], task: dict[str, Any], before: datetime, stage: float
) -> dict[str, float]:
    start, end = (datetime.fromisoformat(task[name]) for name in ("start_date", "end_date"))

    def moment(found: Callable[[str], bool], otherwise: datetime) -> datetime:
        """Of the last start alone: a task that came back for its turn has told of the times before in the same log."""
        return next((when for when, event in events if start <= when and found(event)), otherwise)

    read = moment(lambda event: "Worker startup parse complete" in event, start)
    sent = moment(lambda event: ".pyz " in event, read)
    stored = moment(lambda event: event.startswith("results: "), end)
    ended = moment(lambda event: f"{task['task_id']}: done in" in event, stored)
    begun = max(sent, ended - timedelta(seconds=stage))  # what an earlier try did is not in this one's log
    spans = (start - before, read - start, sent - read, begun - sent, ended - begun, stored - ended, end - stored)
    return dict(zip(COLUMNS, (span.total_seconds() for span in spans), strict=True))
